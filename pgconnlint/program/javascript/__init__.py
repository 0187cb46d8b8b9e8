"""JavaScript and TypeScript: lowering to the IR and module resolution."""

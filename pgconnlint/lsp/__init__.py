"""The language server: protocol in, protocol out. What is wrong, and how it is said, is decided elsewhere."""

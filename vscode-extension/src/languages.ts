// Which documents are told to the server. Only names: what is in them, the server knows.
import type { DocumentFilter } from "vscode-languageclient/node";

import selector from "./selector.json";

/** By language where an editor knows one, and by file name where it needs another extension for that. */
export function documents(): DocumentFilter[] {
  return [
    ...selector.languages.map((language) => ({ scheme: "file", language })),
    ...selector.languages.map((language) => ({ scheme: "untitled", language })),
    ...selector.files.map((pattern) => ({ scheme: "file", pattern })),
  ];
}

// A rule's page, as the server writes it, in the editor's own preview.
import * as vscode from "vscode";

import { ID, type Server } from "./server";

export const SCHEME = "pgconnlint-rule";

/** The text of a rule's page: `pgconnlint-rule:/PGC101.md`. */
export function pages(server: Server): vscode.TextDocumentContentProvider {
  return {
    async provideTextDocumentContent(uri) {
      const rule = uri.path.replace(/^\//, "").replace(/\.md$/, "");
      const answer = await server.running?.sendRequest<{ markdown: string }>("pgconnlint/explain", { rule });
      return answer?.markdown ?? "pgconnlint is not running.";
    },
  };
}

/** Explain `rule`; without one the finding under the cursor, else whatever is chosen of those that were found. */
export async function explain(rule: unknown): Promise<void> {
  const wanted = typeof rule === "string" ? rule : (underCursor() ?? (await chosen()));
  if (wanted) {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${wanted}.md` });
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }
}

function underCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const { active } = editor.selection;
  const found = vscode.languages.getDiagnostics(editor.document.uri).filter(ours);
  return found.filter((one) => one.range.contains(active)).map(ruleOf).find((id) => id !== undefined);
}

function chosen(): Promise<string | undefined> {
  const known = new Map<string, string>();
  for (const one of vscode.languages.getDiagnostics().flatMap(([, found]) => found).filter(ours)) {
    const id = ruleOf(one);
    if (id && !known.has(id)) {
      known.set(id, one.message.split("\n", 1)[0] ?? "");
    }
  }
  const items = [...known].sort().map(([label, detail]) => ({ label, detail }));
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick();
    pick.items = items;
    pick.matchOnDetail = true;
    pick.placeholder = "A rule that was found here, or any rule's id or name";
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.label ?? (pick.value.trim() || undefined));
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function ours(one: vscode.Diagnostic): boolean {
  return one.source === ID;
}

function ruleOf(one: vscode.Diagnostic): string | undefined {
  const code = typeof one.code === "object" ? one.code.value : one.code;
  return code === undefined ? undefined : String(code);
}

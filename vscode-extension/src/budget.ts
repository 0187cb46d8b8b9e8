// The budget of the whole workspace in a panel. The server makes the page; it is shown as it is.
import * as vscode from "vscode";

import type { Server } from "./server";

let panel: vscode.WebviewPanel | undefined;

export async function showBudget(server: Server): Promise<void> {
  const client = server.running;
  if (client === undefined) {
    void vscode.window.showWarningMessage("pgconnlint is not running.");
    return;
  }
  const { html } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "pgconnlint: adding up connections" },
    () => client.sendRequest<{ html: string }>("pgconnlint/budget", {}),
  );
  panel ??= opened();
  panel.webview.html = html;
  panel.reveal(undefined, true);
}

function opened(): vscode.WebviewPanel {
  // Scripts are the page's own sliders: its policy forbids everything that is not written in it.
  const options = { enableScripts: true, localResourceRoots: [], retainContextWhenHidden: true };
  const made = vscode.window.createWebviewPanel("pgconnlint.budget", "Connection budget", vscode.ViewColumn.Active, options);
  made.onDidDispose(() => {
    panel = undefined;
  });
  return made;
}

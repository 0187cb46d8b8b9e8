// Starts `pgconnlint lsp` and shows what it says. What is wrong with a file, and why, only the server knows.
import * as vscode from "vscode";

import { showBudget } from "./budget";
import { SCHEME, explain, pages } from "./explain";
import { onInterpreterChange } from "./python";
import { ID, Server } from "./server";
import { Status } from "./status";

/** Settings that decide which executable runs; the others are told to the server while it runs. */
const OF_THE_EXECUTABLE = ["path", "interpreter", "importStrategy"].map((name) => `${ID}.${name}`);

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("pgconnlint", { log: true });
  const trace = vscode.window.createOutputChannel("pgconnlint Trace", { log: true });
  const item = vscode.window.createStatusBarItem("pgconnlint.status", vscode.StatusBarAlignment.Right, 90);
  item.command = "pgconnlint.menu";
  const running = new Server({ output, trace }, new Status(item, new vscode.ThemeColor("statusBarItem.warningBackground")));
  server = running;
  context.subscriptions.push(
    output,
    trace,
    item,
    vscode.commands.registerCommand("pgconnlint.restart", () => running.restart()),
    vscode.commands.registerCommand("pgconnlint.showBudget", () => showBudget(running)),
    vscode.commands.registerCommand("pgconnlint.explainRule", explain),
    vscode.commands.registerCommand("pgconnlint.showOutput", () => output.show()),
    vscode.commands.registerCommand("pgconnlint.showTrace", () => trace.show()),
    vscode.commands.registerCommand("pgconnlint.fixAll", fixAll),
    vscode.commands.registerCommand("pgconnlint.menu", menu),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, pages(running)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (OF_THE_EXECUTABLE.some((name) => change.affectsConfiguration(name))) {
        await running.restart();
      }
    }),
  );
  await running.restart();
  const interpreters = await onInterpreterChange(() => void running.reconsider());
  if (interpreters) {
    context.subscriptions.push(interpreters);
  }
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function fixAll(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) {
    return;
  }
  // Asked for by hand: the editor's own command gives up when findings change while it waits.
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const offered = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    whole,
    "source.fixAll.pgconnlint",
  );
  const edit = offered.find((action) => action.edit)?.edit;
  if (edit) {
    await vscode.workspace.applyEdit(edit);
  } else {
    void vscode.window.showInformationMessage("pgconnlint has nothing here that it can correct safely.");
  }
}

async function menu(): Promise<void> {
  const actions: (vscode.QuickPickItem & { command: string })[] = [
    { label: "$(graph) Show Connection Budget", command: "pgconnlint.showBudget" },
    { label: "$(warning) Show Problems", command: "workbench.actions.view.problems" },
    { label: "$(book) Explain Rule", command: "pgconnlint.explainRule" },
    { label: "$(debug-restart) Restart Server", command: "pgconnlint.restart" },
    { label: "$(output) Show Output", command: "pgconnlint.showOutput" },
  ];
  const chosen = await vscode.window.showQuickPick(actions, { title: "pgconnlint" });
  if (chosen) {
    await vscode.commands.executeCommand(chosen.command);
  }
}

// The interpreter that the Python extension has selected for a folder. Only what is used of its interface is declared.
import * as vscode from "vscode";

const EXTENSION = "ms-python.python";

interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      environment: { readonly path: string },
    ): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function api(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<Partial<PythonApi> | undefined>(EXTENSION);
  const exported = await extension?.activate();
  return exported?.environments === undefined ? undefined : (exported as PythonApi);
}

/** Paths of the selected interpreters, one per folder at most; none where there is no Python extension. */
export async function selectedInterpreters(folders: readonly vscode.WorkspaceFolder[]): Promise<string[]> {
  const python = await api();
  const found: string[] = [];
  for (const folder of python ? folders : []) {
    const active = python?.environments.getActiveEnvironmentPath(folder.uri);
    const resolved = active && (await python?.environments.resolveEnvironment(active));
    if (resolved?.executable.uri) {
      found.push(resolved.executable.uri.fsPath);
    }
  }
  return found;
}

/** Call `changed` whenever another interpreter is selected. */
export async function onInterpreterChange(changed: () => void): Promise<vscode.Disposable | undefined> {
  return (await api())?.environments.onDidChangeActiveEnvironmentPath(changed);
}

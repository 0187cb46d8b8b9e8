// The language server: found, started, restarted, stopped. One serves all folders of a window.
import { execFile } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, State as ClientState } from "vscode-languageclient/node";

import { disk } from "./disk";
import { documents } from "./languages";
import { selectedInterpreters } from "./python";
import { type Status, understood } from "./status";
import { type Search, type Situation, type Strategy, search } from "./tool";
import { safeEnvironment } from "./trust";

export const ID = "pgconnlint";
const run = promisify(execFile);

export interface Channels {
  readonly output: vscode.LogOutputChannel;
  readonly trace: vscode.LogOutputChannel;
}

export class Server {
  private client: LanguageClient | undefined;
  private executable: string | undefined;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly channels: Channels,
    private readonly status: Status,
  ) {}

  /** The client while the server runs. */
  get running(): LanguageClient | undefined {
    return this.client?.isRunning() ? this.client : undefined;
  }

  /** Stop what runs, look for the tool again, start it. Requests that come meanwhile wait for their turn. */
  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** Restart only if the tool is now found elsewhere. */
  reconsider(): Promise<void> {
    return this.enqueue(async () => {
      const { found } = search(await situation(), disk);
      if (found?.file !== this.executable) {
        await this.end();
        await this.begin();
      }
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.end());
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(task).catch((error: unknown) => {
      this.channels.output.error(String(error));
      this.status.set("error");
    });
    return this.queue;
  }

  private async begin(): Promise<void> {
    this.status.set("starting", 0);
    const here = await situation();
    const outcome = search(here, disk);
    this.report(outcome);
    if (outcome.found === undefined) {
      this.status.set("missing");
      void offerHelp(this.channels.output);
      return;
    }
    this.executable = outcome.found.file;
    this.client = this.create(outcome.found.file, here);
    try {
      await this.logVersion(outcome.found.file, here);
      await this.client.start();
    } catch (error) {
      this.channels.output.error(`${outcome.found.file}: ${String(error)}`);
      this.status.set("error");
      await this.end();
      this.status.set("stopped");
      void offerOutput(`pgconnlint could not be started: ${outcome.found.file} lsp`, this.channels.output);
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.executable = undefined;
    if (client?.isRunning()) {
      await client.stop();
    }
    await client?.dispose().catch(() => undefined); // a client that never started has nothing to give up
  }

  private create(command: string, here: Situation): LanguageClient {
    const options = startOptions(command, here);
    const client = new LanguageClient(
      ID,
      "pgconnlint",
      { command, args: ["lsp"], options },
      {
        documentSelector: documents(),
        outputChannel: this.channels.output,
        traceOutputChannel: this.channels.trace,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: () => ({ ...vscode.workspace.getConfiguration(ID) }),
        synchronize: { configurationSection: ID },
      },
    );
    client.onNotification("pgconnlint/status", (params: unknown) => {
      const told = understood(params);
      if (told && this.client === client) {
        this.status.set(told.state, told.findings);
      }
    });
    client.onDidChangeState(({ newState }) => {
      if (this.client === client) {
        if (newState === ClientState.Stopped) {
          this.status.set("stopped", 0);
        } else if (newState === ClientState.Running) {
          this.status.started();
        }
      }
    });
    return client;
  }

  private async logVersion(command: string, here: Situation): Promise<void> {
    const { stdout } = await run(command, ["--version"], { ...startOptions(command, here), timeout: 30_000 });
    this.channels.output.info(`${stdout.trim()}: ${command}`);
  }

  private report({ found, passed }: Search): void {
    for (const place of passed) {
      const refused = place.reason === "inside an untrusted folder";
      this.channels.output[refused ? "warn" : "debug"](`not ${place.file} (${place.because}): ${place.reason}`);
    }
    if (found) {
      this.channels.output.info(`using ${found.file} (${found.because})`);
    } else {
      this.channels.output.error("no pgconnlint was found; set the log level to Debug to see where it was looked for");
    }
  }
}

async function situation(): Promise<Situation> {
  const settings = vscode.workspace.getConfiguration(ID);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const trusted = vscode.workspace.isTrusted;
  const strategy = settings.get<Strategy>("importStrategy", "fromEnvironment");
  return {
    platform: process.platform,
    home: os.homedir(),
    environment: process.env,
    trusted,
    folders: folders.filter((folder) => folder.uri.scheme === "file").map((folder) => folder.uri.fsPath),
    configured: settings.get<string[]>("path", []),
    interpreters: settings.get<string[]>("interpreter", []),
    strategy,
    selected: trusted && strategy === "fromEnvironment" ? await selectedInterpreters(folders) : [],
  };
}

/** Where and with which environment the tool is run: away from folders that are not trusted. */
function startOptions(command: string, here: Situation): { cwd: string; env: NodeJS.ProcessEnv } {
  if (here.trusted) {
    return { cwd: here.folders[0] ?? here.home, env: process.env };
  }
  const real = here.folders.flatMap((folder) => [folder, disk.real(folder)]);
  return { cwd: path.dirname(command), env: safeEnvironment(process.env, real, here.platform, disk.real) };
}

async function offerHelp(output: vscode.LogOutputChannel): Promise<void> {
  const { isTrusted } = vscode.workspace;
  const trust = "Manage Workspace Trust";
  const message = isTrusted
    ? "pgconnlint is not installed where it was looked for: `pip install 'pgconnlint[lsp]'`."
    : "No pgconnlint is installed outside of this folder, and nothing is run out of a folder that is not trusted.";
  const choices = ["How to Install", "Show Output", ...(isTrusted ? [] : [trust])];
  const chosen = await vscode.window.showWarningMessage(message, ...choices);
  if (chosen === "How to Install") {
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", "pgconnlint.pgconnlint#start");
  } else if (chosen === "Show Output") {
    output.show();
  } else if (chosen === trust) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
}

async function offerOutput(message: string, output: vscode.LogOutputChannel): Promise<void> {
  if ((await vscode.window.showErrorMessage(message, "Show Output")) !== undefined) {
    output.show();
  }
}

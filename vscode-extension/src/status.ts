// The item in the status bar: how the server stands and how many findings there are.
import type { StatusBarItem } from "vscode";

/** What the server tells: analysing, idle or error. What only the extension knows: starting, stopped, missing. */
export type State = "starting" | "analysing" | "idle" | "error" | "stopped" | "missing";

export interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly alarming: boolean;
}

const NAME = "pgconnlint";

export function shown(state: State, findings: number): Shown {
  const count = findings === 1 ? "1 finding" : `${findings} findings`;
  switch (state) {
    case "starting":
      return { text: `$(sync~spin) ${NAME}`, tooltip: `${NAME} is starting`, alarming: false };
    case "analysing":
      return { text: `$(sync~spin) ${NAME}: ${findings}`, tooltip: `${NAME} is looking; ${count} so far`, alarming: false };
    case "idle":
      return {
        text: findings === 0 ? `$(check) ${NAME}` : `$(database) ${NAME}: ${findings}`,
        tooltip: findings === 0 ? `${NAME} found nothing` : `${NAME}: ${count}`,
        alarming: false,
      };
    case "error":
      return { text: `$(error) ${NAME}`, tooltip: `${NAME} could not finish: see its output`, alarming: true };
    case "stopped":
      return { text: `$(circle-slash) ${NAME}`, tooltip: `${NAME} is not running`, alarming: true };
    case "missing":
      return { text: `$(warning) ${NAME}`, tooltip: `${NAME} is not installed where it was looked for`, alarming: true };
  }
}

/** What a notification of the server says, or undefined when it is not understood. */
export function understood(params: unknown): { state: State; findings: number } | undefined {
  if (typeof params !== "object" || params === null) {
    return undefined;
  }
  const { state, findings } = params as { state?: unknown; findings?: unknown };
  if (state !== "analysing" && state !== "idle" && state !== "error") {
    return undefined;
  }
  return { state, findings: typeof findings === "number" && findings > 0 ? Math.floor(findings) : 0 };
}

export class Status {
  private state: State = "stopped";
  private findings = 0;

  /** `background`: the colour of an alarming item; given, because its class lives in the editor only. */
  constructor(
    private readonly item: StatusBarItem,
    private readonly background: NonNullable<StatusBarItem["backgroundColor"]>,
  ) {
    item.name = NAME;
    item.show();
  }

  /** The server runs; what it has told already stands. */
  started(): void {
    if (this.state === "starting") {
      this.set("idle", 0);
    }
  }

  set(state: State, findings?: number): void {
    this.state = state;
    this.findings = findings ?? this.findings;
    const { text, tooltip, alarming } = shown(state, this.findings);
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.backgroundColor = alarming ? this.background : undefined;
    this.item.accessibilityInformation = { label: tooltip, role: "button" };
  }
}

// Where the `pgconnlint` executable is, in the order that users of Python tools expect: the setting, the environment
// of the interpreter, the workspace's virtual environment, PATH. Nothing here asks the editor or the disk itself:
// what it has to know is given, so that the order and the limits of untrusted folders are unit tests.
import * as path from "node:path";

import { isInsideAny, outsideEntries } from "./trust";

export type Strategy = "fromEnvironment" | "fromPath";

export interface Situation {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly trusted: boolean;
  /** Paths of the workspace's folders, the first one first. */
  readonly folders: readonly string[];
  /** `pgconnlint.path`, as written. */
  readonly configured: readonly string[];
  /** `pgconnlint.interpreter`, as written. */
  readonly interpreters: readonly string[];
  readonly strategy: Strategy;
  /** The interpreters that the Python extension has selected, one per folder at most. */
  readonly selected: readonly string[];
}

export interface Disk {
  isExecutable(file: string): boolean;
  /** The path with links followed; the path itself where there is nothing. */
  real(file: string): string;
  /** The program named in a script's first line, or undefined. */
  shebang(file: string): string | undefined;
}

export interface Place {
  readonly file: string;
  /** Where it was looked for, in words for the log. */
  readonly because: string;
}

export interface Search {
  readonly found?: Place;
  /** Places before `found` in the order they were tried, with what was wrong with each. */
  readonly passed: readonly (Place & { readonly reason: "nothing there" | "inside an untrusted folder" })[];
}

/** Look through every place; the first executable that may be run is the tool. */
export function search(situation: Situation, disk: Disk): Search {
  const passed: { file: string; because: string; reason: "nothing there" | "inside an untrusted folder" }[] = [];
  for (const place of places(situation, disk)) {
    if (!disk.isExecutable(place.file)) {
      passed.push({ ...place, reason: "nothing there" });
    } else if (!situation.trusted && leadsInside(place.file, situation, disk)) {
      passed.push({ ...place, reason: "inside an untrusted folder" });
    } else {
      return { found: place, passed };
    }
  }
  return { passed };
}

/** Every place where the tool may be, the most wanted first. */
export function places(situation: Situation, disk: Disk): Place[] {
  const known = configured(situation);
  if (situation.strategy === "fromEnvironment" && situation.trusted) {
    known.push(...ofInterpreters(situation), ...ofFolders(situation));
  }
  return [...known, ...onPath(situation, disk)];
}

function configured(situation: Situation): Place[] {
  return situation.configured
    .map((written) => expanded(written, situation))
    .filter((file) => paths(situation).isAbsolute(file))
    .map((file) => ({ file, because: "the setting `pgconnlint.path`" }));
}

function ofInterpreters(situation: Situation): Place[] {
  const written = situation.interpreters.map((one) => expanded(one, situation));
  return [
    ...written.flatMap((one) => beside(one, situation, "the setting `pgconnlint.interpreter`")),
    ...situation.selected.flatMap((one) => beside(one, situation, "the Python extension's interpreter")),
  ];
}

function ofFolders(situation: Situation): Place[] {
  const { join } = paths(situation);
  const scripts = situation.platform === "win32" ? "Scripts" : "bin";
  return situation.folders.flatMap((folder) =>
    [".venv", "venv"].map((name) => ({
      file: join(folder, name, scripts, executable(situation)),
      because: `the workspace's \`${name}\``,
    })),
  );
}

function onPath(situation: Situation, disk: Disk): Place[] {
  const { join, delimiter } = paths(situation);
  const name = Object.keys(situation.environment).find((key) => key.toUpperCase() === "PATH");
  const value = (name && situation.environment[name]) || "";
  const entries = situation.trusted
    ? value.split(delimiter).filter((entry) => paths(situation).isAbsolute(entry))
    : outsideEntries(value, situation.folders, situation.platform, disk.real);
  const found = entries.map((entry) => ({ file: join(entry, executable(situation)), because: "PATH" }));
  // An editor started from the desktop often has no shell's PATH: this is where pipx and uv put what they install.
  const local = join(situation.home, ".local", "bin", executable(situation));
  return [...found, { file: local, because: "where pipx and uv install" }];
}

/** The tool as pip installs it for an interpreter: next to it, on Windows also in `Scripts`. */
function beside(interpreter: string, situation: Situation, because: string): Place[] {
  const { dirname, join, isAbsolute } = paths(situation);
  if (!isAbsolute(interpreter)) {
    return [];
  }
  const folder = dirname(interpreter);
  const files = [join(folder, executable(situation))];
  if (situation.platform === "win32") {
    files.push(join(folder, "Scripts", executable(situation)));
  }
  return files.map((file) => ({ file, because }));
}

function leadsInside(file: string, situation: Situation, disk: Disk): boolean {
  const program = disk.shebang(file);
  const named = [file, disk.real(file), ...(program ? [program, disk.real(program)] : [])];
  const folders = situation.folders.flatMap((folder) => [folder, disk.real(folder)]);
  return named.some((one) => isInsideAny(one, folders, situation.platform));
}

/** The program that runs a script, by how the script begins; where paths are long pip goes through a shell for it. */
export function programOf(script: string): string | undefined {
  const [first = "", second = ""] = script.split(/\r?\n/, 2);
  const through = /^'{3}exec' "?([^"]+?)"? "\$0"/.exec(second)?.[1];
  return first.startsWith("#!") ? (through ?? /^#!\s*(\S+)/.exec(first)?.[1]) : undefined;
}

/** `~`, `${userHome}`, `${workspaceFolder}` and `${env:NAME}` written out, as in other settings that are paths. */
export function expanded(written: string, situation: Situation): string {
  const text = written
    .replace(/^~(?=$|[\\/])/, () => situation.home)
    .replace(/\$\{userHome\}/g, () => situation.home)
    .replace(/\$\{workspaceFolder\}/g, () => situation.folders[0] ?? "")
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => situation.environment[name] ?? "");
  return text === "" ? "" : paths(situation).normalize(text);
}

function executable(situation: Situation): string {
  return situation.platform === "win32" ? "pgconnlint.exe" : "pgconnlint";
}

function paths(situation: Situation): path.PlatformPath {
  return situation.platform === "win32" ? path.win32 : path.posix;
}

// What may be run where the user has not said that the folder is trusted: nothing that lies in it, and nothing
// that reads code out of it. Pure functions, so that each of these sentences is a unit test.
import * as path from "node:path";

/** Whether `file` is `folder` or lies below it, by name alone; resolve links first. */
export function isInside(file: string, folder: string, platform: NodeJS.Platform): boolean {
  const paths = platform === "win32" ? path.win32 : path.posix;
  const fold = (name: string): string => (platform === "linux" ? name : name.toLowerCase());
  const relative = paths.relative(fold(paths.normalize(folder)), fold(paths.normalize(file)));
  return relative === "" || (relative !== ".." && !relative.startsWith(`..${paths.sep}`) && !paths.isAbsolute(relative));
}

export function isInsideAny(file: string, folders: readonly string[], platform: NodeJS.Platform): boolean {
  return folders.some((folder) => isInside(file, folder, platform));
}

/** The entries of a search path that do not depend on, or lead into, one of the folders. */
export function outsideEntries(
  value: string,
  folders: readonly string[],
  platform: NodeJS.Platform,
  real: (path: string) => string,
): string[] {
  const paths = platform === "win32" ? path.win32 : path.posix;
  return value
    .split(paths.delimiter)
    .map((entry) => entry.replace(/^"(.*)"$/, "$1"))
    .filter((entry) => entry !== "" && paths.isAbsolute(entry))
    .filter((entry) => !isInsideAny(entry, folders, platform) && !isInsideAny(real(entry), folders, platform));
}

const SEARCH_PATHS = new Set(["PATH", "PYTHONPATH"]);

/**
 * The environment of a server that looks at untrusted folders: its search paths lead nowhere into them, and Python
 * imports nothing from where it is started.
 */
export function safeEnvironment(
  environment: NodeJS.ProcessEnv,
  folders: readonly string[],
  platform: NodeJS.Platform,
  real: (path: string) => string,
): NodeJS.ProcessEnv {
  const delimiter = platform === "win32" ? path.win32.delimiter : path.posix.delimiter;
  const kept: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(environment)) {
    const known = name.toUpperCase();
    if (value === undefined || known === "PYTHONSTARTUP" || known === "PYTHONHOME") {
      continue;
    }
    kept[name] = SEARCH_PATHS.has(known) ? outsideEntries(value, folders, platform, real).join(delimiter) : value;
  }
  return { ...kept, PYTHONSAFEPATH: "1" };
}

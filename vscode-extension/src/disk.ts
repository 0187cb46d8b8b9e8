// The disk as the search for the tool sees it.
import * as fs from "node:fs";

import type { Disk } from "./tool";

export const disk: Disk = {
  isExecutable(file) {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false; // not there, or not for us: the next place is looked at
    }
  },
  real(file) {
    try {
      return fs.realpathSync(file);
    } catch {
      return file;
    }
  },
  shebang(file) {
    const start = Buffer.alloc(512);
    const handle = fs.openSync(file, "r");
    try {
      const read = fs.readSync(handle, start, 0, start.length, 0);
      const line = start.subarray(0, read).toString("utf8").split(/\r?\n/, 1)[0] ?? "";
      return /^#!\s*(\S+)/.exec(line)?.[1];
    } finally {
      fs.closeSync(handle);
    }
  },
};

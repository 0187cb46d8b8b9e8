// The disk as the search for the tool sees it.
import * as fs from "node:fs";

import { type Disk, programOf } from "./tool";

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
    const start = Buffer.alloc(1024);
    let read = 0;
    try {
      const handle = fs.openSync(file, "r");
      read = fs.readSync(handle, start, 0, start.length, 0);
      fs.closeSync(handle);
    } catch {
      return undefined; // what cannot be read is no script that an interpreter could run
    }
    return programOf(start.subarray(0, read).toString("utf8"));
  },
};

import assert from "node:assert/strict";
import { test } from "node:test";

import { isInside, outsideEntries, safeEnvironment } from "../src/trust";

const same = (path: string): string => path;

test("a file lies inside its folder, not inside one whose name only begins alike", () => {
  assert.equal(isInside("/w/shop/.venv/bin/pgconnlint", "/w/shop", "linux"), true);
  assert.equal(isInside("/w/shop", "/w/shop", "linux"), true);
  assert.equal(isInside("/w/shop-tools/pgconnlint", "/w/shop", "linux"), false);
  assert.equal(isInside("/w/shop/../tools/pgconnlint", "/w/shop", "linux"), false);
  assert.equal(isInside("/w/..shop/pgconnlint", "/w", "linux"), true);
});

test("where the file system folds case, another spelling is the same folder", () => {
  assert.equal(isInside("/W/Shop/bin/pgconnlint", "/w/shop", "darwin"), true);
  assert.equal(isInside("/W/Shop/bin/pgconnlint", "/w/shop", "linux"), false);
  assert.equal(isInside("c:\\shop\\.venv\\Scripts\\pgconnlint.exe", "C:\\Shop", "win32"), true);
  assert.equal(isInside("D:\\tools\\pgconnlint.exe", "C:\\Shop", "win32"), false);
});

test("a search path keeps only absolute entries that do not lead into a folder", () => {
  const real = (path: string): string => (path === "/opt/link" ? "/w/shop/bin" : path);
  assert.deepEqual(
    outsideEntries("/usr/bin::.:node_modules/.bin:/w/shop/.venv/bin:/opt/link:/opt/tools", ["/w/shop"], "linux", real),
    ["/usr/bin", "/opt/tools"],
  );
  assert.deepEqual(outsideEntries('"C:\\Program Files\\x";bin;C:\\shop\\bin', ["C:\\shop"], "win32", same), [
    "C:\\Program Files\\x",
  ]);
});

test("the environment for folders without trust leads nowhere into them", () => {
  const kept = safeEnvironment(
    { PATH: "/usr/bin:/w/shop/bin", PYTHONPATH: ".:/w/shop:/lib/mine", PYTHONSTARTUP: "/w/shop/x.py", LANG: "C" },
    ["/w/shop"],
    "linux",
    same,
  );
  assert.deepEqual(kept, { PATH: "/usr/bin", PYTHONPATH: "/lib/mine", LANG: "C", PYTHONSAFEPATH: "1" });
});

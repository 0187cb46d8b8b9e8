import assert from "node:assert/strict";
import { test } from "node:test";

import { type Disk, type Situation, expanded, places, programOf, search } from "../src/tool";

const LINUX: Situation = {
  platform: "linux",
  home: "/home/ada",
  environment: { PATH: "/usr/local/bin:/usr/bin" },
  trusted: true,
  folders: ["/w/shop", "/w/billing"],
  configured: [],
  interpreters: [],
  strategy: "fromEnvironment",
  selected: [],
};

/** A disk with these executables. `links`: where a name really leads; `shebangs`: programs in first lines. */
function having(files: string[], links: Record<string, string> = {}, shebangs: Record<string, string> = {}): Disk {
  return {
    isExecutable: (file) => files.includes(file),
    real: (file) => links[file] ?? file,
    shebang: (file) => shebangs[file],
  };
}

function found(situation: Partial<Situation>, disk: Disk): string | undefined {
  return search({ ...LINUX, ...situation }, disk).found?.file;
}

test("the order: setting, interpreter, workspace, PATH, where pipx installs", () => {
  const situation: Situation = {
    ...LINUX,
    configured: ["/opt/a/pgconnlint"],
    interpreters: ["/opt/py/bin/python3"],
    selected: ["/envs/shop/bin/python"],
  };
  const order = [
    "/opt/a/pgconnlint",
    "/opt/py/bin/pgconnlint",
    "/envs/shop/bin/pgconnlint",
    "/w/shop/.venv/bin/pgconnlint",
    "/w/shop/venv/bin/pgconnlint",
    "/w/billing/.venv/bin/pgconnlint",
    "/w/billing/venv/bin/pgconnlint",
    "/usr/local/bin/pgconnlint",
    "/usr/bin/pgconnlint",
    "/home/ada/.local/bin/pgconnlint",
  ];
  assert.deepEqual(places(situation, having([])).map((place) => place.file), order);
  for (const [index, file] of order.entries()) {
    assert.equal(search(situation, having(order.slice(index))).found?.file, file);
  }
});

test("a setting that names nothing does not stop the search, and the log says so", () => {
  const { found: tool, passed } = search(
    { ...LINUX, configured: ["/gone/pgconnlint"] },
    having(["/usr/bin/pgconnlint"]),
  );
  assert.equal(tool?.because, "PATH");
  assert.deepEqual(passed[0], {
    file: "/gone/pgconnlint",
    because: "the setting `pgconnlint.path`",
    reason: "nothing there",
  });
});

test("fromPath leaves environments out", () => {
  const disk = having(["/w/shop/.venv/bin/pgconnlint", "/usr/bin/pgconnlint"]);
  assert.equal(found({ strategy: "fromEnvironment" }, disk), "/w/shop/.venv/bin/pgconnlint");
  assert.equal(found({ strategy: "fromPath" }, disk), "/usr/bin/pgconnlint");
});

test("nothing anywhere is no tool", () => {
  const { found: tool, passed } = search(LINUX, having([]));
  assert.equal(tool, undefined);
  assert.equal(passed.length, 7);
});

test("on Windows: Scripts, .exe, Path in any spelling", () => {
  const windows: Partial<Situation> = {
    platform: "win32",
    home: "C:\\Users\\ada",
    environment: { Path: "C:\\Windows;C:\\tools" },
    folders: ["C:\\shop"],
    selected: ["C:\\Python\\python.exe"],
  };
  for (const file of [
    "C:\\Python\\Scripts\\pgconnlint.exe",
    "C:\\shop\\.venv\\Scripts\\pgconnlint.exe",
    "C:\\tools\\pgconnlint.exe",
    "C:\\Users\\ada\\.local\\bin\\pgconnlint.exe",
  ]) {
    assert.equal(found(windows, having([file])), file);
  }
});

test("variables in settings are written out", () => {
  const situation = { ...LINUX, environment: { TOOLS: "/opt/tools" } };
  assert.equal(expanded("~/bin/pgconnlint", situation), "/home/ada/bin/pgconnlint");
  assert.equal(expanded("${userHome}/x", situation), "/home/ada/x");
  assert.equal(expanded("${workspaceFolder}/.venv/bin/pgconnlint", situation), "/w/shop/.venv/bin/pgconnlint");
  assert.equal(expanded("${env:TOOLS}/pgconnlint", situation), "/opt/tools/pgconnlint");
  assert.equal(expanded("${env:GONE}", situation), "");
});

test("a relative path in a setting names nothing", () => {
  assert.equal(found({ configured: ["pgconnlint", "./bin/pgconnlint", ""] }, having(["pgconnlint"])), undefined);
});

const INSIDE = ["/w/shop/.venv/bin/pgconnlint", "/w/billing/venv/bin/pgconnlint", "/w/shop/bin/pgconnlint"];

test("without trust nothing inside a folder is run, however it is named", () => {
  const untrusted: Partial<Situation> = {
    trusted: false,
    configured: ["/w/shop/bin/pgconnlint", "${workspaceFolder}/bin/pgconnlint", "/w/x/../shop/bin/pgconnlint"],
    interpreters: ["/w/shop/.venv/bin/python"],
    selected: ["/w/billing/venv/bin/python"],
    environment: { PATH: "/w/shop/bin:bin:.:/w/shop/.venv/bin" },
  };
  assert.equal(found(untrusted, having(INSIDE)), undefined);
  assert.equal(found({ ...untrusted, trusted: true }, having(INSIDE)), "/w/shop/bin/pgconnlint");
});

test("without trust a tool from outside is run", () => {
  assert.equal(found({ trusted: false }, having([...INSIDE, "/usr/bin/pgconnlint"])), "/usr/bin/pgconnlint");
  const configured = ["/opt/a/pgconnlint"];
  assert.equal(found({ trusted: false, configured }, having([...INSIDE, ...configured])), "/opt/a/pgconnlint");
});

test("without trust the interpreter's environment is not looked at, wherever it lies", () => {
  assert.equal(found({ trusted: false, selected: ["/envs/x/bin/python"] }, having(["/envs/x/bin/pgconnlint"])), undefined);
});

test("without trust a link into a folder is refused, and so is a folder that is a link itself", () => {
  const tool = "/usr/bin/pgconnlint";
  assert.equal(found({ trusted: false }, having([tool], { [tool]: "/w/shop/evil" })), undefined);
  const elsewhere = having([tool], { [tool]: "/data/shop/evil", "/w/shop": "/data/shop" });
  assert.equal(found({ trusted: false }, elsewhere), undefined);
});

test("without trust a script whose interpreter lies in a folder is refused, and the log says why", () => {
  const tool = "/home/ada/.local/bin/pgconnlint";
  const disk = having([tool], {}, { [tool]: "/w/shop/.venv/bin/python" });
  const outcome = search({ ...LINUX, trusted: false }, disk);
  assert.equal(outcome.found, undefined);
  assert.equal(outcome.passed.at(-1)?.reason, "inside an untrusted folder");
});

test("the home folder opened without trust: what pipx installed lies in it", () => {
  const tool = "/home/ada/.local/bin/pgconnlint";
  assert.equal(found({ trusted: false, folders: ["/home/ada"] }, having([tool])), undefined);
  assert.equal(found({ trusted: true, folders: ["/home/ada"] }, having([tool])), tool);
});

test("the program of a script is the one that runs it in the end", () => {
  assert.equal(programOf("#!/w/.venv/bin/python3\nimport sys"), "/w/.venv/bin/python3");
  assert.equal(programOf("#! /usr/bin/env python3\r\n"), "/usr/bin/env");
  const through = (python: string): string => ["#!/bin/sh", `'''exec' ${python} "$0" "$@"`, "' '''"].join("\n");
  assert.equal(programOf(through('"/w/a b/.venv/bin/python"')), "/w/a b/.venv/bin/python");
  assert.equal(programOf(through("/w/.venv/bin/python")), "/w/.venv/bin/python");
  assert.equal(programOf("\x7fELF..."), undefined);
  assert.equal(programOf(""), undefined);
});

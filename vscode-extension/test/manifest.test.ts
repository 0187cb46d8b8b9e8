import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const sources = ["extension", "server", "budget", "explain"].map((name) => readFileSync(`src/${name}.ts`, "utf8")).join();

test("every command that is offered exists, and every one that exists is offered", () => {
  const offered = manifest.contributes.commands.map((one: { command: string }) => one.command).sort();
  const made = [...sources.matchAll(/registerCommand\("([^"]+)"/g)].map((match) => match[1]).sort();
  assert.deepEqual(offered, made);
});

test("commands and settings that the walkthrough names exist", () => {
  const commands = new Set(manifest.contributes.commands.map((one: { command: string }) => one.command));
  const text = JSON.stringify(manifest.contributes.walkthroughs);
  for (const [, name] of text.matchAll(/command:(pgconnlint\.\w+)/g)) {
    assert.ok(commands.has(name), name);
  }
  for (const step of manifest.contributes.walkthroughs[0].steps) {
    assert.ok(readFileSync(step.media.markdown, "utf8").length > 0);
  }
});

test("settings that name an executable are ignored in folders without trust", () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, "limited");
  const settings = ["path", "interpreter", "importStrategy"].map((name) => `pgconnlint.${name}`);
  assert.deepEqual([...restrictedConfigurations].sort(), settings.sort());
  for (const name of settings) {
    assert.ok(name in manifest.contributes.configuration.properties, name);
  }
});

test("a document of every language that the server is told of starts it", () => {
  const { languages } = JSON.parse(readFileSync("src/selector.json", "utf8"));
  const events = manifest.activationEvents.filter((one: string) => one.startsWith("onLanguage:"));
  assert.deepEqual(events, languages.map((language: string) => `onLanguage:${language}`));
});

test("one dependency, and it is fixed", () => {
  assert.deepEqual(Object.keys(manifest.dependencies), ["vscode-languageclient"]);
  for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/);
  }
});

test("the lock file names no host", () => {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  for (const [name, one] of Object.entries<{ resolved?: string }>(lock.packages)) {
    assert.ok(one.resolved === undefined || one.resolved.startsWith("https://registry.npmjs.org/"), name);
  }
});

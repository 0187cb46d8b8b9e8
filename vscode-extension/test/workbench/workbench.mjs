// A real workbench: code-server with the packed extension installed, looked at through a headless Chromium.
//
// PGCONNLINT_WORKBENCH  folder whose node_modules holds code-server     PGCONNLINT_CHROMIUM  path of a Chromium
// PGCONNLINT_TOOL       path of the pgconnlint executable               PGCONNLINT_VSIX      the packed extension
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";

export const PATIENCE = Number(process.env.PGCONNLINT_PATIENCE ?? 60_000);
const ARTIFACTS = resolve("artifacts");
const SETTINGS = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "files.autoSave": "off",
  "editor.accessibilitySupport": "off",
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
};
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export function given(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} must be set: \`make test\` does`);
  }
  return value;
}

/** An executable that leaves its arguments in `trace`, one line for each time it is run, and then is the real tool. */
export function plant(file, trace) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "$0 $*" >> '${trace}'\nexec '${given("PGCONNLINT_TOOL")}' "$@"\n`);
  chmodSync(file, 0o755);
}

/** A workbench on a copy of `example`. `settings`: the user's; `prepare(folder)`: what else lies in the workspace. */
export async function started({ example, settings = {}, environment = {}, prepare = () => {} }) {
  const home = mkdtempSync(join(tmpdir(), "pgconnlint-workbench-"));
  const workspace = join(home, "shop");
  cpSync(resolve("..", "examples", example), workspace, { recursive: true });
  prepare(workspace);
  const user = join(home, "user", "User");
  mkdirSync(user, { recursive: true });
  writeFileSync(join(user, "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
  writeFileSync(join(home, "config.yaml"), "bind-addr: 127.0.0.1:0\nauth: none\ncert: false\n");
  const entry = join(given("PGCONNLINT_WORKBENCH"), "node_modules", "code-server", "out", "node", "entry.js");
  const command = [
    entry, "--config", join(home, "config.yaml"),
    "--user-data-dir", join(home, "user"), "--extensions-dir", join(home, "extensions"),
  ];
  const env = { ...process.env, HOME: home, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...environment };
  const options = { env, stdio: "pipe" }; // what code-server says about its missing native parts is no news
  execFileSync(process.execPath, [...command, "--install-extension", resolve(given("PGCONNLINT_VSIX"))], options);
  const server = spawn(process.execPath, [...command, "--disable-telemetry", "--disable-update-check"], options);
  const address = await listening(server);
  const browser = await chromium.launchPersistentContext(join(home, "browser"), {
    executablePath: given("PGCONNLINT_CHROMIUM"),
    headless: true,
    args: QUIET,
    viewport: { width: 1440, height: 900 },
  });
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${address}?folder=${encodeURIComponent(workspace)}`);
  await page.locator(".monaco-workbench").waitFor();
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  const stop = async () => {
    await browser.close();
    const gone = new Promise((done) => server.once("exit", done));
    server.kill("SIGTERM");
    await gone;
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { page, workspace, stop };
}

function listening(server) {
  return new Promise((done, failed) => {
    let said = "";
    const hear = (text) => {
      said += text;
      const address = /listening on (http:\/\/127\.0\.0\.1:\d+\/)/i.exec(said)?.[1];
      if (address) {
        done(address);
      }
    };
    server.stdout.setEncoding("utf8").on("data", hear);
    server.stderr.setEncoding("utf8").on("data", hear);
    server.once("exit", (code) => failed(new Error(`code-server ended with ${code}:\n${said}`)));
  });
}

/** Open a file as a person does with Ctrl+P; by its whole path, because this workbench has no file search. */
export async function open(page, path) {
  await page.keyboard.press("Control+P");
  const input = page.locator(".quick-input-widget input").first();
  await input.fill(path);
  const name = basename(path);
  await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: name }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".tabs-container .tab.active", { hasText: name }).waitFor();
}

/** Run a command by its title in the palette. */
export async function command(page, title) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").first().fill(`>${title}`);
  const rows = page.locator(".quick-input-list .monaco-list-row");
  await rows.filter({ has: page.getByText(title, { exact: true }) }).first().click();
}

export function squiggles(page) {
  return page.locator(".editor-instance .squiggly-error, .editor-instance .squiggly-warning, .editor-instance .squiggly-info");
}

export function status(page) {
  return page.locator("#pgconnlint\\.pgconnlint\\.pgconnlint\\.status");
}

export async function picture(page, name) {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}

/** A step of one story: after one has failed there is nothing to be learnt from those that follow. */
export function steps(page) {
  let broken;
  return (name, act) =>
    test(name, async (context) => {
      if (broken !== undefined) {
        return context.skip(`"${broken}" failed`);
      }
      try {
        await act();
      } catch (error) {
        broken = name;
        await picture(page(), "failed");
        throw error;
      }
    });
}

/** Ask until the answer is true; tells `what` was waited for when it never is. */
export async function until(what, ask) {
  const end = Date.now() + PATIENCE;
  while (!(await ask())) {
    if (Date.now() > end) {
      throw new Error(`waited in vain for: ${what}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

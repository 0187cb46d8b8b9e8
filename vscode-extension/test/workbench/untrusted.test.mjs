// A folder that nobody has trusted brings a `pgconnlint` of its own. It must not be run: by no setting of the folder,
// not as its virtual environment, not through PATH. Once the folder is trusted it is what people expect to be run.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before } from "node:test";

import { command, given, open as openFile, picture, plant, squiggles, started, status, steps, until } from "./workbench.mjs";

let page, workspace, stop;

const trace = () => join(workspace, "..", "was-run");
const hasTool = (folder) => existsSync(join(folder, "pgconnlint"));
const wasRun = () => (existsSync(trace()) ? readFileSync(trace(), "utf8") : "");

before(async () => {
  const prepare = (folder) => {
    plant(join(folder, ".venv", "bin", "pgconnlint"), join(folder, "..", "was-run"));
    plant(join(folder, "bin", "pgconnlint"), join(folder, "..", "was-run"));
    mkdirSync(join(folder, ".vscode"));
    const settings = { "pgconnlint.path": [join(folder, "bin", "pgconnlint")] };
    writeFileSync(join(folder, ".vscode", "settings.json"), JSON.stringify(settings));
  };
  const settings = {
    "security.workspace.trust.enabled": true,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.untrustedFiles": "open",
  };
  // On PATH: what is needed to run at all, and folders relative to wherever the tool is started.
  const tool = dirname(given("PGCONNLINT_TOOL"));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => entry !== tool && !hasTool(entry));
  const environment = { PATH: ["bin", ".", ...path].join(delimiter) };
  ({ page, workspace, stop } = await started({ example: "too-many-clients", settings, environment, prepare }));
});
after(() => stop?.());
const step = steps(() => page);
const open = (path) => openFile(page, join(workspace, path));

step("nothing out of the folder is run", async () => {
  await open("services/catalog/app/stock.py");
  await page.locator(".notifications-toasts", { hasText: "nothing is run out of a folder that is not trusted" }).waitFor();
  await until("the status to alarm", async () => (await status(page).getAttribute("class")).includes("warning-kind"));
  await command(page, "pgconnlint: Restart Server");
  await until("the second look", async () => (await status(page).getAttribute("class")).includes("warning-kind"));
  assert.equal(await squiggles(page).count(), 0);
  assert.equal(wasRun(), "");
  await picture(page, "untrusted");
});

step("how to install it is a click away", async () => {
  await page.locator(".notifications-toasts").getByRole("button", { name: "How to Install" }).first().click();
  await page.locator(".gettingStartedContainer", { hasText: "Install the tool" }).waitFor();
  const media = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await media.getByText("It is looked for in this order").waitFor();
  await picture(page, "walkthrough");
  await command(page, "View: Close Editor");
});

step("trusted, the folder's own tool is run, and finds what there is", async () => {
  await command(page, "Workspaces: Manage Workspace Trust");
  await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
  await open("services/catalog/app/stock.py");
  await squiggles(page).first().waitFor();
  assert.ok(wasRun().startsWith(join(workspace, "bin", "pgconnlint")), wasRun());
  await picture(page, "trusted");
});

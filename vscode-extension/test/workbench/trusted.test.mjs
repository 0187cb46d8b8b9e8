// What a person sees who opens the example: findings in five languages, their story, their cure, the budget.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";

import { command, open as openFile, picture, plant, squiggles, started, status, steps, until } from "./workbench.mjs";

let page, workspace, stop;

before(async () => {
  const prepare = (folder) => {
    plant(join(folder, ".venv", "bin", "pgconnlint"), join(folder, "..", "was-run"));
    mkdirSync(join(folder, ".vscode"));
    writeFileSync(join(folder, ".vscode", "settings.json"), "{}");
  };
  const settings = { "security.workspace.trust.enabled": false };
  ({ page, workspace, stop } = await started({ example: "too-many-clients", settings, prepare }));
  // This workbench misses its TypeScript server and says so over what is looked at here.
  await page.addStyleTag({ content: ".notifications-toasts { display: none !important }" });
});
after(() => stop?.());

const step = steps(() => page);
const open = (path) => openFile(page, join(workspace, path));

step("the item in the status bar counts the findings of the whole workspace", async () => {
  await open("services/catalog/app/stock.py");
  await until("a count in the status bar", async () => /pgconnlint: 1\d/.test(await status(page).innerText()));
});

for (const [language, path] of [
  ["TypeScript", "services/orders/src/transaction.ts"],
  ["Terraform", "terraform/main.tf"],
  ["YAML", "charts/orders/values.yaml"],
  ["ini", "pgbouncer/pgbouncer.ini"],
  ["Python", "services/catalog/app/stock.py"],
]) {
  step(`findings in ${language} are underlined`, async () => {
    await open(path);
    await squiggles(page).first().waitFor();
    await picture(page, `squiggles-${language.toLowerCase()}`);
  });
}

step("Problems lists them, with the rule and where the story goes", async () => {
  await command(page, "Problems: Focus on Problems View");
  const filter = page.locator(".markers-panel-action-filter input, .pane-header .viewpane-filter input, .panel .viewpane-filter input").first();
  await filter.fill("stock.py");
  const rows = page.locator(".markers-panel .monaco-list-row");
  await rows.filter({ hasText: "stock.py" }).first().waitFor();
  const texts = (await rows.allInnerTexts()).join("\n");
  assert.match(texts, /connection `connection` from `pool\.getconn\(\)` is not released/);
  assert.match(texts, /pgconnlint\s+PGC102/);
  assert.match(texts, /if this raises, the function is left without a release/);
  await picture(page, "problems");
  await command(page, "View: Hide Panel");
});

step("a hover tells what is wrong and what to do", async () => {
  await open("services/catalog/app/stock.py");
  await squiggles(page).first().waitFor();
  const box = await squiggles(page).first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2); // the squiggle itself lies below the text
  const hover = page.locator(".monaco-hover:visible", { hasText: "is not released" });
  await hover.waitFor();
  const text = await hover.innerText();
  assert.match(text, /pool\.putconn\(connection\)/);
  assert.match(text, /PGC102/);
  await picture(page, "hover");
  await page.keyboard.press("Escape");
});

step("the sum stands above the number of replicas, and leads to the budget", async () => {
  await open("charts/orders/values.yaml");
  const lens = page.locator(".codelens-decoration a", { hasText: "50 pods x 5 = 250" }).first();
  await lens.waitFor();
  await picture(page, "code-lens");
  await lens.click();
  await budgetShown();
  await command(page, "View: Close Editor");
});

step("a setting holds at once: no sums above lines", async () => {
  const settings = '{ "pgconnlint.codeLens": false }';
  await open(".vscode/settings.json");
  await page.locator(".editor-instance .view-line").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete"); // typed over it would be put around it
  await page.keyboard.insertText(settings);
  await page.keyboard.press("Control+S");
  const file = join(workspace, ".vscode", "settings.json");
  await until("the setting to be saved", () => readFileSync(file, "utf8") === settings);
  await open("charts/orders/values.yaml");
  await squiggles(page).first().waitFor();
  await until("the sums to go", async () => (await page.locator(".codelens-decoration:visible").count()) === 0);
});

step("a quick fix is applied and the finding goes", async () => {
  await open("services/catalog/app/stock.py");
  await squiggles(page).first().waitFor();
  await command(page, "Go to Next Problem in Files");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row.action.focused", { hasText: "finally" }).waitFor();
  await picture(page, "quick-fix-offered");
  await page.keyboard.press("Enter");
  await until("the finding to go", async () => (await squiggles(page).count()) === 0);
  await picture(page, "quick-fix-applied");
  await page.keyboard.press("Control+S");
  const file = join(workspace, "services/catalog/app/stock.py");
  await until("the file to be saved", () => /finally:\s+pool\.putconn\(connection\)/.test(readFileSync(file, "utf8")));
});

step("undone, the finding is back; done again, it is gone", async () => {
  await page.keyboard.press("Control+Z");
  await squiggles(page).first().waitFor();
  await page.keyboard.press("Control+Y");
  await until("the finding to go", async () => (await squiggles(page).count()) === 0);
});

step("everything that is safe is fixed at once", async () => {
  await open("terraform/main.tf");
  await squiggles(page).first().waitFor();
  await command(page, "pgconnlint: Fix All That Can Be Fixed Safely in This File");
  await until("the finding to go", async () => (await squiggles(page).count()) === 0);
  await page.keyboard.press("Control+S");
  const file = join(workspace, "terraform/main.tf");
  await until("the file to be saved", () => readFileSync(file, "utf8").includes("pending-reboot"));
});

step("the connection budget opens in a panel", async () => {
  await command(page, "pgconnlint: Show Connection Budget");
  await budgetShown();
  await picture(page, "budget");
  await command(page, "View: Close Editor");
});

async function budgetShown() {
  const panel = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await panel.getByRole("heading", { name: "Connection budget" }).waitFor();
  await panel.getByText("50 pods x 5 = 250").first().waitFor();
  await panel.locator("input[type=range]").first().waitFor(); // made by the page's own script: its policy lets it run
}

step("a rule is explained", async () => {
  await open("pgbouncer/pgbouncer.ini");
  await squiggles(page).first().waitFor();
  await command(page, "pgconnlint: Explain Rule");
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  await input.fill("PGC101");
  await page.keyboard.press("Enter");
  const preview = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await preview.getByText("connection-never-released").first().waitFor();
  await picture(page, "explain");
  await command(page, "View: Close Editor");
});

step("the server is restarted", async () => {
  const starts = () => readFileSync(join(workspace, "..", "was-run"), "utf8").match(/ lsp$/gm).length;
  assert.equal(starts(), 1);
  await command(page, "pgconnlint: Restart Server");
  await until("a second server", () => starts() === 2);
  await open("services/orders/src/transaction.ts");
  await until("a count again", async () => /pgconnlint: \d/.test(await status(page).innerText()));
  await squiggles(page).first().waitFor();
});

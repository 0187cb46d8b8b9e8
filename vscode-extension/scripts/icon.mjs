// Draws media/icon.png from media/icon.svg: `node scripts/icon.mjs <path of a Chromium>`.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
await page.setContent(`<body style="margin:0">${readFileSync("media/icon.svg", "utf8")}</body>`);
await page.locator("svg").screenshot({ path: "media/icon.png", omitBackground: true });
await browser.close();

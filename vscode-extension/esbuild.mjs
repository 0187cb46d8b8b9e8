// The extension as one file with the licences of what is in it, or with --tests the unit tests as one file each.
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const tests = process.argv.includes("--tests");
const unitTests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));

const { metafile } = await build({
  entryPoints: tests ? unitTests.map((name) => `test/${name}`) : ["src/extension.ts"],
  outdir: tests ? "out" : "dist",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: !tests,
  sourcemap: tests ? "inline" : false,
  metafile: true,
  logLevel: "warning",
});

if (!tests) {
  const inputs = Object.keys(metafile.inputs).flatMap((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []);
  writeFileSync("dist/NOTICES.txt", [...new Set(inputs)].sort().map(notice).join("\n\n"));
}

function notice(name) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) {
    throw new Error(`${name} comes without the text of its licence`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}`;
}

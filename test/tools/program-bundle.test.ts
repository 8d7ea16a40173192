import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { buildSync } from "esbuild";
import * as entry from "../../components/bundle";
import { ensureBuilt } from "../../tools/build.cjs";

const repository = path.resolve(__dirname, "..", "..");

describe("dist/components.js", () => {
  before(() => ensureBuilt({ ifStale: true, only: ["components/bundle.ts"] }));

  it("has what components/bundle.ts exports, also for ECMAScript modules", () => {
    const names = Object.keys(entry).sort();
    const program =
      'import * as all from "./dist/components.js"; const { default: module, ...named } = all;' +
      "const missing = Object.keys(module).filter((name) => module[name] === undefined);" +
      'console.log(JSON.stringify([Object.keys(named).filter((n) => n !== "module.exports").sort(), missing]));';
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: repository,
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(output), [names, []]);
  });

  it("evaluates what a program takes, and nothing else", () => {
    const program =
      'const slipway = require("./dist/components.js");' +
      "const at = (name) => { void slipway[name]; return Object.keys(require.cache).some((file) => /@pulumi.pulumi.index/.test(file)); };" +
      'console.log(JSON.stringify([at("pythonVersionOf"), at("Distribution")]));';
    const output = execFileSync(process.execPath, ["-e", program], { cwd: repository, encoding: "utf8" });
    assert.deepEqual(JSON.parse(output), [false, true]);
  });

  // What a library costs, each run of each program pays.
  it("brings no library that only the provider needs", () => {
    const { metafile } = buildSync({
      absWorkingDir: repository,
      entryPoints: ["components/index.ts"],
      bundle: true,
      platform: "node",
      metafile: true,
      write: false,
      external: ["esbuild", "typescript", "@pulumi/pulumi", "@sigstore/*", "openpgp"],
      logLevel: "silent",
    });
    const [output] = Object.values(metafile.outputs);
    const libraries = Object.entries(output?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([file]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
    assert.deepEqual([...new Set(libraries)].sort(), ["@pulumi/docker-build", "semver", "zod"]);
  });
});

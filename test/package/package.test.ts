import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { version } from "../../package.json";
import { recordedAddress } from "../../lib/embedded/address";
import { ensureRunning, stop } from "../../lib/embedded/registry";
import { crane } from "../support/clients";
import { engineEnvironment, PulumiProject, repository, resourceCounts } from "../support/engine";
import { requireTools, toolPath } from "../support/tools";
import { run } from "../tools/source-process";
import { shownFields, unexportedTypes } from "./unexported-types";

/** What else of the package a program uses, and what its types refuse. */
const consumer = `
import * as pulumi from "@pulumi/pulumi";
import {
  Check,
  Distribution,
  ociRegistry,
  semverTags,
  Tags,
  type DistributionArgs,
  type ImageDeclaration,
  type SemverTagOptions,
} from "slipway";
import { checklist, composition, nextRow, type MatrixRow } from "slipway/versions";

const config = new pulumi.Config();
const row: MatrixRow = nextRow([], { Axon: "v1.0.0" }, [], {});
const args: DistributionArgs = {
  version: row.version,
  commit: config.get("commit"),
  registries: [
    ociRegistry({ host: "ghcr.io", namespace: config.get("namespace"), password: config.getSecret("password") }),
  ],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/srv", source: "content" }], user: config.get("user") } },
  tags: semverTags({ prefix: config.get("prefix") }),
  gates: (_images, options) => [new Check("works", { command: { command: ["true"] } }, options)],
};
const app = new Distribution("app", args);
const site = new Distribution("site", {
  ...args,
  downloads: {},
  binaries: { server: { command: ["make"], sources: ["main.go"] } },
  images: {
    page: { files: [{ to: "/srv", binary: "server" }] },
    derived: { dockerfile: "Dockerfile", base: "page" },
  },
  archives: { site: { binaries: ["server"] } },
});
export const digest: pulumi.Output<string> = site.images.page.digest;
export const published: pulumi.Output<string> = site.published.derived.digest;
export const list: pulumi.Output<string> = checklist(app.checks);
export const classes: [typeof composition, typeof Tags] = [composition, Tags];

const options: SemverTagOptions = { prefix: "v" };
export const copied: DistributionArgs["images"] = Object.fromEntries(
  Object.entries(args.images).map(([name, image]: [string, ImageDeclaration]) => [name, image]),
);
semverTags(options);

// @ts-expect-error: an image has a Dockerfile, which says what is in it, or files
new Distribution("mixed", { ...args, images: { app: { dockerfile: "Dockerfile", entrypoint: ["app"] } } });
// @ts-expect-error: a file has one content
new Distribution("two", { ...args, images: { app: { files: [{ to: "/a", source: "a", content: "a" }] } } });
// @ts-expect-error: a field that there is none of
ociRegistry({ host: "ghcr.io", namespase: "acme" });
// @ts-expect-error: an image that is not declared
site.images.pag;
// @ts-expect-error: a base that is not declared
new Distribution("base", { ...args, images: { page: {}, derived: { dockerfile: "Dockerfile", base: "pag" } } });
// @ts-expect-error: a binary that is not declared
new Distribution("binary", { ...args, binaries: {}, downloads: {}, archives: { site: { binaries: ["server"] } } });
// @ts-expect-error: a version is a text
new Distribution("other", { ...args, version: 1 });
`;

/**
 * How programs are compiled: with every strict option, for a bundler, and as Pulumi's own template
 * has it.
 */
const configurations = {
  strict: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noFallthroughCasesInSwitch: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    noUncheckedSideEffectImports: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    allowUnreachableCode: false,
    allowUnusedLabels: false,
    isolatedModules: true,
    skipLibCheck: false,
  },
  bundler: {
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    skipLibCheck: true,
  },
  template: {
    strict: true,
    outDir: "bin",
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    sourceMap: true,
    experimentalDecorators: true,
    pretty: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
    // The one line that is not the template's: zod's own declarations need `esModuleInterop`
    // otherwise.
    skipLibCheck: true,
  },
};

describe("the package, installed into an empty folder", function () {
  this.timeout(300_000);
  let root: string;
  let folder: string;
  let packed: { filename: string; size: number; files: { path: string }[] };
  let page: string;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-package-"));
    folder = path.join(root, "project");
    await mkdir(folder);
    [packed] = JSON.parse(
      await succeed("npm", ["pack", "--json", "--pack-destination", root], repository),
    ) as [typeof packed];
    page = await readFile(path.join(repository, "docs", "package.md"), "utf8");
    await succeed("npm", ["init", "--yes"]);
    const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    await succeed("npm", ["install", ...options, path.join(root, packed.filename)]);
    await write("Pulumi.yaml", block("yaml"));
    await write("index.ts", block("ts"));
    await write("tsconfig.json", block("json"));
    await write("consumer.ts", consumer);
    await write("hello.ts", await readFile(path.join(repository, "index.ts"), "utf8"));
  });

  after(async () => {
    if (folder) await stop(folder);
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  async function succeed(command: string, args: string[], cwd = folder): Promise<string> {
    const { code, stdout, stderr } = await run(command, args, { cwd });
    assert.equal(code, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  }

  const write = (name: string, text: string) => writeFile(path.join(folder, name), text);

  /** The block of the page in a language. */
  function block(language: string): string {
    const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))];
    assert.equal(found.length, 1, language);
    return found[0]?.[1] ?? "";
  }

  it("has what runs and what is compiled against, and nothing that runs when it is installed", async () => {
    const files = packed.files.map((file) => file.path);
    assert.deepEqual(
      files.filter((file) => /\.ts$/.test(file) && !/^dist\/types\/.*\.d\.ts$/.test(file)),
      [],
    );
    assert.deepEqual([...new Set(files.map((file) => file.split("/")[0]))].sort(), [
      ...[
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "cli",
        "dist",
        "lib",
        "package.json",
        "policies",
        "provider",
        "tools",
      ],
    ]);
    assert.ok(packed.size < 3_000_000, `${packed.size} bytes`);
    const installed = path.join(folder, "node_modules", "slipway", "package.json");
    const { scripts } = JSON.parse(await readFile(installed, "utf8")) as { scripts: object };
    // `prepare` and `prepack` are for the folder that a package is made from.
    assert.deepEqual(
      ["preinstall", "install", "postinstall"].filter((name) => name in scripts),
      [],
    );
  });

  it("depends on what its files load, and on nothing else", async () => {
    const installed = path.join(folder, "node_modules", "slipway");
    const names = packed.files.map((file) => file.path).filter((file) => /\.(js|cjs|d\.ts)$/.test(file));
    const texts = await Promise.all(names.map((name) => readFile(path.join(installed, name), "utf8")));
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(path.join(installed, "package.json"), "utf8"),
    ) as Record<"dependencies" | "devDependencies", Record<string, string>>;
    const loads = (name: string) =>
      texts.some((text) => new RegExp(`(?:require|import)\\("${name}["/]|from "${name}["/]`).test(text));
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !loads(name)),
      [],
    );
    // The bundles name it where the SDK would load it.
    const named = ["typescript"];
    assert.deepEqual(
      Object.keys(devDependencies).filter((name) => loads(name) && !named.includes(name)),
      [],
    );
  });

  it("names the types of what is declared, as an editor shows them", () => {
    const entry = path.join(folder, "node_modules", "slipway", "dist", "types", "components", "index.d.ts");
    const shown = shownFields(entry, "DistributionArgs", ["images", "binaries", "archives", "gates"]);
    assert.deepEqual(shown, {
      images:
        "Record<Images, ImageDeclaration<NoInfer<KnownNames<Images>>, NoInfer<KnownPrograms<Binaries | Downloads>>>>",
      binaries: "Record<Binaries, BinaryDeclaration> | undefined",
      archives:
        "Record<string, ArchiveDeclaration<NoInfer<KnownPrograms<Binaries | Downloads>>>> | undefined",
      gates: "Gates<NoInfer<Images>> | undefined",
    });
  });

  it("exports every type that its signatures name", () => {
    const types = path.join(folder, "node_modules", "slipway", "dist", "types");
    const entries = ["index", "versions"].map((entry) => path.join(types, "components", `${entry}.d.ts`));
    assert.deepEqual(
      unexportedTypes(entries, (file) => file.startsWith(types)),
      [],
    );
  });

  for (const [name, compilerOptions] of Object.entries(configurations)) {
    it(`types: ${name}`, async () => {
      const config = { compilerOptions, files: ["index.ts", "consumer.ts", "hello.ts"] };
      await write(`${name}.json`, JSON.stringify(config));
      const tsc = path.join(repository, "node_modules", "typescript", "bin", "tsc");
      await succeed(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", `${name}.json`]);
    });
  }

  it("is one package through each entry, for import and require", async () => {
    const script = `
      import * as slipway from "slipway";
      import { composition, nextRow, VersionMatrixError } from "slipway/versions";
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      const all = require("slipway");
      try {
        nextRow([], {}, [], {});
      } catch (error) {
        console.log(error instanceof VersionMatrixError);
      }
      console.log(all.Check === slipway.Check, require("slipway/versions").composition === composition);`;
    await write("entries.mjs", script);
    assert.equal(await succeed(process.execPath, ["entries.mjs"]), "true\ntrue true\n");
  });

  it("is used as its page says: a release, again with the policy pack, and nothing to do then", async function () {
    requireTools(this, "pulumi", "registry", "crane");
    await mkdir(path.join(root, "state"));
    const project = new PulumiProject(folder, root, engineEnvironment(root));
    const commands = [...page.matchAll(/^pulumi (.*)$/gm)].map(([, args = ""]) => args.split(" "));
    const said: string[] = [];
    for (const args of commands)
      said.push(await project.succeed(args[0] === "up" ? [...args, "--yes"] : args));
    assert.deepEqual(
      commands.map(([command]) => command),
      ["stack", "preview", "up", "up"],
    );

    const [, , first = "", second = ""] = said;
    assert.ok((resourceCounts(first).created ?? 0) > 5, first);
    assert.deepEqual(Object.keys(resourceCounts(second)), ["unchanged"], second);
    assert.match(second, /\[advisory\]/);
    const pack = ["--policy-pack", path.join("node_modules", "slipway", "policies")];
    assert.match(await project.fail(["preview", "--stack", "dev", ...pack]), /\[mandatory\][^]*scan/);

    const image = `${recordedAddress(folder) ?? ""}/hello`;
    const { published } = await project.outputs<{ published: { hello: { digest: string } } }>();
    for (const tag of ["v1.0.0", "v1.0", "latest"])
      assert.equal(await crane(["digest", `${image}:${tag}`]), published.hello.digest);
  });

  it("has the command slipway, which checks policies, and tells and stops what runs", async function () {
    requireTools(this, "registry");
    const slipway = path.join(folder, "node_modules", ".bin", "slipway");
    assert.equal(await succeed(slipway, ["--version"]), `${version}\n`);
    const advisory = path.join("node_modules", "slipway", "policies", "advisory.json");
    assert.match(await succeed(slipway, ["check-policies", advisory]), /no problem/);
    await write("typo.json", '{ "size-budgt": {} }');
    const { code, stderr } = await run(slipway, ["check-policies", "typo.json"], { cwd: folder });
    assert.deepEqual(
      [code, stderr],
      [1, 'typo.json: there is no rule "size-budgt", did you mean "size-budget"?\n'],
    );
    const host = await ensureRunning(folder);
    assert.match(
      await succeed(slipway, ["services"]),
      new RegExp(`registry +process \\d+ at ${host}, since .*\n[^]*they end after 30 min without use`),
    );
    assert.match(await succeed(slipway, ["stop"]), /embedded registry is stopped; its data stays/);
    assert.match(await succeed(slipway, ["clean", "--dry-run"]), /would remove .*\.slipway/);
  });

  it("says what to do where it is not complete", async () => {
    const installed = path.join(folder, "node_modules", "slipway");
    for (const [program, what] of [
      ["provider", "The provider"],
      ["policies", "The policy pack"],
      ["cli", "The command slipway"],
    ] as const) {
      await rm(path.join(installed, "dist", `${program}.js`));
      const start = path.join(installed, program, program === "cli" ? "slipway.cjs" : "start.cjs");
      const { code, stderr } = await run(process.execPath, [start], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^${what} is not compiled: .*npm install slipway --force`));
    }
  });

  describe("the release of it, as the release workflow makes it", () => {
    let release: PulumiProject;

    before(async () => {
      // A checkout, as far as the release reads one.
      const checkout = path.join(root, "checkout");
      const project = path.join(checkout, "tools", "release");
      await mkdir(path.join(root, "release", "state"), { recursive: true });
      await cp(path.join(repository, "tools", "release"), project, {
        recursive: true,
        filter: (file) => !/release\/(\.slipway|dist|files|public)$/.test(file),
      });
      for (const part of ["package.json", "node_modules", "dist", "lib", "provider", "policies"]) {
        await symlink(path.join(repository, part), path.join(checkout, part));
      }
      await mkdir(path.join(project, "files"));
      await cp(path.join(repository, "CHANGELOG.md"), path.join(project, "files", "CHANGELOG.md"));
      await cp(path.join(root, packed.filename), path.join(project, "files", packed.filename));
      release = new PulumiProject(project, checkout, engineEnvironment(path.join(root, "release")));
    });

    it("is the packed file, its signed sum and the section of the change log, and the policy pack passes it", async function () {
      requireTools(this, "pulumi", "cosign", "sha256sum");
      await release.succeed(["stack", "init", "dev"]);
      const pack = ["--policy-pack", path.join(repository, "policies")];
      await release.succeed(["up", "--yes", "--skip-preview", "--stack", "dev", ...pack]);

      const served = path.join(release.directory, "public", "releases");
      const files = path.join(served, "download", `v${version}`);
      assert.equal(await succeed("sha256sum", ["-c", "SHA256SUMS"], files), `${packed.filename}: OK\n`);
      const key = path.join(release.directory, ".slipway", "keys", "cosign.pub");
      const verify = ["verify-blob", "--key", key, "--insecure-ignore-tlog", "--bundle"];
      await succeed(toolPath("cosign"), [...verify, "SHA256SUMS.sigstore.json", "SHA256SUMS"], files);
      const record = path.join(served, "tag", `v${version}`, "release.json");
      assert.match(await readFile(record, "utf8"), /### Added/);
    });
  });
});

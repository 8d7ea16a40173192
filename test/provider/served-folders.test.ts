import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ZodType } from "zod";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { projectPath } from "../../resources/definitions/artifact";
import { definitions } from "../../resources/definitions/definitions";
import { writeKeyPair } from "../support/key-pair";
import { apkKey } from "../support/apk";
import { openPgpKey } from "../support/openpgp";
import { CheckFailed, ProviderProcess, secret } from "../support/provider-process";

const version = "public/acme/hello/releases/download/v1.0.0";
const digest = digestOf("hello");
const file = { name: "hello", path: "dist/hello", digest };
const versions = {
  name: "Hello",
  components: [{ name: "hello" }],
  versions: [{ version: "v1.0.0", status: "Planned", components: { hello: "v1.0.0" } }],
};
const key = { key: "cosign.key", password: "correct horse" };

describe("folders that releases are served from", () => {
  let project: string;
  let provider: ProviderProcess;
  let openPgp: string;
  let alpine: string;

  before(async () => {
    openPgp = await openPgpKey("ed25519");
    alpine = await apkKey();
    project = await mkdtemp(path.join(tmpdir(), "slipway-served-"));
    await write("dist/hello", "hello");
    await writeKeyPair(project, "cosign", key.password);
    provider = await ProviderProcess.start(project);
    const inputs = { directory: "public", name: "acme/hello", tag: "v1.0.0", assets: [file] };
    await provider.create("slipway:release:Directory", inputs);
    await mkdir(at("other"));
    await symlink(at(version), at("other/link"));
  });
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const at = (...parts: string[]) => path.join(project, ...parts);

  async function write(name: string, text: string): Promise<void> {
    await mkdir(path.dirname(at(name)), { recursive: true });
    await writeFile(at(name), text);
  }

  /** What each type writes to, with the property that is named. */
  const writers: Record<string, [property: string, inputs: (name: string) => Properties][]> = {
    "slipway:build:PlacedFile": [["path", (name) => ({ path: name, source: "dist/hello", digest })]],
    "slipway:build:Checksums": [
      ["path", (name) => ({ path: name, artifacts: [file] })],
      ["made[0]", (name) => ({ path: "dist/sums", artifacts: [{ ...file, path: name }], made: [name] })],
    ],
    "slipway:build:Archive": [
      ["path", (name) => ({ path: `${name}.tar.gz`, entries: [{ path: "hello", content: "x" }] })],
      [
        "alsoPaths[0]",
        (name) => ({
          path: "dist/a.tar.gz",
          alsoPaths: [`${name}.tar.gz`],
          entries: [{ path: "hello", content: "x" }],
        }),
      ],
    ],
    "slipway:apt:Package": [
      [
        "path",
        (name) => ({
          path: name,
          name: "hello",
          version: "1.0.0",
          platform: "linux/amd64",
          maintainer: "Acme <releases@acme.example>",
          description: "Says hello",
          files: [{ to: "/usr/bin/hello", source: "dist/hello" }],
        }),
      ],
    ],
    "slipway:rpm:Package": [
      [
        "path",
        (name) => ({
          path: name,
          name: "hello",
          version: "1.0.0",
          platform: "linux/amd64",
          maintainer: "Acme <releases@acme.example>",
          description: "Says hello",
          license: "Apache-2.0",
          key: secret(openPgp),
          files: [{ to: "/usr/bin/hello", source: "dist/hello" }],
        }),
      ],
    ],
    "slipway:apk:Package": [
      [
        "path",
        (name) => ({
          path: name,
          name: "hello",
          version: "1.0.0",
          platform: "linux/amd64",
          maintainer: "Acme <releases@acme.example>",
          description: "Says hello",
          license: "Apache-2.0",
          key: secret(alpine),
          keyName: "hello",
          files: [{ to: "/usr/bin/hello", source: "dist/hello" }],
        }),
      ],
    ],
    "slipway:build:ImageLock": [["file", (name) => ({ file: name, images: {} })]],
    "slipway:release:Changelog": [["path", (name) => ({ path: name, version: "v1.0.0" })]],
    "slipway:release:VersionMatrix": [
      ["path", (name) => ({ path: name, ...versions })],
      ["record", (name) => ({ record: name, ...versions })],
    ],
    "slipway:files:Document": [["path", (name) => ({ path: name, edits: [{ whole: { text: "x" } }] })]],
    "slipway:trust:FileSignature": [
      [
        "directory",
        (name) => ({ files: [{ path: "dist/hello" }], directory: path.dirname(name), signer: key }),
      ],
      ["files[0].path", (name) => ({ files: [{ path: name }], signer: key })],
      ["signer.key", (name) => ({ files: [{ path: "dist/hello" }], signer: { key: name, generate: true } })],
    ],
    "slipway:trust:Sbom": [
      [
        "directory",
        (name) => ({ repository: "localhost:1/a", subjects: [{ digest }], directory: path.dirname(name) }),
      ],
    ],
    "slipway:oci:Mirror": [
      ["target", (name) => ({ source: "localhost:1/a", digest, target: `oci-layout:./${name}:v1` })],
      ["target", (name) => ({ source: "localhost:1/a", digest, target: `oci-archive:${name}.tar` })],
    ],
  };

  async function refused(type: string, property: string, inputs: Properties): Promise<void> {
    const before = await readdir(at(version));
    await assert.rejects(provider.create(type, inputs), (error: Error) => {
      assert.ok(error instanceof CheckFailed, error.message);
      assert.deepEqual(
        error.failures.map((failure) => failure.property),
        [property],
      );
      assert.match(
        error.message,
        /is in \S+, which releases are served from: it would be published outside any release/,
      );
      return true;
    });
    assert.deepEqual(await readdir(at(version)), before);
  }

  for (const [type, ways] of Object.entries(writers)) {
    for (const [property, inputs] of ways) {
      it(`${type} does not write there by its ${property}`, () =>
        refused(type, property, inputs(`${version}/extra`)));
    }
  }

  it("every input that is a path of the project is among these", () => {
    const refusal = projectPath.safeParse("../hello").error?.issues[0]?.message;
    const isPath = (field: ZodType, value: unknown) =>
      field.safeParse(value).error?.issues[0]?.message === refusal;
    const paths = definitions.flatMap(({ token, inputs }) =>
      Object.entries(inputs.shape as Record<string, ZodType>).flatMap(([name, field]) => [
        ...(isPath(field, "../hello") ? [`${token} ${name}`] : []),
        ...(isPath(field, ["../hello"]) ? [`${token} ${name}[0]`] : []),
      ]),
    );
    const tested = Object.entries(writers).flatMap(([type, ways]) =>
      ways.map(([property]) => `${type} ${property}`),
    );
    // Paths in an archive, of which what is taken out is kept in the cache; and what is read only.
    const harmless = [
      "slipway:release:Asset extract[0]",
      "slipway:helm:Chart directory",
      "slipway:chocolatey:Package path",
    ];
    const others = paths.filter((one) => !tested.includes(one) && !harmless.includes(one));
    assert.deepEqual(others, []);
    assert.ok(paths.includes("slipway:build:PlacedFile path"));
  });

  for (const [what, name] of [
    ["where the first release is yet to come", "site/releases/download/v9.0.0/hello"],
    ["as a record", "site/releases/tag/v9.0.0/release.json"],
    ["under latest", "public/acme/hello/releases/latest/download/hello"],
    ["beside the folders of releases", "public/acme/hello/releases/hello"],
    ["by a link", "other/link/hello"],
    ["in other letters", "site/Releases/Download/v9.0.0/hello"],
  ] as const) {
    it(`nothing is placed ${what}`, () =>
      refused("slipway:build:PlacedFile", "path", { path: name, source: "dist/hello", digest }));
  }

  it("is looked at again before the file is written", async () => {
    const inputs = { path: "later/hello", source: "dist/hello", digest };
    const checked = await provider.checkKeepingSecrets("slipway:build:PlacedFile", inputs);
    await symlink(at(version), at("later"));
    await assert.rejects(
      provider.createChecked("slipway:build:PlacedFile", checked),
      /"later\/hello" is in public\/acme\/hello\/releases, which releases are served from/,
    );
  });

  it("do not keep anything from being placed beside them, also while paths are not known", async () => {
    for (const name of ["public/index.html", "releases/notes.txt", "dist/releases"]) {
      await provider.create("slipway:build:Checksums", { path: name, artifacts: [file] });
      assert.match(await readFile(at(name), "utf8"), / hello\n$/);
    }
    await provider.create(
      "slipway:build:Archive",
      { path: unknown, alsoPaths: unknown, entries: [{ path: "hello", content: "x" }] },
      true,
    );
    await provider.create("slipway:trust:FileSignature", { files: unknown, signer: key }, true);
  });
});

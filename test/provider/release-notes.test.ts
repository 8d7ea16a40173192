import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { CheckFailed, ProviderProcess } from "../support/provider-process";

const changelog = `# Change log

## [Unreleased]

## [1.1.0] - 2026-02-01

### Added

- A second thing.

## [1.0.0] - 2026-01-31

- First.

[1.0.0]: https://example.org/v1.0.0
`;

describe("notes of a release from a change log", () => {
  let fake: FakeGitHub;
  let repository: FakeRepository;
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    fake = await FakeGitHub.start();
    project = await mkdtemp(path.join(tmpdir(), "slipway-notes-"));
    provider = await ProviderProcess.start(project, { github: { endpoint: fake.url, token: fake.token } });
  });
  beforeEach(async () => {
    repository = fake.repository("acme/hello");
    await rm(path.join(project, "public"), { recursive: true, force: true });
    await write("CHANGELOG.md", changelog);
    await write("dist/hello.tar.gz", "archive");
  });
  after(async () => {
    await provider?.stop();
    await fake?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  async function write(name: string, text: string): Promise<void> {
    await mkdir(path.dirname(path.join(project, name)), { recursive: true });
    await writeFile(path.join(project, name), text);
  }

  const asset = { name: "hello.tar.gz", path: "dist/hello.tar.gz", digest: digestOf("archive") };
  const kinds: readonly [type: string, place: Properties, published: () => Promise<string>][] = [
    [
      "slipway:release:Directory",
      { directory: "public" },
      async () => {
        const record = path.join(project, "public/releases/tag/v1.1.0/release.json");
        return (JSON.parse(await readFile(record, "utf8")) as { notes: string }).notes;
      },
    ],
    [
      "slipway:github:Release",
      { repository: "acme/hello" },
      async () => repository.published("v1.1.0")?.body ?? "",
    ],
  ];
  const source = { changelog: "CHANGELOG.md" };

  for (const [type, place, published] of kinds) {
    const declared = (notesFrom: unknown, more: Properties = {}): Properties => ({
      ...place,
      tag: "v1.1.0",
      assets: [asset],
      notesFrom,
      ...more,
    });

    describe(type, () => {
      it("DISTRO-17: shows them at preview, publishes them, and changes nothing the second time", async () => {
        const inputs = declared(source);
        const planned = await provider.create(type, inputs, true);
        assert.equal(planned.state.notes, "### Added\n\n- A second thing.");
        const held = await provider.create(type, inputs);
        assert.equal(await published(), "### Added\n\n- A second thing.");
        const read = await provider.read(held);
        assert.ok(read);
        assert.deepEqual((await provider.diff(read, inputs)).changes, []);
      });

      it("a change log that is edited is an update of the notes", async () => {
        const inputs = declared(source);
        const held = await provider.create(type, inputs);
        await write("CHANGELOG.md", changelog.replace("A second thing.", "Two things."));
        const read = await provider.read(held);
        assert.ok(read);
        assert.ok((await provider.diff(read, inputs)).changes.includes("notes"));
        await provider.update(read, inputs);
        assert.equal(await published(), "### Added\n\n- Two things.");
      });

      it("fills in a template with the files that never change", async () => {
        const replaceable = { ...asset, name: "hello.tar.gz.sigstore.json", replaceable: true };
        const unlisted = { ...asset, name: "hello.spdx.json", inNotes: false };
        const template = "## {tag}\n\n{changes}\n\n{artifacts}";
        await provider.create(type, {
          ...declared({ ...source, version: "v1.0.0", template }),
          assets: [asset, replaceable, unlisted],
        });
        assert.equal(
          await published(),
          `## v1.1.0\n\n- First.\n\n| File | SHA-256 |\n| --- | --- |\n| hello.tar.gz | \`${asset.digest.slice(7)}\` |`,
        );
      });

      it("DISTRO-09: name sums that may change, as they do with SBOMs, already at a preview that does not know them", async () => {
        await write("dist/SHA256SUMS", "sums");
        const sums = { name: "SHA256SUMS", path: "dist/SHA256SUMS", replaceable: true };
        const inputs = declared({ ...source, template: "{verification}" });
        const planned = await provider.create(
          type,
          { ...inputs, assets: [asset, { ...sums, digest: unknown }] },
          true,
        );
        assert.match(String(planned.inputs.notes), /sha256sum --check --ignore-missing SHA256SUMS/);
        await provider.create(type, { ...inputs, assets: [asset, { ...sums, digest: digestOf("sums") }] });
        assert.equal(await published(), planned.inputs.notes);
      });

      it("MESH-12: list what was seen of each program, and are not known before it is", async () => {
        const seen = { program: "hello", platform: "linux/amd64", check: "hello --version" };
        const notesFrom = (result: unknown) => ({ template: "{tests}", tests: [{ ...seen, result }] });
        const planned = await provider.create(type, declared(notesFrom(unknown)), true);
        assert.equal(planned.inputs.notes, unknown);
        await provider.create(type, declared(notesFrom("passed")));
        assert.match(await published(), /\n\| hello \| linux\/amd64 \| hello --version \| passed \|$/);
      });

      it("are known at preview while a file is not, unless they list it", async () => {
        const check = async (template?: string) => {
          const notesFrom = { ...source, ...(template === undefined ? {} : { template }) };
          return (await provider.create(type, { ...declared(notesFrom), assets: [asset, unknown] }, true))
            .inputs.notes;
        };
        assert.equal(await check(), "### Added\n\n- A second thing.");
        assert.equal(await check("{artifacts}"), unknown);
      });

      it("refuses control characters in its section, its own notes and its title, and publishes nothing", async () => {
        const escape = "\u001b]0;title\u0007";
        await write("CHANGELOG.md", changelog.replace("First.", `${escape}`).replaceAll("\n", "\r\n"));
        const refused = async (inputs: Properties, property: string, reason: RegExp) =>
          assert.rejects(provider.check(type, inputs), (error) => {
            assert.ok(error instanceof CheckFailed);
            assert.equal(error.failures[0]?.property, property);
            assert.match(error.failures[0]?.reason ?? "", reason);
            return true;
          });
        const older = { ...source, version: "1.0.0" };
        const named = /^"CHANGELOG\.md": the section of 1\.0\.0 has .* U\+001B in line 13, .*delete it/;
        await refused(declared(older), "notesFrom.changelog", named);
        await refused(declared(undefined, { notes: `a\n${escape}` }), "notes", /U\+001B in line 2/);
        await refused(declared(source, { title: `a${escape}` }), "title", /U\+001B in line 1/);
        // Other sections are nobody's notes.
        await provider.create(type, declared(source));
      });

      for (const [what, notesFrom, more, property, reason] of [
        [
          "a version that the change log does not have",
          source,
          { tag: "v2.0.0" },
          "notesFrom.changelog",
          /^"CHANGELOG\.md": the change log has no section for 2\.0\.0 \(it has 1\.1\.0, 1\.0\.0\): add one \(a valid example: "## \[2\.0\.0\] - /,
        ],
        [
          "a change log that is not there",
          { changelog: "docs/CHANGES.md" },
          {},
          "notesFrom.changelog",
          /^"docs\/CHANGES\.md": there is no such file to take the notes of 1\.1\.0 .* valid example: "CHANGELOG\.md"/,
        ],
        [
          "a tag without a version",
          source,
          { tag: "nightly" },
          "notesFrom.version",
          /the tag "nightly" has none \(a valid example: "1\.2\.3"\)/,
        ],
        [
          "a control character in a declared text",
          { template: "{tag}\n\u202e" },
          {},
          "notesFrom.template",
          /U\+202E in line 2/,
        ],
        ["notes beside", source, { notes: "Other." }, "notesFrom", /declare one of them/],
        [
          "neither change log nor template",
          {},
          {},
          "notesFrom",
          /valid example: \{"changelog": "CHANGELOG\.md"\}/,
        ],
        [
          "a former name",
          { template: "{artefacts}" },
          {},
          "notesFrom.template",
          /`\{artefacts\}` is now called `\{artifacts\}`/,
        ],
        [
          "changes of no change log",
          { template: "{changes}" },
          {},
          "notesFrom.template",
          /needs a change log \(a valid example/,
        ],
      ] as const) {
        it(`PROD-10: refuses ${what}, and publishes nothing`, async () => {
          await assert.rejects(provider.create(type, declared(notesFrom, more)), (error) => {
            assert.ok(error instanceof CheckFailed);
            const [failure] = error.failures;
            assert.equal(failure?.property, property);
            assert.match(failure?.reason ?? "", reason);
            return true;
          });
          assert.equal(await published().catch(() => ""), "");
        });
      }
    });
  }

  it("refuses more than GitHub takes", async () => {
    await write("CHANGELOG.md", `## [1.1.0]\n\n${"x".repeat(125_001)}\n`);
    const inputs = { repository: "acme/hello", tag: "v1.1.0", assets: [asset], notesFrom: source };
    await assert.rejects(
      provider.create("slipway:github:Release", inputs),
      /125001 characters for 1\.1\.0, and 125000/,
    );
  });
});

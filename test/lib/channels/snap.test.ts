import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { archiveEntries } from "../../../lib/archive/entries";
import { writeArchive } from "../../../lib/archive/write";
import { ChannelError, type ChannelArtifact } from "../../../lib/channels/artifact";
import { checkSnap, snapArchitecture, snapFileName, type Snap } from "../../../lib/channels/snap/snap";
import { renderSnapYaml } from "../../../lib/channels/snap/snap-yaml";
import { renderSnapcraftYaml, snapcraftVersionPattern } from "../../../lib/channels/snap/snapcraft-yaml";
import { digestOf } from "../../../lib/oci/digest";
import { resolveLayer } from "../../../lib/oci/layer/resolve";
import { ended } from "../../support/apt";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

const platforms = ["linux/amd64", "linux/arm64"];
const hello: Snap = {
  name: "hello-world",
  version: "v1.2.0",
  title: "Hello",
  summary: "Greets: everybody",
  description: "Greets everybody.\n# in as many languages as it knows\n",
  license: "Apache-2.0 OR MIT",
  base: "core24",
  confinement: "strict",
  apps: {
    "hello-world": { command: "bin/hello --config $SNAP/config/hello.yaml", plugs: ["network", "home"] },
    server: { command: "bin/hello --serve", daemon: "simple", plugs: ["network-bind"] },
  },
};
const contents = ["bin/hello", "config/hello.yaml"];

function archiveFor(platform: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const name = `hello_1.2.0_${platform.replaceAll("/", "_")}.tar.gz`;
  return {
    name,
    platform,
    url: `https://downloads.acme.example/v1.2.0/${name}`,
    digest: digestOf(Buffer.from(platform)),
    format: "tar.gz",
    programs: ["hello"],
    contents: ["hello", "config/hello.yaml", "LICENSE"],
    ...more,
  };
}

interface SnapcraftYaml {
  platforms: Record<string, null>;
  parts: Record<
    string,
    { source: object[]; "source-checksum": object[]; organize?: object; stage: string[] }
  >;
}

function snapcraft(more: Partial<ChannelArtifact> = {}, snap: Snap = hello) {
  const artifacts = [...platforms, "darwin/arm64"].map((platform) => archiveFor(platform, more));
  const from = { programs: ["hello"], files: ["config/hello.yaml"] };
  return renderSnapcraftYaml(snap, from, platforms, artifacts);
}

describe("a snap", () => {
  const folder = temporaryDirectory();
  let made = 0;

  async function succeeds(program: string, ...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath(program), args);
    assert.equal(code, 0, output);
    return output;
  }

  /** The file of a snap, written as a release has it. */
  async function packed(snap: Snap, platform: string): Promise<string> {
    await writeFile(join(folder(), "hello"), "#!/bin/sh\necho hello\n");
    await chmod(join(folder(), "hello"), 0o755);
    const files = [
      { path: "meta/snap.yaml", content: renderSnapYaml(snap, snapArchitecture(platform)), mode: "0644" },
      { path: "bin/hello", source: "hello", mode: "0755" },
      { path: "config/hello.yaml", content: "greeting: hello\n" },
    ];
    const entries = await archiveEntries(files, {}, (declared) =>
      resolveLayer(folder(), declared, { overBase: false }),
    );
    const file = join(folder(), `${made++}-${snapFileName(snap, snapArchitecture(platform))}`);
    await writeArchive(file, entries, "snap");
    return file;
  }

  it("is read and packed by snapd's own tool, with its services and programs, for each architecture", async function () {
    requireTools(this, "snap", "unsquashfs");
    for (const platform of platforms) {
      const file = await packed(hello, platform);
      const listed = await succeeds("unsquashfs", "-l", file);
      for (const path of ["meta/snap.yaml", ...contents]) assert.match(listed, new RegExp(`/${path}$`, "m"));
      const root = `${file}-root`;
      await succeeds("unsquashfs", "-no-progress", "-d", root, file);
      await succeeds("snap", "pack", "--check-skeleton", root);
      const said = await succeeds("snap", "info", file);
      assert.match(said, /^name: +hello-world$/m);
      assert.match(said, /^summary: +"Greets: everybody"$/m);
      assert.match(said, /^version: +1\.2\.0 /m);
      assert.match(said, /^license: +Apache-2\.0 OR MIT$/m);
      assert.match(said, /commands:\n {2}- hello-world$/m);
      assert.match(said, /services:\n {2}hello-world\.server: simple/m);
      assert.match(said, /# in as many languages/);
    }
  });

  it("says its architecture and whether it is a release proper", () => {
    const said = parse(renderSnapYaml({ ...hello, version: "v1.3.0-rc.1" }, "arm64")) as Record<
      string,
      unknown
    >;
    assert.deepEqual(
      [said.version, said.grade, said.architectures, said.base, said.confinement, said.description],
      ["1.3.0-rc.1", "devel", ["arm64"], "core24", "strict", hello.description],
    );
    assert.equal((parse(renderSnapYaml(hello, "amd64")) as { grade: string }).grade, "stable");
    assert.equal(snapFileName(hello, "armhf"), "hello-world_1.2.0_armhf.snap");
  });

  const refused: [string, Partial<Snap>, string, RegExp][] = [
    ["a name with capitals", { name: "Hello" }, "name", /small letters/],
    ["a name without a letter", { name: "2-1" }, "name", /with a letter/],
    ["a name that is too long", { name: "a".repeat(41) }, "name", /2 to 40/],
    ["a name with two hyphens", { name: "a--b" }, "name", /joined by -/],
    ["a version that is too long", { version: `v1.2.0-rc.${"1".repeat(25)}` }, "version", /at most 32/],
    ["a summary of two lines", { summary: "a\nb" }, "summary", /one line/],
    ["a long summary", { summary: "a".repeat(79) }, "summary", /at most 78 characters, not 79/],
    ["a long title", { title: "a".repeat(41) }, "title", /at most 40/],
    ["a long description", { description: "a".repeat(4097) }, "description", /at most 4096/],
    ["a license that is in no list", { license: "LicenseRef-Acme" }, "license", /SPDX list/],
    ["an app that is no name", { apps: { a_b: { command: "bin/hello" } } }, "apps.a_b", /words joined/],
    ["a command for a shell", { apps: { a: { command: "bin/hello | cat" } } }, "apps.a.command", /only/],
    ["a command that is not in it", { apps: { a: { command: "hello" } } }, "apps.a.command", /bin\/hello/],
    [
      "an interface that is no name",
      { apps: { a: { command: "bin/hello", plugs: ["Net"] } } },
      "apps.a.plugs[0]",
      /interface/,
    ],
  ];
  for (const [title, more, field, reason] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => {
          checkSnap({ ...hello, ...more }, contents);
        },
        (error: unknown) =>
          error instanceof ChannelError && error.field === field && reason.test(error.reason),
      );
    });
  }

  it("is what snapd takes: of what is refused of names, versions and licenses, it says the same", async function () {
    requireTools(this, "snap", "unsquashfs");
    const bySnapd = refused.filter(([, more]) => "name" in more || "license" in more || "title" in more);
    for (const [title, more] of [...bySnapd, ["nothing", {}] as const]) {
      const file = await packed({ ...hello, ...more }, "linux/amd64");
      const root = `${file}-root`;
      await succeeds("unsquashfs", "-no-progress", "-d", root, file);
      const { code, output } = await ended(toolPath("snap"), ["pack", "--check-skeleton", root]);
      assert.equal(code === 0, title === "nothing", `${title}: ${output}`);
    }
  });
});

describe("a snapcraft.yaml of released archives", () => {
  const partOf = (text: string) => (parse(text) as SnapcraftYaml).parts["hello-world"];

  it("has the archive of each architecture by its sum, and the files of the snap at their paths", () => {
    const text = snapcraft();
    const said = parse(text) as SnapcraftYaml;
    assert.deepEqual(Object.keys(said.platforms), ["amd64", "arm64"]);
    const [amd64, arm64] = platforms.map((platform) => archiveFor(platform));
    assert.deepEqual(partOf(text), {
      plugin: "dump",
      source: [{ "to amd64": amd64?.url }, { "to arm64": arm64?.url }],
      "source-checksum": [
        { "to amd64": amd64?.digest.replace(":", "/") },
        { "to arm64": arm64?.digest.replace(":", "/") },
      ],
      organize: { hello: "bin/hello" },
      stage: ["bin/hello", "config/hello.yaml"],
    });
    assert.equal(new RegExp(snapcraftVersionPattern, "m").exec(text)?.[1], "1.2.0");
  });

  for (const [title, more, organize] of [
    ["a folder at the top", { root: "hello-1.2.0" }, { hello: "bin/hello" }],
    [
      "everything in folders",
      {
        programs: ["a/b/bin/hello"],
        contents: ["a/b/bin/hello", "a/b/config/hello.yaml", "config/hello.yaml"],
      },
      { "a/b/bin/hello": "bin/hello" },
    ],
    [
      "everything in one folder, which is left out of a tar archive",
      {
        root: "top",
        programs: ["bin/hello"],
        contents: ["bin/hello", "bin/config/hello.yaml", "config/hello.yaml"],
      },
      undefined,
    ],
    [
      "a folder in a zip archive, which stays",
      { root: "top", format: "zip" },
      { "top/hello": "bin/hello", "top/config/hello.yaml": "config/hello.yaml" },
    ],
  ] as [string, Partial<ChannelArtifact>, object | undefined][]) {
    it(`finds the files of an archive with ${title}`, () => {
      assert.deepEqual(partOf(snapcraft(more))?.organize, organize);
    });
  }

  for (const [title, more, field, reason] of [
    ["in a format that snapcraft does not unpack", { format: "tar.zst" }, "archive", /tar\.gz and zip/],
    ["without the program", { programs: ["other"] }, "archive", /no program hello .* other/],
    ["without a file", { contents: ["hello"] }, "files[0].path", /config\/hello\.yaml/],
    ["of another system", { platform: "darwin/arm64" }, "archive", /nothing for linux\/amd64/],
  ] as [string, Partial<ChannelArtifact>, string, RegExp][]) {
    it(`refuses an archive ${title}`, () => {
      assert.throws(
        () => snapcraft(more),
        (error: unknown) =>
          error instanceof ChannelError && error.field === field && reason.test(error.reason),
      );
    });
  }
});

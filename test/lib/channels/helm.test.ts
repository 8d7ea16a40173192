import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { chartArtifact } from "../../../lib/channels/helm/artifact";
import { chartFor, type ChartSettings } from "../../../lib/channels/helm/chart";
import { readChartFolder } from "../../../lib/channels/helm/folder";
import { chartMetadata } from "../../../lib/channels/helm/metadata";
import { readYaml, type YamlValue } from "../../../lib/channels/helm/yaml";
import { ValuesText } from "../../../lib/channels/helm/values";
import { archiveFiles, chartFiles, HelmUser } from "../../support/charts";
import { requireTools } from "../../support/tools";

const digest = `sha256:${"ab".repeat(32)}`;
const settings: ChartSettings = { name: "hello", version: "1.2.3", values: {}, images: {} };

describe("charts", function () {
  this.timeout(30_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-chart-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
  }
  const read = () => readChartFolder(path.join(folder, "chart"), "chart");

  describe("YAML of a Chart.yaml", () => {
    const plain = (value: YamlValue): unknown =>
      value instanceof Map
        ? Object.fromEntries([...value].map(([name, one]) => [name, plain(one as YamlValue)]))
        : Array.isArray(value)
          ? (value as YamlValue[]).map(plain)
          : (value as { text: string }).text;

    for (const [text, expected] of [
      ["a: b # c\nd: 'it''s' # e\nf: \"\\u00e9\\n\"", { a: "b", d: "it's", f: "é\n" }],
      ["a:\n- b\n- c: d\n  e: f\ng:\n  - h", { a: ["b", { c: "d", e: "f" }], g: ["h"] }],
      ["a: |\n  b\n\n    c\n  # d\ne: f", { a: "b\n\n  c\n# d\n", e: "f" }],
      ["a: >-\n  b\n  c\n\n  d\ne: >\n  f\n   g\n  h\n", { a: "b c\nd", e: "f\n g\nh\n" }],
      [
        "a: [b, 'c, d', {e: f}]\ng: { h: i,\n  j: k }",
        { a: ["b", "c, d", { e: "f" }], g: { h: "i", j: "k" } },
      ],
      ["---\na: b\n  c\n\nd: http://e.example/#f", { a: "b c", d: "http://e.example/#f" }],
      ['a:\nb: ~\n"c d": e', { a: "", b: "~", "c d": "e" }],
      ["a: &x b\nc: *x\nd: !!str 1", { a: "b", c: "b", d: "1" }],
    ] as const) {
      it(`is read: ${JSON.stringify(text)}`, () => assert.deepEqual(plain(readYaml(text)), expected));
    }

    for (const [text, reason] of [
      ["a: *b", /line 1: .*anchor/i],
      ["a: !!int 1", /line 1: the tag tag:yaml.org,2002:int is not read/],
      ["a: b: c", /line 1: /],
      ["a: b\na: c", /line 2: .*unique/],
      ["a:\n\tb: c", /line 2: .*tab/i],
      ["a: b\n---\nc: d", /line 2: one document is expected/],
      ["a: &a { b: c }\nd:\n  <<: *a", /line 3: merged fields are not read/],
      ["- a", /line 1: fields are expected/],
      ['a: "b\nc: d', /line \d: /],
      ["a: [b\nc", /line \d: /],
      [`a: ${"[".repeat(60)}${"]".repeat(60)}`, /nested more than 50 deep/],
      ["", /the file is empty/],
    ] as const) {
      it(`is refused: ${JSON.stringify(text)}`, () => assert.throws(() => readYaml(text), reason));
    }
  });

  describe("values", () => {
    const text = [
      "# Top",
      "a: 1 # one",
      "list: [x]",
      "empty:",
      "deep:",
      "    # indented",
      "    'b.c': \"old\"   # two",
      "    text: |",
      "      b: not a field",
      "    b: x",
      "items:",
      "  - b: 1",
      "flow: { b: 1, c: [x] }",
      "last: {}",
    ].join("\r\n");

    it("are set where they are, and everything else stays", () => {
      const values = new ValuesText(text, "values.yaml");
      values.set(["a"], true, "f");
      values.set(["deep", "b.c"], 'new "#"', "f");
      values.set(["deep", "b"], 2, "f");
      values.set(["empty"], "", "f");
      values.set(["flow", "b"], "x", "f");
      assert.equal(
        values.toString(),
        text
          .replace("a: 1 #", "a: true #")
          .replace('"old"', JSON.stringify('new "#"'))
          .replace("b: x", "b: 2")
          .replace("empty:", 'empty: ""')
          .replace("{ b: 1,", '{ b: "x",'),
      );
    });

    for (const [names, reason] of [
      [
        ["nothing"],
        /there is no "nothing" in values.yaml; the file has a, list, empty, deep, items, flow, last/,
      ],
      [["deep", "c"], /there is no "deep.c" in values.yaml; deep has b.c, text, b/],
      [["a", "b"], /there is no "a.b"/],
      [["list"], /is not one value/],
      [["last"], /is not one value/],
      [["deep"], /is not one value/],
      [["deep", "text"], /is not one value/],
      [["items"], /is not one value/],
    ] as const) {
      it(`${names.join(".")} cannot be set`, () => {
        assert.throws(() => new ValuesText(text, "values.yaml").set([...names], "x", "values"), reason);
      });
    }
  });

  describe("Chart.yaml", () => {
    const chart = (lines: string) => chartMetadata(`apiVersion: v2\nname: hello\nversion: 1.2.3\n${lines}`);

    for (const [text, reason] of [
      ["apiVersion: v1\nname: a\nversion: 1.0.0", /apiVersion: "v1": v2 is expected/],
      ["name: a\nversion: 1.0.0", /apiVersion: "": v2 is expected/],
      ["apiVersion: v2\nname: Hello\nversion: 1.0.0", /name: "Hello": lower-case/],
      ["apiVersion: v2\nname: a--b\nversion: 1.0.0", /single dashes/],
      ["apiVersion: v2\nname: a\nversion: '1.2'", /version: "1.2" is no SemVer/],
      ["apiVersion: v2\nname: a\nversion: v1.2.3", /version: "v1.2.3" is no SemVer/],
      ["apiVersion: v2\nname: a\nversion: 1.2.3-01", /is no SemVer/],
      ["apiVersion: v2\nname: a\nversion: 1.2.3\ntype: plugin", /type: "plugin": application or library/],
      [
        "apiVersion: v2\nname: a\nversion: 1.2.3\nkubeVersion: 1.20",
        /kubeVersion: 1.20 may be something else .* quote it/,
      ],
      ["apiVersion: v2\nname: a\nversion: 1.2.3\nicons: b", /Chart.yaml icons: is not a field of Helm/],
      ["apiVersion: v2\nname: a\nversion: 1.2.3\nsources: b", /sources: a list is expected/],
    ] as const) {
      it(`is refused: ${JSON.stringify(text)}`, () => assert.throws(() => chartMetadata(text), reason));
    }

    it("annotations take part in those of the manifest, but for name and version", () => {
      const { annotations } = chart(
        "annotations:\n  org.opencontainers.image.title: x\n  org.opencontainers.image.url: https://b.example\n  c: d",
      );
      assert.deepEqual(annotations, {
        "org.opencontainers.image.title": "hello",
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.url": "https://b.example",
        c: "d",
      });
    });
  });

  describe("images", () => {
    const image = { repository: "ghcr.io/acme/hello", tag: "v1.2.3", digest };
    const set = (
      values: string,
      given: Partial<typeof image> & { digest: string; repository: string } = image,
    ) =>
      chartFor(
        new Map([
          ["Chart.yaml", Buffer.from("apiVersion: v2\nname: hello\n")],
          ["values.yaml", Buffer.from(values)],
        ]),
        { ...settings, images: { image: given } },
      )
        .files.get("values.yaml")
        ?.toString();

    it("are named as the chart names them", () => {
      assert.equal(set("image: x\n"), `image: "ghcr.io/acme/hello:v1.2.3@${digest}"\n`);
      assert.equal(
        set("image:\n  registry: ''\n  repository: x\n  tag: y\n"),
        'image:\n  registry: "ghcr.io"\n  repository: "acme/hello"\n  tag: "v1.2.3"\n',
      );
      assert.equal(
        set("image:\n  repository: x\n  digest:\n", { repository: image.repository, digest }),
        `image:\n  repository: "ghcr.io/acme/hello"\n  digest: "${digest}"\n`,
      );
    });

    it("are refused where a chart has no place for them", () => {
      assert.throws(
        () => set("image:\n  name: x\n"),
        /images.image: "image" in values.yaml has name: `repository`/,
      );
      assert.throws(
        () => set("image:\n  repository: x\n  tag: y\n", { repository: image.repository, digest }),
        /no `digest`, and the image has no tag/,
      );
      assert.throws(() => set("other: x\n"), /there is no "image"/);
    });
  });

  it("the version is written into Chart.yaml, in its place or behind the rest", () => {
    const made = (text: string) =>
      chartFor(new Map([["Chart.yaml", Buffer.from(text)]]), { ...settings, appVersion: "v1.2.3" })
        .files.get("Chart.yaml")
        ?.toString();
    assert.equal(
      made("version: 0.0.0 # here\napiVersion: v2\nname: hello\nappVersion: x"),
      'version: "1.2.3" # here\napiVersion: v2\nname: hello\nappVersion: "v1.2.3"',
    );
    assert.equal(
      made("apiVersion: v2\nname: hello\n\n"),
      'apiVersion: v2\nname: hello\nversion: "1.2.3"\nappVersion: "v1.2.3"\n',
    );
  });

  it("a dependency has to be in charts/, as a folder or an archive", () => {
    const files = (more: string[]) =>
      new Map(
        [
          [
            "Chart.yaml",
            "apiVersion: v2\nname: hello\ndependencies:\n- name: redis\n  version: ^20.0.0\n  repository: oci://a\n",
          ],
          ...more.map((name) => [name, ""] as const),
        ].map(([name = "", text]) => [name, Buffer.from(text ?? "")] as const),
      );
    assert.throws(
      () => chartFor(files(["charts/redis-cluster/Chart.yaml"]), settings),
      /dependencies\[0\] is "redis", which is not in charts\/: run `helm dependency build`/,
    );
    for (const there of ["charts/redis/Chart.yaml", "charts/redis-20.1.0.tgz"])
      chartFor(files([there]), settings);
  });

  describe("a folder", () => {
    it("is refused with a symbolic link, a large file, without a Chart.yaml, or of another name", async () => {
      await write(chartFiles("chart", "hello"));
      await symlink("README.md", path.join(folder, "chart/link.md"));
      await assert.rejects(read(), /chart\/link.md is a symbolic link/);
      await rm(path.join(folder, "chart/link.md"));
      await write({ "chart/big.bin": "" });
      await truncate(path.join(folder, "chart/big.bin"), 5 * 1024 * 1024 + 1);
      await assert.rejects(read(), /chart\/big.bin has 5242881 bytes/);
      await rm(path.join(folder, "chart/big.bin"));
      const files = await read();
      assert.throws(
        () => chartFor(files, { ...settings, name: "hallo" }),
        /has the name "hello", and .* "hallo"/,
      );
      await rm(path.join(folder, "chart/Chart.yaml"));
      const without = await read();
      assert.throws(() => chartFor(without, settings), /there is no Chart.yaml/);
      await write({ "chart/.helmignore": "a/**/b\n" });
      await assert.rejects(read(), /\.helmignore, line 1: Helm does not know \*\*/);
    });

    it("is the same bytes on every machine, whatever its times are", async () => {
      await write(chartFiles("chart", "hello"));
      const first = await chartArtifact(chartFor(await read(), settings));
      await rm(path.join(folder, "chart"), { recursive: true });
      await write(Object.fromEntries(Object.entries(chartFiles("chart", "hello")).reverse()));
      const second = await chartArtifact(chartFor(await read(), settings));
      assert.equal(second.manifest.descriptor.digest, first.manifest.descriptor.digest);
      assert.equal(
        first.manifest.descriptor.digest,
        "sha256:6c932abd7c1800eb761adc763cba313413c32eec7712f6942a59ffeae6d45d41",
      );
    });

    it("is packed without what Helm leaves out", async function () {
      requireTools(this, "helm");
      await write(chartFiles("chart", "hello"));
      const names = [
        "a.txt",
        "b1.txt",
        "b2.txt",
        "bx.txt",
        "docs/a.txt",
        "docs/deep/a.md",
        "top/x",
        "deep/top/x",
        "k/e.log",
        "templates/.dot/x",
      ];
      await write(Object.fromEntries(names.map((name) => [`chart/${name}`, "x"])));
      const helm = new HelmUser("helm", folder);
      for (const rules of [
        "a.txt\n# no\n\n  docs/*.md  \n",
        "/a.txt\nb[12].txt\n",
        "b[^12].txt\ntop/\n",
        "/top\ndocs/deep\n*.log\n",
        "!*.txt\n",
        "?.txt\n\\b1.txt\nk/\n",
        "docs/\n!docs/a.txt\n",
      ]) {
        await write({ "chart/.helmignore": rules });
        const ours = [...(await read()).keys()];
        // What leaves out Chart.yaml itself Helm does not pack.
        if (!ours.includes("Chart.yaml")) {
          await assert.rejects(helm.run("package", path.join(folder, "chart"), "--destination", folder));
          continue;
        }
        await helm.run("package", path.join(folder, "chart"), "--version", "1.2.3", "--destination", folder);
        const theirs = (await archiveFiles(path.join(folder, "hello-1.2.3.tgz"))).map(([name]) =>
          name.slice("hello/".length),
        );
        assert.deepEqual(ours.sort(), theirs.sort(), rules);
      }
    });
  });
});

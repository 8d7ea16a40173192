import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, ProviderProcess } from "../support/provider-process";

const type = "slipway:release:VersionMatrix";
const first = { "MLOS Core": "v1.0.0", Axon: "v1.5.0" };
const second = { "MLOS Core": "v1.0.0", Axon: "v1.6.0" };
const third = { SMI: "v1.0.0", Axon: "v1.6.0", "MLOS Core": "v1.1.0" };

/** A matrix, in another order than that of the file. */
const declared: Properties = {
  name: "MLOS",
  components: [
    { name: "Axon", compatible: ">=1.5.0 <2.0.0" },
    { name: "MLOS Core", compatible: "^1.0.0" },
    { name: "SMI" },
  ],
  versions: [
    { version: "v1.2.0", components: third, status: "Future" },
    { version: "v1.0.0", components: first, status: "Stable" },
    { version: "v1.1.0", components: second, status: "Planned" },
  ],
  tested: [{ components: first, result: "passed", by: "run 42" }],
};

const table = [
  "| Version | Axon | MLOS Core | SMI | Status | Compatibility test |",
  "| --- | --- | --- | --- | --- | --- |",
  "| v1.0.0 | v1.5.0 | v1.0.0 |  | Stable | passed |",
  "| v1.1.0 | v1.6.0 | v1.0.0 |  | Planned | not tested |",
  "| v1.2.0 | v1.6.0 | v1.1.0 | v1.0.0 | Future | not tested |",
  "",
].join("\n");

describe("the version matrix as a resource", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-matrix-"));
    provider = await ProviderProcess.start(project);
  });
  beforeEach(() => rm(file(), { recursive: true, force: true }));
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const file = (name = "VERSIONS.md") => path.join(project, name);
  const text = (name?: string) => readFile(file(name), "utf8");

  it("DISTRO-11: DISTRO-12: writes the rows, what is stable, what was tested and what comes; nothing at preview", async () => {
    const planned = await provider.create(type, declared, true);
    await assert.rejects(text(), /ENOENT/);
    const held = await provider.create(type, declared);
    assert.equal(await text(), planned.state.text);
    assert.ok((await text()).endsWith(table), await text());
    assert.match(
      await text(),
      /^Current stable version: \*\*v1\.0\.0\*\* \(Axon v1\.5\.0 \+ MLOS Core v1\.0\.0\)\.$/m,
    );
    assert.match(
      await text(),
      /^Upcoming: \*\*v1\.1\.0\*\* \(Axon v1\.6\.0 \+ MLOS Core v1\.0\.0\), Planned\.$/m,
    );
    const { stable, upcoming, next, includes } = held.state;
    assert.deepEqual([stable, upcoming, next], ["v1.0.0", "v1.1.0", undefined]);
    assert.equal(includes, "Axon v1.5.0 + MLOS Core v1.0.0");
    const read = await provider.read(held);
    assert.ok(read);
    assert.deepEqual((await provider.diff(read, declared)).changes, []);
  });

  it("drift: what was edited by hand is seen and put back, and a deleted file is made again", async () => {
    const held = await provider.create(type, declared);
    const before = await text();
    await writeFile(file(), before.replace("Planned", "Stable"));
    const edited = await provider.read(held);
    assert.ok(edited);
    assert.deepEqual((await provider.diff(edited, declared)).changes, ["text"]);
    await writeFile(file(), before.replace("Planned", "Plan\u001b[2J\u202ened"));
    const hidden = await provider.read(held);
    assert.match(String(hidden?.state.text), /Plan<U\+001B>\[2J<U\+202E>ned/);
    await provider.update(edited, declared);
    assert.equal(await text(), before);
    await rm(file());
    assert.equal(await provider.read(held), undefined);
    await provider.create(type, declared);
    assert.equal(await text(), before);
  });

  it("takes over the file that another machine wrote, and not what somebody else did", async () => {
    await provider.create(type, declared);
    const more = { ...declared, name: "MLOS Distribution" };
    await provider.create(type, more);
    assert.match(await text(), /# Versions of MLOS Distribution/);
    await writeFile(file(), "# My versions\n");
    for (const preview of [true, false]) {
      await assert.rejects(
        provider.create(type, declared, preview),
        /VERSIONS\.md exists and was not written by .* another path/,
      );
    }
    assert.equal(await text(), "# My versions\n");
    await provider.create(type, { ...declared, path: "docs/VERSIONS.md" });
    assert.ok((await text("docs/VERSIONS.md")).endsWith(table));
  });

  it("DISTRO-11: the record has the rows and results as data; what is edited in it is seen and put back", async () => {
    const inputs = { ...declared, record: "versions.json" };
    await provider.create(type, inputs, true);
    await assert.rejects(text("versions.json"), /ENOENT/);
    const held = await provider.create(type, inputs);
    const written = await text("versions.json");
    const order = { Axon: "v1.5.0", "MLOS Core": "v1.0.0" };
    const record = JSON.parse(written) as { versions: { version: string }[]; tested: unknown[] };
    assert.deepEqual(
      record.versions.map(({ version }) => version),
      ["v1.0.0", "v1.1.0", "v1.2.0"],
    );
    assert.deepEqual(record.tested, [{ components: order, result: "passed", by: "run 42" }]);
    assert.ok(written.includes(JSON.stringify(record.versions[0], undefined, 2).replaceAll("\n", "\n    ")));
    // A program that reads the record declares the same again.
    const again = { ...inputs, ...record };
    assert.deepEqual((await provider.diff(held, again)).changes, []);
    await writeFile(file("versions.json"), written.replace("Planned", "Stable"));
    const edited = await provider.read(held);
    assert.ok(edited);
    assert.deepEqual((await provider.diff(edited, inputs)).changes, ["recordText"]);
    await provider.update(edited, inputs);
    assert.equal(await text("versions.json"), written);
    await rm(file("versions.json"));
  });

  it("says which path cannot be read", async () => {
    await mkdir(file());
    await assert.rejects(provider.create(type, declared), /VERSIONS\.md cannot be read/);
  });

  for (const [what, result, reason] of [
    [
      "was never tested",
      [],
      /v1\.1\.0 \(Axon v1\.6\.0 \+ MLOS Core v1\.0\.0\) cannot be Stable: it was never tested/,
    ],
    [
      "failed its test",
      [{ components: second, result: "failed", by: "run 7" }],
      /compatibility test failed \(run 7\)/,
    ],
    [
      "was not executed",
      [{ components: second, result: "not executed" }],
      /compatibility test was not executed/,
    ],
  ] as const) {
    it(`DISTRO-13: a pair that ${what} is refused as Stable at preview, and nothing is written`, async () => {
      const rows = declared.versions as Properties[];
      const inputs = {
        ...declared,
        versions: rows.map((row) => (row.version === "v1.1.0" ? { ...row, status: "Stable" } : row)),
        tested: [...(declared.tested as Properties[]), ...result],
      };
      await assert.rejects(provider.create(type, inputs, true), (error) => {
        assert.ok(error instanceof CheckFailed);
        assert.equal(error.failures[0]?.property, "versions");
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
      await assert.rejects(text(), /ENOENT/);
    });
  }

  const patched = { Axon: "v1.5.1", "MLOS Core": "v1.0.0" };
  const broken = { Axon: "v2.0.0", "MLOS Core": "v1.0.0" };
  const passed = (components: Properties) => [
    ...(declared.tested as Properties[]),
    { components, result: "passed" },
  ];
  for (const [what, more, expected] of [
    [
      "a compatible component that passed its test, a stable patch",
      { candidate: patched, tested: passed(patched) },
      ["v1.0.1", "Stable"],
    ],
    [
      "a compatible component that was not tested, a planned patch",
      { candidate: patched },
      ["v1.0.1", "Planned"],
    ],
    ["a breaking one, the next minor version that is free", { candidate: broken }, ["v1.3.0", "Planned"]],
    [
      "a breaking one, a major version by rule",
      { candidate: broken, rules: { breaking: "major" } },
      ["v2.0.0", "Planned"],
    ],
    ["a combination that has a row, that of the row", { candidate: second }, ["v1.1.0", "Planned"]],
  ] as [string, Properties, [string, string]][]) {
    it(`DISTRO-15: gives ${what}`, async () => {
      const { state } = await provider.create(type, { ...declared, ...more });
      assert.deepEqual([state.next, state.nextStatus], expected);
      const { Axon, "MLOS Core": core } = more.candidate as Record<string, string>;
      const row = new RegExp(`^\\| ${expected[0]} \\| ${Axon} \\| ${core} \\|  \\| ${expected[1]} \\|`, "m");
      assert.match(await text(), row);
      assert.equal(state.includes, `Axon ${Axon} + MLOS Core ${core}`);
      assert.equal(state.stable, expected[1] === "Stable" ? expected[0] : "v1.0.0");
    });
  }

  it("DISTRO-30: a component more is one entry, and a column", async () => {
    const components = [...(declared.components as Properties[]), { name: "Plugin" }];
    await provider.create(type, { ...declared, components, candidate: { ...first, Plugin: "0.1.0" } });
    assert.match(await text(), /\| Axon \| MLOS Core \| SMI \| Plugin \| Status \|/);
    assert.match(await text(), /^\| v1\.0\.1 \| v1\.5\.0 \| v1\.0\.0 \| {2}\| 0\.1\.0 \| Planned \|/m);
  });

  it("is planned while a test result is not known, and refuses it when it is", async () => {
    const inputs = { ...declared, tested: [{ components: first, result: unknown }] };
    const planned = await provider.create(type, inputs, true);
    assert.equal(planned.state.text, unknown);
    const failed = { ...declared, tested: [{ components: first, result: "failed" }] };
    await assert.rejects(
      provider.create(type, failed),
      /v1\.0\.0 .* cannot be Stable: its compatibility test failed/,
    );
  });

  it("leaves the file when it leaves the program", async () => {
    const held = await provider.create(type, declared);
    await provider.delete(held);
    assert.ok((await text()).endsWith(table));
  });

  for (const [what, more, property, reason] of [
    [
      "a component that is not declared",
      { candidate: { Axom: "v1.0.0" } },
      'candidate["Axom"]',
      /declared are Axon, MLOS Core, SMI \(a valid example/,
    ],
    [
      "a component twice",
      { components: [...(declared.components as []), { name: "SMI" }] },
      "components[3].name",
      /"SMI" is listed twice/,
    ],
    [
      "a version that is none",
      { versions: [{ version: "one", components: first, status: "Planned" }] },
      "versions[0].version",
      /"one" is not a semantic version \(a valid example: "v1\.2\.3"\)/,
    ],
    [
      "a range that is none",
      { components: [{ name: "Axon", compatible: "any of them" }] },
      "components[0].compatible",
      /not a range of versions \(a valid example/,
    ],
    [
      "a version twice",
      {
        versions: [...(declared.versions as []), { version: "1.0.0", components: second, status: "Planned" }],
      },
      "versions",
      /two rows for 1\.0\.0/,
    ],
    ["a path outside the project", { path: "../VERSIONS.md" }, "path", /\.\.\/VERSIONS\.md/],
    [
      "a candidate without a stable version to raise",
      { versions: [{ version: "v0.1.0", components: first, status: "Planned" }], candidate: second },
      "versions",
      /no stable version .* valid example/,
    ],
  ] as [string, Properties, string, RegExp][]) {
    it(`PROD-10: refuses ${what}`, async () => {
      await assert.rejects(provider.create(type, { ...declared, ...more }), (error) => {
        assert.ok(error instanceof CheckFailed);
        assert.equal(error.failures[0]?.property, property, error.message);
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
      await assert.rejects(text(), /ENOENT/);
    });
  }
});

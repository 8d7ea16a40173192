import assert from "node:assert/strict";
import { composition, type Composition, type CompositionArgs } from "../../components/composition";
import { DeclarationError } from "../../components/declaration/declaration-error";

const first = { Axon: "v1.5.0", "MLOS Core": "v1.0.0" };
const record = {
  versions: [
    { version: "v1.0.0", components: first, status: "Stable" },
    { version: "v1.1.0", components: { Axon: "v1.6.0", "MLOS Core": "v1.0.0" }, status: "Planned" },
  ],
  tested: [{ components: first, result: "passed" }],
};

function compose(axon: string, core: string, more: Partial<CompositionArgs> = {}): Composition {
  return composition({
    name: "MLOS",
    record,
    labelPrefix: "org.example",
    components: {
      axon: {
        title: "Axon",
        version: axon,
        compatible: ">=1.5.0 <2.0.0",
        image: { reference: "ghcr.io/acme/axon:{tag}", from: "/usr/local/bin/axon" },
        release: {
          from: "https://example.com/axon",
          asset: "axon_*_{os}_{arch}.tar.gz",
          platforms: ["linux/amd64"],
        },
      },
      "mlos-core": { title: "MLOS Core", version: core, compatible: "^1.0.0" },
      "smi-spec": { title: "SMI Spec" },
    },
    test: () => ({ command: { command: ["true"] } }),
    ...more,
  });
}

describe("a composition of other projects' components", () => {
  const versions: { title: string; axon: string; core: string; declared?: string; expected: string }[] = [
    { title: "a combination of the record", axon: "v1.5.0", core: "v1.0.0", expected: "v1.0.0" },
    {
      title: "a compatible component is a patch",
      axon: "v1.5.1",
      core: "v1.0.0",
      expected: "v1.0.1",
    },
    { title: "G-16: a declared row wins", axon: "v1.6.0", core: "v1.0.0", expected: "v1.1.0" },
    {
      title: "a breaking component is the next free minor version",
      axon: "v2.0.0",
      core: "v1.0.0",
      expected: "v1.2.0",
    },
    {
      title: "a declared version",
      axon: "v1.5.1",
      core: "v1.0.0",
      declared: "v1.3.0-rc.1",
      expected: "v1.3.0-rc.1",
    },
    { title: "versions without v", axon: "1.5.0", core: "1.0.0", expected: "v1.0.0" },
  ];
  for (const { title, axon, core, declared, expected } of versions) {
    it(title, () => {
      const more = declared === undefined ? {} : { version: declared };
      assert.equal(compose(axon, core, more).version, expected);
    });
  }

  it("one entry gives label, line, copy, download and file of the bundle", () => {
    const { labels, lines, includes, copies, downloads, programs } = compose("v1.5.0", "v1.0.0");
    assert.deepEqual(labels, {
      "org.example.components": "Axon v1.5.0 + MLOS Core v1.0.0",
      "org.example.component.axon": "v1.5.0",
      "org.example.component.mlos-core": "v1.0.0",
    });
    assert.equal(includes, "Axon v1.5.0 + MLOS Core v1.0.0");
    assert.deepEqual(lines, ["Axon: v1.5.0", "MLOS Core: v1.0.0"]);
    assert.deepEqual(copies, [{ image: "ghcr.io/acme/axon:v1.5.0", from: "/usr/local/bin/axon" }]);
    assert.deepEqual(downloads, {
      axon: {
        from: "https://example.com/axon",
        tag: "v1.5.0",
        asset: "axon_*_{os}_{arch}.tar.gz",
        platforms: ["linux/amd64"],
      },
    });
    assert.deepEqual(programs, [{ path: "bin/axon{exe}", binary: "axon" }]);
  });

  const refused: { title: string; make: () => unknown; expected: RegExp }[] = [
    {
      title: "a pair that nobody has tested and nobody tests now",
      make: () => {
        return composition(untested("v1.5.1"));
      },
      expected: /v1\.0\.1 \(Axon v1\.5\.1 \+ MLOS Core v1\.0\.0\) cannot be Stable: it was never tested/,
    },
    {
      title: "an untested pair that the record calls stable",
      make: () =>
        compose("v1.5.0", "v1.0.0", {
          record: { ...record, versions: record.versions.map((row) => ({ ...row, status: "Stable" })) },
        }),
      expected: /v1\.1\.0 \(Axon v1\.6\.0 \+ MLOS Core v1\.0\.0\) cannot be Stable: it was never tested/,
    },
    {
      title: "a released version with other components",
      make: () => compose("v1.5.1", "v1.0.0", { version: "v1.0.0" }),
      expected:
        /v1\.0\.0 is Axon v1\.5\.0 \+ MLOS Core v1\.0\.0, but Axon v1\.5\.1 \+ MLOS Core v1\.0\.0 is declared/,
    },
    {
      title: "a version that is none",
      make: () => compose("latest", "v1.0.0"),
      expected: /"latest" is not a semantic version/,
    },
  ];
  for (const { title, make, expected } of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(make, expected);
    });
  }

  it("names the place in a record that is none", () => {
    const bad = { versions: [{ version: "v1.0.0", components: first, status: "stable" }] };
    assert.throws(
      () => compose("v1.5.0", "v1.0.0", { record: bad }),
      (error: Error) => {
        assert.ok(error instanceof DeclarationError);
        assert.match(error.message, /versions\.json of "MLOS"[^]*versions\[0\]\.status/);
        return true;
      },
    );
  });
});

/** Without a test. */
function untested(axon: string): CompositionArgs {
  return {
    name: "MLOS",
    record,
    labelPrefix: "org.example",
    components: {
      axon: { title: "Axon", version: axon, compatible: ">=1.5.0 <2.0.0" },
      "mlos-core": { title: "MLOS Core", version: "v1.0.0" },
    },
  };
}

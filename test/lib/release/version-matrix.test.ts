import assert from "node:assert/strict";
import {
  bump,
  checkMatrix,
  isCompatible,
  nextVersion,
  renderVersions,
  sameComponents,
  VersionMatrixError,
  type CompatibilityResult,
  type MatrixRow,
} from "../../../lib/release/version-matrix";

const first = { Axon: "v1.5.0", "MLOS Core": "v1.0.0" };
const second = { Axon: "v1.6.0", "MLOS Core": "v1.0.0" };

const rows: MatrixRow[] = [
  {
    version: "v1.2.0",
    components: { Axon: "v1.6.0", "MLOS Core": "v1.1.0", SMI: "v1.0.0" },
    status: "Future",
  },
  { version: "v1.0.0", components: first, status: "Stable" },
  { version: "v1.1.0", components: second, status: "Planned" },
];
const tested: CompatibilityResult[] = [{ components: first, result: "passed", by: "run 42" }];

describe("the version matrix", () => {
  it("DISTRO-11: DISTRO-12: is written with the current stable version, its components, tests and what comes", () => {
    assert.equal(
      renderVersions("MLOS Distribution", rows, tested),
      [
        "# Versions of MLOS Distribution",
        "",
        "Current stable version: **v1.0.0** (Axon v1.5.0 + MLOS Core v1.0.0).",
        "",
        "Upcoming: **v1.1.0** (Axon v1.6.0 + MLOS Core v1.0.0), Planned.",
        "",
        "| Version | Axon | MLOS Core | SMI | Status | Compatibility test |",
        "| --- | --- | --- | --- | --- | --- |",
        "| v1.0.0 | v1.5.0 | v1.0.0 |  | Stable | passed |",
        "| v1.1.0 | v1.6.0 | v1.0.0 |  | Planned | not tested |",
        "| v1.2.0 | v1.6.0 | v1.1.0 | v1.0.0 | Future | not tested |",
        "",
      ].join("\n"),
    );
    assert.equal(renderVersions("x", [...rows].reverse(), tested), renderVersions("x", rows, tested));
  });

  it("DISTRO-30: has a column more for a component more", () => {
    const more = rows.map((row) => ({ ...row, components: { ...row.components, Plugin: "v0.1.0" } }));
    assert.match(
      renderVersions("x", more, [{ components: { ...first, Plugin: "0.1.0" }, result: "passed" }]),
      /\| Axon \| MLOS Core \| Plugin \| SMI \||\| Axon \| MLOS Core \| SMI \| Plugin \|/,
    );
  });

  for (const [what, results, reason] of [
    [
      "was never tested",
      [],
      /v1\.0\.0 \(Axon v1\.5\.0 \+ MLOS Core v1\.0\.0\) cannot be Stable: it was never tested/,
    ],
    ["was tested in another combination", [{ components: second, result: "passed" }], /it was never tested/],
    [
      "was tested without one component",
      [{ components: { Axon: "v1.5.0" }, result: "passed" }],
      /never tested/,
    ],
    [
      "failed its test",
      [{ components: first, result: "failed", by: "run 7" }],
      /its compatibility test failed \(run 7\)/,
    ],
    [
      "failed once and passed once",
      [
        { components: first, result: "passed" },
        { components: first, result: "failed" },
      ],
      /its compatibility test failed/,
    ],
    [
      "was not executed",
      [{ components: first, result: "not executed" }],
      /its compatibility test was not executed/,
    ],
  ] as [string, CompatibilityResult[], RegExp][]) {
    it(`DISTRO-13: a combination that ${what} is never Stable`, () => {
      assert.throws(
        () => checkMatrix(rows, results),
        (error: Error) => {
          assert.ok(error instanceof VersionMatrixError);
          assert.match(error.message, reason);
          return true;
        },
      );
      assert.throws(() => renderVersions("x", rows, results), VersionMatrixError);
    });
  }

  it("DISTRO-13: a tested combination is, however its versions are written", () => {
    checkMatrix(rows, [{ components: { "MLOS Core": "1.0.0", Axon: "1.5.0" }, result: "passed" }]);
  });

  for (const [what, row, reason] of [
    [
      "a bad version",
      { version: "one", components: {}, status: "Planned" },
      /"one" is not a semantic version/,
    ],
    [
      "a bad component",
      { version: "v3.0.0", components: { a: "x" }, status: "Planned" },
      /"x" is not a semantic version/,
    ],
    ["a version twice", { version: "1.1.0", components: {}, status: "Planned" }, /two rows for 1\.1\.0/],
  ] as [string, MatrixRow, RegExp][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => checkMatrix([...rows, row], tested), reason);
    });
  }

  const ranges = { Axon: ">=1.5.0 <2.0.0", "MLOS Core": "^1.0.0" };
  for (const [what, components, options, expected] of [
    ["a compatible change is a patch", { ...first, Axon: "v1.5.1" }, { ranges }, "v1.0.1"],
    ["a breaking change is a minor version", { ...first, Axon: "v2.0.0" }, { ranges }, "v1.1.0"],
    [
      "or a major one, as declared",
      { ...first, Axon: "v2.0.0" },
      { ranges, rules: { breaking: "major" } },
      "v2.0.0",
    ],
    ["a missing component is breaking", { Axon: "v1.5.0" }, { ranges }, "v1.1.0"],
    ["G-16: a declared row wins over the rule", second, { ranges, rows }, "v1.1.0"],
  ] as [string, Record<string, string>, Parameters<typeof nextVersion>[2], string][]) {
    it(`DISTRO-15: ${what}: v1.0.0 becomes ${expected}`, () => {
      assert.equal(nextVersion("v1.0.0", components, options), expected);
    });
  }

  const axon: [version: string, range: string, compatible: boolean][] = [
    ["v1.6.0", ">=1.5.0 <2.0.0", true],
    ["v1.6.0-rc.1", ">=1.5.0 <2.0.0", true],
    ["v1.6.0-20260131", ">=1.5.0 <2.0.0", true],
    ["v1.9.4-gke.1", ">=1.5.0 <2.0.0", true],
    ["v1.6.0-rc.1", "^1.5.0", true],
    ["v1.5.3-rc.1", "~1.5.2", true],
    ["v1.6.0-rc.1", "1.x || 3.x", true],
    ["v1.5.2+build.7", ">=1.5.2 <2.0.0", true],
    ["v1.5.0-rc.1", ">=1.5.0 <2.0.0", false],
    ["v2.0.0-rc.1", ">=1.5.0 <2.0.0", false],
    ["v2.0.0-rc.1", "^1.5.0", false],
    ["v1.5.0-rc.1", ">1.4.0 <1.5.0", false],
    ["v1.6.0-rc.1", ">=1.6.0-rc.1 <1.6.0", true],
  ];
  for (const [version, range, compatible] of axon) {
    it(`${version} is ${compatible ? "" : "not "}within ${range}`, () => {
      assert.equal(isCompatible({ Axon: version }, { Axon: range }), compatible);
    });
  }

  it("a version with build metadata is the same version", () => {
    const built = { ...first, Axon: "v1.5.0+build.7" };
    assert.equal(nextVersion("v1.0.0", built, { rows, ranges }), "v1.0.0");
    assert.ok(!sameComponents(first, { ...first, Axon: "v1.5.0-rc.1" }));
  });

  for (const [version, kind, expected] of [
    ["v1.2.3", "patch", "v1.2.4"],
    ["1.2.3", "minor", "1.3.0"],
    ["v1.2.3", "major", "v2.0.0"],
    ["v2.0.0-rc.1", "patch", "v2.0.0"],
  ] as const) {
    it(`${version} raised by ${kind} is ${expected}`, () => assert.equal(bump(version, kind), expected));
  }

  it("a bad range is refused", () => {
    assert.throws(
      () => isCompatible(first, { Axon: "newest" }),
      /"newest" is not a range of versions of Axon/,
    );
  });
});

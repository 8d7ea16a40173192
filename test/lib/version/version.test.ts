import assert from "node:assert/strict";
import {
  bareVersion,
  compareVersions,
  isStableWithin,
  newestStableTag,
  parseCalendarVersion,
  parseRevision,
  parseVersion,
  type Version,
  versionOfTag,
} from "../../../lib/version/version";

describe("a stable version of a line", () => {
  for (const [text, within, expected] of [
    ["v1.9.0", "", true],
    ["v1.9.0", "1", true],
    ["v10.0.0", "1", false],
    ["v1.1.10", "1.1", true],
    ["v1.11.0", "1.1", false],
    ["v1.1.0-rc.1", "1.1", false],
    ["v1.1.0-20260131", "", false],
  ] as const) {
    it(`${text} is ${expected ? "" : "not "}one of ${within || "all"}`, () => {
      assert.equal(isStableWithin(parseVersion(text) as Version, within), expected);
    });
  }
});

describe("a version", () => {
  for (const [text, expected] of [
    ["v1.2.3", { version: "1.2.3", major: 1, minor: 2, prerelease: [], build: [], stable: true }],
    ["1.2.3", { version: "1.2.3", stable: true }],
    ["v2.0.0-rc.1", { version: "2.0.0-rc.1", prerelease: ["rc", 1], stable: false }],
    ["1.0.1-1234567", { version: "1.0.1-1234567", prerelease: [1234567], stable: false }],
    ["v1.2.3-20260131", { version: "1.2.3-20260131", prerelease: [20260131], stable: false }],
    ["1.10.0+build.5", { version: "1.10.0", build: ["build", "5"], stable: true }],
  ] as const satisfies [string, Partial<Version>][]) {
    it(text, () => {
      const version = parseVersion(text);
      assert.deepEqual({ ...version, ...expected }, version);
      assert.equal(version?.text, text);
    });
  }

  it("is not any other text", () => {
    for (const text of [
      "",
      "latest",
      "v1",
      "v1.2",
      "1.2.3.4",
      "release-1.2.3",
      "x1.2.3",
      "01.2.3",
      "1.2.3 ",
      "vv1.2.3",
    ]) {
      assert.equal(parseVersion(text), undefined, text);
    }
  });

  for (const [text, expected] of [
    ["v1.2.3-20260131", { version: "1.2.3", revision: 20260131, stable: true }],
    ["1.2.3-1", { version: "1.2.3", revision: 1, stable: true }],
    ["1.2.3-rc.1", { version: "1.2.3-rc.1", revision: undefined, stable: false }],
    ["1.2.3-01", undefined],
    ["1.2.3", { version: "1.2.3", revision: undefined, stable: true }],
  ] as const) {
    it(`${text}, where numbers are revisions`, () => {
      const { version, revision, stable } = parseRevision(text) ?? {};
      assert.deepEqual(version === undefined ? undefined : { version, revision, stable }, expected);
    });
  }

  for (const [text, expected] of [
    ["2022.04.1", { version: "2022.4.1", major: 2022, minor: 4, stable: true }],
    ["v22.04", { version: "22.4.0", major: 22, minor: 4, stable: true }],
    ["2021.12.14", { version: "2021.12.14", major: 2021, minor: 12, stable: true }],
    ["2022.04.1-rc.1", { version: "2022.4.1-rc.1", major: 2022, minor: 4, stable: false }],
    ["6.14.0", undefined],
    ["2022", undefined],
    ["2022.04.1.2", undefined],
    ["2022.04.", undefined],
  ] as const) {
    it(`${text}, where versions are dates`, () => {
      const { version, major, minor, stable } = parseCalendarVersion(text) ?? {};
      assert.deepEqual(version === undefined ? undefined : { version, major, minor, stable }, expected);
    });
  }

  it("is before its rebuild, which is before the next version", () => {
    const [version, rebuild, next] = ["1.2.3", "1.2.3-20260131", "1.2.4-rc.1"].map(
      (text) => parseRevision(text) as Version,
    );
    assert.ok(version && rebuild && next);
    assert.ok(compareVersions(version, rebuild) < 0);
    assert.ok(compareVersions(rebuild, next) < 0);
    assert.equal(compareVersions(rebuild, rebuild), 0);
  });

  it("is the same with and without v", () => {
    assert.equal(bareVersion("v1.2.3"), "1.2.3");
    assert.equal(bareVersion("1.2.3"), "1.2.3");
    assert.equal(bareVersion("vendor"), "vendor");
  });
});

describe("versions in tags", () => {
  for (const [tag, version] of [
    ["v1.2.3", "1.2.3"],
    ["1.2.3", "1.2.3"],
    ["mlos-distro-v1.2.3", "1.2.3"],
    ["mlos-distro-v1.2.3-20260131", "1.2.3-20260131"],
    ["release/2.0.0-rc.1", "2.0.0-rc.1"],
    ["v1.10.0+build.5", "1.10.0"],
    ["2022.04.1", "2022.4.1"],
    ["tool-2022.04", "2022.4.0"],
    ["nightly", undefined],
    ["v1.2", undefined],
    ["1.2.3.4", undefined],
  ] as const) {
    it(`${tag} has ${version ?? "none"}`, () => assert.equal(versionOfTag(tag)?.version, version));
  }

  it("the newest stable one is the highest, not the last", () => {
    assert.equal(newestStableTag(["v1.9.0", "v1.10.0", "v2.0.0-rc.1", "nightly"]), "v1.10.0");
    assert.equal(newestStableTag(["app-v1.9.0", "app-v1.10.0-20260131"]), "app-v1.9.0");
    assert.equal(newestStableTag(["v2.0.0-rc.1"]), undefined);
  });
});

import assert from "node:assert/strict";
import {
  bareVersion,
  compareVersions,
  highestStable,
  newestStableTag,
  parseVersion,
  type Version,
  versionOfTag,
} from "../../../lib/version/version";

describe("the highest stable version", () => {
  const cases: { title: string; tags: string[]; within: string; highest: string | undefined }[] = [
    { title: "no tags", tags: [], within: "", highest: undefined },
    {
      title: "numbers, not texts, are compared",
      tags: ["v1.9.0", "v1.10.0"],
      within: "",
      highest: "v1.10.0",
    },
    { title: "pre-releases do not count", tags: ["v1.0.0", "v1.1.0-rc.1"], within: "", highest: "v1.0.0" },
    {
      title: "aliases and branches do not count",
      tags: ["latest", "v9", "v9.1", "main", "1.0.0"],
      within: "",
      highest: "1.0.0",
    },
    {
      title: "commit forms do not count",
      tags: ["1.0.0", "1.0.1-abc1234", "1.0.1-1234567"],
      within: "",
      highest: "1.0.0",
    },
    {
      title: "a rebuild is after its version",
      tags: ["v2.0.0-20250116", "v2.0.0", "v2.0.0-20250301"],
      within: "",
      highest: "v2.0.0-20250301",
    },
    {
      title: "a rebuild is before the next version",
      tags: ["v2.0.0-20250116", "v2.0.1"],
      within: "",
      highest: "v2.0.1",
    },
    {
      title: "within a major version",
      tags: ["v1.9.0", "v2.0.0", "v10.0.0"],
      within: "1",
      highest: "v1.9.0",
    },
    {
      title: "within a minor version",
      tags: ["v1.1.9", "v1.11.0", "v1.1.10"],
      within: "1.1",
      highest: "v1.1.10",
    },
    { title: "nothing within", tags: ["v1.0.0"], within: "2", highest: undefined },
  ];
  for (const { title, tags, within, highest } of cases) {
    it(title, () => assert.equal(highestStable(tags, within)?.text, highest));
  }
});

describe("a version", () => {
  for (const [text, expected] of [
    ["v1.2.3", { version: "1.2.3", major: 1, minor: 2, prerelease: [], build: [], stable: true }],
    ["1.2.3", { version: "1.2.3", stable: true }],
    ["v2.0.0-rc.1", { version: "2.0.0-rc.1", prerelease: ["rc", 1], stable: false }],
    ["1.0.1-1234567", { version: "1.0.1-1234567", prerelease: [1234567], stable: false }],
    ["v1.2.3-20260131", { version: "1.2.3", prerelease: [], rebuilt: "20260131", stable: true }],
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

  it("is before its rebuild, which is before the next version", () => {
    const [version, rebuild, next] = ["1.2.3", "1.2.3-20260131", "1.2.4-rc.1"].map(
      (text) => parseVersion(text) as Version,
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
    ["mlos-distro-v1.2.3-20260131", "1.2.3"],
    ["release/2.0.0-rc.1", "2.0.0-rc.1"],
    ["v1.10.0+build.5", "1.10.0"],
    ["nightly", undefined],
    ["v1.2", undefined],
    ["1.2.3.4", undefined],
  ] as const) {
    it(`${tag} has ${version ?? "none"}`, () => assert.equal(versionOfTag(tag)?.version, version));
  }

  it("the newest stable one is the highest, not the last", () => {
    assert.equal(newestStableTag(["v1.9.0", "v1.10.0", "v2.0.0-rc.1", "nightly"]), "v1.10.0");
    assert.equal(newestStableTag(["app-v1.9.0", "app-v1.9.0-20260131"]), "app-v1.9.0-20260131");
    assert.equal(newestStableTag(["v2.0.0-rc.1"]), undefined);
  });
});

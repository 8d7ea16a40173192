import assert from "node:assert/strict";
import { kindOfTag, type TagNames } from "../../../lib/retention/tag-kind";
import { retiredVersions } from "../../../lib/retention/versions";

describe("what a tag is", () => {
  const hex = "a".repeat(64);
  const semver: TagNames = {
    kind: "version",
    prefix: "v",
    also: ["release-"],
    commit: ["version", "short", "full"],
  };
  const calver: TagNames = { kind: "version", prefix: "", calendar: true };
  const component: TagNames = { kind: "version", prefix: "cli-v", commit: ["short"] };
  const nightly: TagNames = { kind: "channel", name: "nightly", commit: ["short"] };
  const branch: TagNames = { kind: "branch", prefix: "branch-", commit: ["version"] };
  const cases: readonly [tag: string, names: TagNames, kind: string][] = [
    ["v1.2.3", semver, "version"],
    ["1.2.3", semver, "version"],
    ["release-1.2.3", semver, "version"],
    ["v1.2.3-rc.1", semver, "prerelease"],
    ["v1.2.3-20260131", semver, "rebuild"],
    ["v1.2.3-abc1234", semver, "commit"],
    ["v1.2.3-abc1234", { ...semver, commit: [] }, "prerelease"],
    ["v1.2.3-2", { ...semver, revisions: true }, "version"],
    ["abc1234", semver, "commit"],
    [`${"b".repeat(40)}`, semver, "commit"],
    ["v1.2", semver, "alias"],
    ["v1", semver, "alias"],
    ["latest", semver, "alias"],
    ["stable", semver, "other"],
    ["cli-v1.2.3", semver, "other"],
    ["cli-v1.2.3", component, "version"],
    ["cli-latest", component, "alias"],
    ["latest", component, "other"],
    ["2022.04.1", calver, "version"],
    ["2022.04", calver, "alias"],
    ["nightly", nightly, "channel"],
    ["nightly-20260131", nightly, "date"],
    ["nightly-2026-01-31", nightly, "date"],
    ["nightly-20261331", nightly, "other"],
    ["abc1234", nightly, "commit"],
    ["branch-main", branch, "branch"],
    ["branch-main-abc1234", branch, "commit"],
    ["main", { kind: "branch", prefix: "" }, "other"],
    ["pr-12", { kind: "pullRequest" }, "pullRequest"],
    [`sha256-${hex}`, semver, "referrers"],
    [`sha256-${hex}.sig`, semver, "referrers"],
    [`sha256-${hex}.zip`, semver, "other"],
  ];
  for (const [tag, names, kind] of cases) {
    it(`${tag} is ${kind} to ${JSON.stringify(names)}`, () =>
      assert.equal(kindOfTag(tag, [names]).kind, kind));
  }

  it("is what the first rule says that knows it", () => {
    assert.equal(kindOfTag("nightly", [semver, nightly]).kind, "channel");
  });
});

describe("versions that are given up", () => {
  const rule = { majors: 1, after: "1y" };
  it("are of calendars too, and their rebuilds", () => {
    const published = { "2022.04.1": "2022-04-01", "2023.04.1": "2023-04-01", "2026.01.1": "2026-01-01" };
    const notices = [{ versions: "2022.04", since: "2024-01-01", removal: "2025-01-01" }];
    const facts = { rule, notices, on: "2026-11-30" };
    assert.deepEqual([...retiredVersions(published, facts)], ["2022.04.1"]);
    const semantic = { "v1.0.0": "2020-01-01", "v1.0.0-20210101": "2021-01-01", "v2.0.0": "2022-01-01" };
    assert.deepEqual(
      [...retiredVersions(semantic, { ...facts, notices: [{ ...notices[0]!, versions: "v1" }] })],
      ["v1.0.0", "v1.0.0-20210101"],
    );
  });
});

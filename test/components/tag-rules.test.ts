import assert from "node:assert/strict";
import {
  branchTags,
  calverTags,
  channelTags,
  combineTags,
  planTags,
  pullRequestTags,
  semverTags,
  type Release,
  type TagRule,
} from "../../components/declaration/tag-rules";

const commit = "abc1234def5678abc1234def5678abc1234def56";

/**
 * `tag!` never moves, `tag` always, `tag^` is an alias of the highest version, `(tag)` is not
 * published.
 */
function written(rule: TagRule, release: Release): string[] {
  return planTags(rule, release).map(({ tag, moves, published }) => {
    const text = `${tag}${moves === "never" ? "!" : moves === "highest" ? "^" : ""}`;
    return published ? text : `(${text})`;
  });
}

describe("tag rules", () => {
  const bleu = combineTags(
    semverTags({
      prefix: "",
      aliases: ["minor", "latest"],
      commit: ["version", "full"],
      also: ["v", "release-"],
    }),
    branchTags({ commit: ["version", "full"] }),
    pullRequestTags(),
  );
  const tiny = combineTags(semverTags({ prefix: "v" }), channelTags("dev", { commit: ["short"] }));
  const mesh = semverTags({ prefix: "", aliases: ["minor", "latest"], also: ["v"] });
  const core = semverTags({ aliases: ["latest"] });

  const cases: { title: string; rule: TagRule; release: Release; tags: string[] }[] = [
    {
      title: "CORE-04: a release has its version and latest",
      rule: core,
      release: { version: "v1.0.1" },
      tags: ["v1.0.1!", "latest^"],
    },
    {
      title: "BLEU-07, BLEU-10, BLEU-12: bare version, minor, latest, commit forms and release forms",
      rule: bleu,
      release: { version: "v1.0.0", commit },
      tags: ["1.0.0!", "v1.0.0!", "release-1.0.0!", "1.0.0-abc1234!", `${commit}!`, "1.0^", "latest^"],
    },
    {
      title: "BLEU-11, BLEU-10: a branch has its name and commit forms, and no latest",
      rule: bleu,
      release: { branch: "main", commit },
      tags: ["main", "main-abc1234!", `${commit}!`],
    },
    {
      title: "BLEU-11: a pull request's tag is computed and not published",
      rule: bleu,
      release: { pullRequest: 12, branch: "fix", commit },
      tags: ["(pr-12)"],
    },
    {
      title: "a pull request of a version publishes nothing either",
      rule: bleu,
      release: { pullRequest: 12, version: "v1.0.0", commit },
      tags: ["(pr-12)"],
    },
    { title: "BLEU-12: nightly moves alone", rule: channelTags("nightly"), release: {}, tags: ["nightly"] },
    {
      title: "BLEU-12: the build of a branch is not that of a night, where it is said",
      rule: combineTags(branchTags(), channelTags("nightly", { branches: false })),
      release: { branch: "main" },
      tags: ["main"],
    },
    {
      title: "TINY-09: version, minor, major, latest",
      rule: tiny,
      release: { version: "v2.0.0" },
      tags: ["v2.0.0!", "v2.0^", "v2^", "latest^"],
    },
    {
      title: "TINY-10: dev and the commit, and nothing else",
      rule: tiny,
      release: { commit },
      tags: ["dev", "abc1234!"],
    },
    {
      title: "TINY-11: a rebuild has a date tag and moves the aliases, the version tag keeps its digest",
      rule: tiny,
      release: { version: "v2.0.0", rebuilt: "20250116" },
      tags: ["v2.0.0-20250116!", "v2.0^", "v2^", "latest^"],
    },
    {
      title: "G-28: the version with and without v",
      rule: mesh,
      release: { version: "v1.0.0" },
      tags: ["1.0.0!", "v1.0.0!", "1.0^", "latest^"],
    },
    {
      title: "a version without v is the same version",
      rule: mesh,
      release: { version: "1.0.0" },
      tags: ["1.0.0!", "v1.0.0!", "1.0^", "latest^"],
    },
    {
      title: "G-35: a pre-release has no alias",
      rule: tiny,
      release: { version: "v2.1.0-rc.1" },
      tags: ["v2.1.0-rc.1!"],
    },
    {
      title: "there is no alias for the major version 0",
      rule: tiny,
      release: { version: "v0.3.1" },
      tags: ["v0.3.1!", "v0.3^", "latest^"],
    },
    {
      title: "a branch name that no tag can hold",
      rule: branchTags(),
      release: { branch: "feature/Größe #1" },
      tags: ["feature-Gr-e-1"],
    },
    {
      title: "a branch name that starts with a dot",
      rule: branchTags(),
      release: { branch: "..x" },
      tags: ["x"],
    },
    {
      title: "a release is not a branch",
      rule: branchTags(),
      release: { branch: "main", version: "v1.0.0" },
      tags: [],
    },
    {
      title: "a version that ends with a date is a pre-release: nobody said that it is a rebuild",
      rule: semverTags(),
      release: { version: "v1.3.0-20260131" },
      tags: ["v1.3.0-20260131!"],
    },
    {
      title: "a date with its zeros, and the aliases of its month and year",
      rule: calverTags(),
      release: { version: "2022.04.1" },
      tags: ["2022.04.1!", "2022.04^", "2022^", "latest^"],
    },
    {
      title: "a date of two numbers is its own line",
      rule: calverTags({ prefix: "v" }),
      release: { version: "v22.04" },
      tags: ["v22.04!", "v22^", "latest^"],
    },
    {
      title: "a date before its release has no alias",
      rule: calverTags({ aliases: ["latest"] }),
      release: { version: "2022.04.1-rc.1" },
      tags: ["2022.04.1-rc.1!"],
    },
    {
      title: "a packaging revision",
      rule: semverTags({ revisions: true, aliases: ["minor"] }),
      release: { version: "v1.2.3-2" },
      tags: ["v1.2.3-2!", "v1.2^"],
    },
    {
      title: "a component of a repository with several",
      rule: semverTags({ prefix: "cli-v", commit: ["short", "version"] }),
      release: { version: "1.2.3", commit },
      tags: ["cli-v1.2.3!", "cli-abc1234!", "cli-v1.2.3-abc1234!", "cli-v1.2^", "cli-v1^", "cli-latest^"],
    },
    {
      title: "a component without a v, and its rebuild",
      rule: semverTags({ prefix: "tools_", aliases: ["latest"] }),
      release: { version: "v1.2.3", rebuilt: "20260131" },
      tags: ["tools_1.2.3-20260131!", "tools_latest^"],
    },
    {
      title: "a date of a component",
      rule: calverTags({ prefix: "cli-" }),
      release: { version: "2022.04.1" },
      tags: ["cli-2022.04.1!", "cli-2022.04^", "cli-2022^", "cli-latest^"],
    },
    {
      title: "two components beside each other, and a branch called as an alias of none",
      rule: combineTags(semverTags({ prefix: "cli-v" }), semverTags({ prefix: "tools-" }), branchTags()),
      release: { branch: "latest" },
      tags: ["latest"],
    },
    {
      title: "a branch called as a version is, with something before it",
      rule: combineTags(semverTags(), branchTags({ prefix: "branch-" })),
      release: { branch: "v1.2" },
      tags: ["branch-v1.2"],
    },
    {
      title: "a branch called as an alias that the rule does not give",
      rule: combineTags(semverTags({ aliases: ["latest"] }), branchTags()),
      release: { branch: "v1.2" },
      tags: ["v1.2"],
    },
    {
      title: "two rules that agree about a tag",
      rule: combineTags(channelTags("main"), branchTags()),
      release: { branch: "main" },
      tags: ["main"],
    },
  ];
  for (const { title, rule, release, tags } of cases) {
    it(title, () => assert.deepEqual(written(rule, release), tags));
  }

  it("an alias carries its version and the versions it is for", () => {
    const aliases = planTags(semverTags(), { version: "v2.3.4", rebuilt: "20260131" }).filter(
      ({ moves }) => moves === "highest",
    );
    assert.deepEqual(
      aliases.map(({ tag, version, within }) => [tag, version, within]),
      [
        ["v2.3", "2.3.4-20260131", "2.3"],
        ["v2", "2.3.4-20260131", "2"],
        ["latest", "2.3.4-20260131", ""],
      ],
    );
  });

  const refusals: { title: string; rule: TagRule; release: Release; message: RegExp }[] = [
    {
      title: "a branch name as version (G-41)",
      rule: tiny,
      release: { version: "main" },
      message: /version: "main" is not a semantic version \(a valid example: "v1\.2\.3"\)/,
    },
    {
      title: "two numbers are not a semantic version",
      rule: tiny,
      release: { version: "v1.0" },
      message: /"v1\.0" is not a semantic version/,
    },
    {
      title: "a date is not a semantic version, and the zero is named",
      rule: tiny,
      release: { version: "2022.04.1" },
      message: /"2022\.04\.1" is not a semantic version .*: "04" begins with a zero; .* calverTags\(\)/,
    },
    {
      title: "a number of another kind as a date",
      rule: calverTags(),
      release: { version: "6.14.0" },
      message: /"6\.14\.0" is not a calendar version \(a valid example: "2022\.04\.1"\)/,
    },
    {
      title: "a date that is built again",
      rule: calverTags(),
      release: { version: "2022.04.1", rebuilt: "20260131" },
      message: /rebuilt: "20260131", but calverTags\(\) has no rebuilds/,
    },
    ...["2022.04", "2022", "latest", "22.04.3"].map((branch) => ({
      title: `the branch ${branch}, which is called as a date is`,
      rule: combineTags(calverTags(), branchTags()),
      release: { branch },
      message: /which is an? (version tag|alias) of calverTags\(\): rename/,
    })),
    ...["cli/v", "cli", "cliv", "-v", "1.2-", "cli-v1.", "cli-1.2.3-"].map((prefix) => ({
      title: `the prefix ${prefix}, which no component is called`,
      rule: (given: Release) => semverTags({ prefix })(given),
      release: { version: "v1.2.3" },
      message: /semverTags\(\{ prefix: ".+" \}\): .* is expected \(a valid example: "cli-v"\)/,
    })),
    ...["cli-v1.2.3", "cli-1.2.3", "cli-v1.2", "cli-v1", "cli-latest"].map((branch) => ({
      title: `the branch ${branch}, which is called as a component's tag is`,
      rule: combineTags(semverTags({ prefix: "cli-v" }), branchTags()),
      release: { branch },
      message: /which is an? (version tag|alias) of semverTags\(\): rename/,
    })),
    {
      title: "a doubled v (G-11)",
      rule: tiny,
      release: { version: "vv1.0.0" },
      message: /"vv1\.0\.0" is not a semantic version/,
    },
    {
      title: "build metadata cannot stand in a tag",
      rule: tiny,
      release: { version: "1.0.0+5" },
      message: /build metadata/,
    },
    {
      title: "commit tags without a commit",
      rule: bleu,
      release: { version: "1.0.0" },
      message: /commit: is missing/,
    },
    {
      title: "a shortened commit",
      rule: bleu,
      release: { version: "1.0.0", commit: "abc1234" },
      message: /"abc1234" is not a full commit hash/,
    },
    {
      title: "a rebuild without a date",
      rule: tiny,
      release: { version: "1.0.0", rebuilt: "yesterday" },
      message: /rebuilt: "yesterday" is not a date/,
    },
    {
      title: "two rules that disagree",
      rule: combineTags(semverTags(), () => [{ tag: "v1.0.0", moves: "always", published: true }]),
      release: { version: "v1.0.0" },
      message: /tag "v1\.0\.0": two rules move it differently \("never" and "always"\)/,
    },
    {
      title: "a channel that is an alias, whatever is released",
      rule: combineTags(semverTags(), channelTags("latest")),
      release: { version: "v1.0.0" },
      message: /tags: "latest" is an alias of semverTags\(\) too: give it another name/,
    },
    ...["v1.2", "v1", "latest"].map((branch) => ({
      title: `the branch ${branch}, which is called as an alias is`,
      rule: combineTags(semverTags({ prefix: "v" }), branchTags()),
      release: { branch },
      message: new RegExp(
        `branch: "${branch}" would get the tag "${branch}", which is an alias of semverTags\\(\\): rename`,
      ),
    })),
    ...["v1.2.3", "1.2.3", "v1.2.3-rc.1", "release-1.2.3"].map((branch) => ({
      title: `the branch ${branch}, which is called as a version is`,
      rule: combineTags(semverTags({ also: ["release-"] }), branchTags()),
      release: { branch },
      message: /which is a version tag of semverTags\(\): .*branchTags\(\{ prefix: "branch-" \}\)/,
    })),
    {
      title: "a branch that is called as a channel is",
      rule: combineTags(branchTags(), channelTags("nightly", { branches: false })),
      release: { branch: "nightly" },
      message: /branch: "nightly" would get the tag "nightly", which is the tag of channelTags\("nightly"\)/,
    },
    {
      title: "a revision where numbers are none",
      rule: tiny,
      release: { version: "1.0.0", rebuilt: "2" },
      message: /rebuilt: "2" is not a date .*; numbers of revisions need semverTags\(\{ revisions: true \}\)/,
    },
    {
      title: "a rebuild of a revision",
      rule: semverTags({ revisions: true }),
      release: { version: "1.0.0-2", rebuilt: "3" },
      message: /rebuilt: "3", but the version has the revision 2/,
    },
    {
      title: "a name that is not a tag",
      rule: channelTags("a b"),
      release: {},
      message: /tag "a b" is not valid/,
    },
    {
      title: "a branch of signs only",
      rule: branchTags(),
      release: { branch: "///" },
      message: /no characters that are valid in a tag|tag "-"/,
    },
  ];
  for (const { title, rule, release, message } of refusals) {
    it(`refuses: ${title}`, () => assert.throws(() => planTags(rule, release), message));
  }

  for (const { title, rule, release, kept } of [
    {
      title: "of a pre-release all",
      rule: semverTags(),
      release: { version: "v1.2.0-rc.1" },
      kept: ["v1.2", "v1", "latest"],
    },
    { title: "of a stable version none", rule: semverTags(), release: { version: "v1.2.0" }, kept: [] },
    { title: "of a branch none", rule: semverTags(), release: { branch: "main" }, kept: [] },
    {
      title: "of a pull request none",
      rule: semverTags(),
      release: { version: "v1.2.0-rc.1", pullRequest: 1 },
      kept: [],
    },
    {
      title: "of a date's pre-release all",
      rule: calverTags(),
      release: { version: "2022.04.1-rc.1" },
      kept: ["2022.04", "2022", "latest"],
    },
    {
      title: "of rules together those of each",
      rule: combineTags(semverTags({ aliases: ["latest"] }), branchTags()),
      release: { version: "v1.2.0-rc.1" },
      kept: ["latest"],
    },
  ]) {
    it(`aliases that stay where they are: ${title}`, () => {
      assert.deepEqual(
        rule.kept?.(release).map(({ tag }) => tag),
        kept,
      );
    });
  }
});

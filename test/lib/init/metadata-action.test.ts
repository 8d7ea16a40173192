import assert from "node:assert/strict";
import { renderCode } from "../../../lib/init/code";
import { metadataTags } from "../../../lib/init/readers/metadata-action";

/** What rules and what is left become of tags. */
function converted(tags: string | undefined, flavor?: string, versionPrefix = "v") {
  const from = { file: "a.yml", line: 7 };
  const found = metadataTags({ tags, flavor, versionPrefix, from });
  return {
    rules: found.tags.flatMap(({ rules }) => rules.map((rule) => renderCode(rule))),
    left: found.left.map(({ what, reason }) => `${what}: ${reason}`),
  };
}

describe("the tags of docker/metadata-action", () => {
  const cases: [
    title: string,
    tags: string | undefined,
    flavor: string | undefined,
    rules: string[],
    left: RegExp[],
  ][] = [
    [
      "semver with aliases",
      "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}},enable=${{ !startsWith(github.ref, 'refs/tags/v0.') }}",
      undefined,
      ['semverTags({ prefix: "", aliases: ["minor", "major", "latest"] })'],
      [],
    ],
    [
      "two forms of the version",
      "type=semver,pattern={{version}}\ntype=semver,pattern=v{{version}}\ntype=semver,pattern={{raw}}",
      "latest=false",
      ['semverTags({ prefix: "", aliases: [], also: ["v"] })'],
      [],
    ],
    [
      "a component before the version",
      "type=semver,pattern={{version}},prefix=cli-",
      undefined,
      ['semverTags({ prefix: "cli-", aliases: ["latest"] })'],
      [],
    ],
    [
      "pep440",
      "type=pep440,pattern={{version}}",
      undefined,
      ['semverTags({ prefix: "", aliases: ["latest"] })'],
      [/1\.0\.0rc1/],
    ],
    ["match", "type=match,pattern=\\d+", undefined, [], [/no patterns of its own/]],
    [
      "none at all, which is the action's default",
      undefined,
      undefined,
      [
        'semverTags({ prefix: "v", aliases: ["latest"] })',
        "branchTags()",
        "pullRequestTags()",
        'channelTags("nightly", { branches: false })',
      ],
      [],
    ],
    [
      "sha as it is by default",
      "type=ref,event=branch\ntype=sha",
      undefined,
      ['branchTags({ commit: ["short"] })'],
      [/sha- is not written/],
    ],
    [
      "the long sha alone",
      "type=ref,event=branch\ntype=sha,format=long,prefix=",
      undefined,
      ['branchTags({ commit: ["full"] })'],
      [],
    ],
    [
      "a schedule",
      "type=schedule,pattern=weekly",
      undefined,
      ['channelTags("weekly", { branches: false })'],
      [],
    ],
    [
      "a schedule with a date",
      "type=schedule,pattern={{date 'YYYYMMDD'}}",
      undefined,
      [],
      [/a tag with a date/],
    ],
    ["raw", "type=raw,value=stable\nedge", undefined, ['channelTags("stable")', 'channelTags("edge")'], []],
    [
      "raw latest alone",
      "type=raw,value=latest,enable={{is_default_branch}}",
      undefined,
      ['channelTags("latest")'],
      [/enable=\{\{is_default_branch\}\}/],
    ],
    [
      "raw latest beside versions",
      "type=semver,pattern={{version}}\nlatest",
      "latest=false",
      ['semverTags({ prefix: "", aliases: ["latest"] })'],
      [],
    ],
    ["an expression", "type=raw,value=${{ github.run_id }}", undefined, [], [/has a value in a run only/]],
    [
      "edge of a branch",
      "type=edge,branch=dev",
      undefined,
      ['channelTags("edge")'],
      [/the workflow decides/],
    ],
    ["what is switched off", "type=raw,value=x,enable=false", undefined, [], [/switched off/]],
    [
      "a suffix",
      "type=semver,pattern={{version}},suffix=-alpine",
      undefined,
      [],
      [/nothing behind a version/],
    ],
    ["a suffix of all", "type=ref,event=branch", "suffix=-alpine", [], [/nothing behind a version/]],
    [
      "a prefix that no rule has",
      "type=semver,pattern={{version}},prefix=1.2-",
      undefined,
      [],
      [/can stand before a version/],
    ],
    ["a prefix of all", "type=ref,event=branch", "prefix=b-", ['branchTags({ prefix: "b-" })'], []],
    ["priority", "type=raw,value=x,priority=900", undefined, ['channelTags("x")'], []],
    ["comments, CRLF and quotes", '# all\r\n"type=raw","value=x"\r\n', undefined, ['channelTags("x")'], []],
    ["a type that nobody knows", "type=other", undefined, [], [/not known/]],
  ];
  for (const [title, tags, flavor, rules, left] of cases) {
    it(title, () => {
      const found = converted(tags, flavor);
      assert.deepEqual(found.rules, rules);
      assert.equal(found.left.length, left.length, found.left.join("\n"));
      left.forEach((pattern, index) => assert.match(found.left[index] ?? "", pattern));
    });
  }

  it("takes the form of the version that tags of git have", () => {
    assert.deepEqual(converted("type=ref,event=tag", undefined, "").rules, [
      'semverTags({ prefix: "", aliases: ["latest"] })',
    ]);
  });
});

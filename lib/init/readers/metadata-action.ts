import { call, fieldsOf, type Code } from "../code";
import type { FoundTags, Left, Origin } from "../found";

/** Inputs of a step with `docker/metadata-action`, after expressions were filled. */
export interface MetadataInputs {
  readonly tags: string | undefined;
  readonly flavor: string | undefined;
  /** What stands before the version in tags of git. */
  readonly versionPrefix: string;
  readonly from: Origin;
}

/** Tags of the action where a step says none (its README, "tags input"). */
const defaultTags = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr";

/** What each input of a tag becomes, for the documentation and for what is left. */
export const metadataTable: readonly (readonly [input: string, becomes: string])[] = [
  ["`type=semver,pattern={{version}}`", '`semverTags({ prefix: "" })`'],
  [
    "`type=semver,pattern=v{{version}}`, `{{raw}}`",
    '`semverTags({ prefix: "v" })`; a second form of the version is in `also`',
  ],
  [
    "`type=semver,pattern={{major}}.{{minor}}`, `{{major}}`",
    "aliases `minor` and `major`; there is none for the major version 0",
  ],
  ["`type=pep440`", "as `semver`; pre-releases are written as semantic versions, and named"],
  ["`type=match`", "not converted: a rule has no patterns of its own"],
  ["`type=ref,event=tag`", "`semverTags()` with the prefix of the tags of git"],
  ["`type=ref,event=branch`", "`branchTags()`"],
  ["`type=ref,event=pr`", "`pullRequestTags()`: computed and shown, and not published"],
  [
    "`type=sha`",
    "commit tags of `branchTags()`, `short` or `full`; the prefix `sha-` cannot be written, and is named",
  ],
  [
    "`type=schedule`",
    '`channelTags("nightly", { branches: false })`; a pattern with a date is not converted',
  ],
  [
    "`type=raw`",
    "`latest` beside versions is their alias; any other text without expressions is a `channelTags()`",
  ],
  ["`type=edge`", '`channelTags("edge")`; a `branch` is named, because the workflow decides what is built'],
  ["`prefix`", "that of the rule; what no rule can write is named"],
  ["`suffix`", "not converted: a rule writes nothing behind a version"],
  ["`enable`", "`false` leaves the tag out; an expression is named, because a rule goes by what is built"],
  ["`priority`", "not needed: all tags of a rule are set"],
  ["`flavor: latest`", "alias `latest`: with `auto` and `true`, not with `false`"],
  ["`flavor: prefix`, `suffix`", "as those of each tag"],
  ["`images`", "registries of `Pulumi.prod.yaml`, and the names of images"],
  ["`labels`, `annotations`", "not needed: the standard ones are set; others are named"],
];

type Attributes = ReadonlyMap<string, string>;

interface Semver {
  prefix: string | undefined;
  also: string[];
  aliases: Set<string>;
}

/** Converts the tags of a step. */
export function metadataTags({ tags = defaultTags, flavor = "", versionPrefix, from }: MetadataInputs): {
  tags: FoundTags[];
  left: Left[];
} {
  const left: Left[] = [];
  const leave = (what: string, reason: string) => void left.push({ ...from, what, reason });
  const flavors = flavorOf(flavor);
  const semver: Semver = { prefix: undefined, also: [], aliases: new Set() };
  const commit = new Set<string>();
  let branch: { prefix: string | undefined } | undefined;
  let pullRequests = false;
  const channels = new Map<string, Code>();
  const lines = linesOf(tags);
  for (const line of lines) {
    const attributes = attributesOf(line);
    const type = attributes.get("type") ?? "raw";
    const enable = attributes.get("enable");
    if (enable === "false") {
      leave(line, "is switched off");
      continue;
    }
    if (enable !== undefined && enable !== "true" && type !== "semver")
      leave(line, `enable=${enable}: the rule is for what is built, a version, a branch or a pull request`);
    if ((attributes.get("suffix") ?? flavors.get("suffix") ?? "") !== "") {
      leave(
        line,
        "a tag rule writes nothing behind a version: give such an image a repository or a prefix of its own",
      );
      continue;
    }
    const prefix = attributes.get("prefix") ?? flavors.get("prefix") ?? "";
    if (prefix.includes("${{") || prefix.includes("{{")) {
      leave(line, "the prefix has a value in a run only");
      continue;
    }
    if (type === "semver" || type === "pep440") {
      addVersion(semver, line, type, attributes, { prefix, versionPrefix }, leave);
    } else if (type === "ref" && attributes.get("event") === "tag") {
      addPrefix(semver, `${prefix}${versionPrefix}`, line, leave);
    } else if (type === "ref" && attributes.get("event") === "branch") {
      branch = { prefix: prefix || undefined };
    } else if (type === "ref" && attributes.get("event") === "pr") {
      pullRequests = true;
      const written = attributes.get("prefix");
      if (written !== undefined && written !== "pr-") leave(line, "tags of pull requests are pr-NUMBER");
    } else if (type === "sha") {
      commit.add(attributes.get("format") === "long" ? "full" : "short");
      if ((attributes.get("prefix") ?? "sha-") !== "")
        leave(
          line,
          `commit tags are the hash alone: ${attributes.get("prefix") ?? "sha-"} is not written before it`,
        );
    } else if (type === "schedule") {
      const name = `${prefix}${attributes.get("pattern") ?? "nightly"}`;
      if (name.includes("{{"))
        leave(line, "a tag with a date is none of the rules: a rebuild of a version has one");
      else channels.set(name, call("channelTags", name, fieldsOf({ branches: false })));
    } else if (type === "raw" || type === "edge") {
      const name = `${prefix}${type === "edge" ? "edge" : (attributes.get("value") ?? line)}`;
      if (name.includes("{{")) leave(line, "the tag has a value in a run only");
      else if (name === "latest") semver.aliases.add("latest");
      else channels.set(name, call("channelTags", name));
      if (attributes.has("branch")) leave(line, "branch: the workflow decides which branch is built");
    } else {
      leave(line, type === "match" ? "a rule has no patterns of its own" : `type=${type} is not known`);
    }
  }
  const hasVersions = semver.prefix !== undefined;
  if (hasVersions && flavors.get("latest") !== "false") semver.aliases.add("latest");
  const rules: Code[] = [];
  if (hasVersions) rules.push(semverCall(semver));
  else if (semver.aliases.has("latest")) rules.push(call("channelTags", "latest"));
  const commits = commit.size === 0 ? undefined : [...commit];
  if (branch !== undefined || commits !== undefined) {
    const options = fieldsOf({ prefix: branch?.prefix, commit: commits });
    rules.push(options.fields.length === 0 ? call("branchTags") : call("branchTags", options));
    if (branch === undefined) leave("type=sha", "commit tags come with a tag of the branch");
  }
  if (pullRequests) rules.push(call("pullRequestTags"));
  rules.push(...channels.values());
  return { tags: rules.length === 0 ? [] : [{ rules, from }], left };
}

function addVersion(
  semver: Semver,
  line: string,
  type: string,
  attributes: Attributes,
  { prefix, versionPrefix }: { prefix: string; versionPrefix: string },
  leave: (what: string, reason: string) => void,
): void {
  const pattern = (attributes.get("pattern") ?? "{{version}}").replaceAll(/\s/g, "");
  const enable = attributes.get("enable") ?? "true";
  if (type === "pep440" && pattern === "{{version}}")
    leave(line, "a pre-release is written as a semantic version, 1.0.0-rc.1, and not as 1.0.0rc1");
  const [, before = "", field, after] = /^(v?)\{\{(version|raw)\}\}()$/.exec(pattern) ?? [];
  if (after !== undefined) {
    addPrefix(semver, `${prefix}${field === "raw" ? versionPrefix : before}`, line, leave);
    if (enable !== "true") leave(line, `enable=${enable}: each version gets its tag`);
    return;
  }
  const alias = /^v?\{\{major\}\}(\.\{\{minor\}\})?$/.exec(pattern);
  if (alias === null) {
    leave(line, `pattern=${pattern}: aliases are MAJOR.MINOR, MAJOR and latest`);
    return;
  }
  semver.aliases.add(alias[1] === undefined ? "major" : "minor");
  // What is usual for a major version 0 is the rule's own: it has no alias.
  if (enable !== "true" && !/v0|0\./.test(enable))
    leave(line, `enable=${enable}: aliases follow the highest stable version`);
}

function addPrefix(
  semver: Semver,
  prefix: string,
  line: string,
  leave: (what: string, reason: string) => void,
): void {
  if (!/^(?!.*\d\.)(?:[A-Za-z_][A-Za-z0-9_.-]*[_-])?v?$/.test(prefix))
    leave(
      line,
      `prefix ${JSON.stringify(prefix)}: "v", nothing, or a name that ends with "-" or "_" can stand before a version`,
    );
  else if (semver.prefix === undefined) semver.prefix = prefix;
  else if (semver.prefix !== prefix && !semver.also.includes(prefix)) semver.also.push(prefix);
}

function semverCall({ prefix = "", also, aliases }: Semver): Code {
  const order = ["minor", "major", "latest"].filter((alias) => aliases.has(alias));
  const options = fieldsOf({
    prefix,
    aliases: order,
    also: also.length === 0 ? undefined : also,
  });
  return call("semverTags", options);
}

/** Lines of an input that is a list; comments and empty lines are left out. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Attributes of a line, as CSV: `type=semver,"pattern={{version}}"`. A text alone is a raw tag. */
export function attributesOf(line: string): Attributes {
  const parts = line.match(/(?:"[^"]*"|\$\{\{[^}]*\}\}|[^,"])+/g) ?? [];
  const pairs = parts.map((part): [string, string] => {
    const text = part.trim().replace(/^"(.*)"$/, "$1");
    const equals = text.indexOf("=");
    return equals < 0
      ? ["value", text]
      : [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
  });
  return new Map(pairs);
}

function flavorOf(flavor: string): Attributes {
  return new Map(linesOf(flavor).flatMap((line) => [...attributesOf(line)]));
}

import * as z from "zod";
import { defined } from "../../lib/objects/defined";
import {
  bareVersion,
  parseCalendarVersion,
  parseRevision,
  parseVersion,
  type Version,
} from "../../lib/version/version";
import { checkTag } from "../../lib/oci/reference";
import type { TagNames } from "../../resources/types";
import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import { checkArguments } from "./call-arguments";

/**
 * Which tags a release gets, as pure functions: the same release gives the same tags, on a laptop
 * and in CI.
 */

/** The published place and content. */
export interface Release {
  /**
   * Semantic version, with or without `v`; absent for branches, pull requests and nightly builds.
   */
  version?: string;
  /** Full commit hash. */
  commit?: string;
  /** Name of the branch, for builds that are not releases. */
  branch?: string;
  /** Number of the pull request. Nothing of a pull request is published. */
  pullRequest?: number;
  /**
   * Build date as `YYYYMMDD`, where a published version is built again, e.g. for a newer base. With
   * `semverTags({ revisions: true })` it may be any number.
   */
  rebuilt?: string;
}

/** A tag and how it may move. */
export interface PlannedTag {
  tag: string;
  /** See the resource `slipway:oci:Tags`. */
  moves: "never" | "always" | "highest";
  /** Version of the release, for `highest`. */
  version?: string;
  /** Versions the alias is for, for `highest`: empty for all, `1` or `1.2`. */
  within?: string;
  /** What stands before the versions that are compared, for `highest`, e.g. `cli-`. */
  component?: string;
  /** Whether a number after a version is a revision, for `highest`. */
  revisions?: boolean;
  /** Whether versions are calendar versions, for `highest`. */
  calendar?: boolean;
  /** Tags that are not compared, as patterns with `*`, for `highest`. */
  except?: readonly string[];
  /** False where the tag is computed and shown, but not published: pull requests. */
  published: boolean;
}

/** A planned tag as the resources that set tags take it. */
export function declaredTag(planned: PlannedTag): DeclaredTag {
  const { tag, moves, version, within, component, revisions, calendar, except } = planned;
  return defined({
    tag,
    moves,
    version,
    within,
    component,
    revisions,
    calendar,
    except: except && [...except],
  });
}

/** Gives the tags of a release; none where the rule is not for this kind of release. */
export interface TagRule {
  (release: Release): PlannedTag[];
  /**
   * Says what a tag is to this rule, in words, where it could give it to some release: no other rule
   * of the repository may give that tag.
   */
  readonly owns?: (tag: string) => string | undefined;
  /** Tags that it gives whatever the release is called. */
  readonly fixedNames?: readonly string[];
  /** The names that it gives, for who meets them in a registry. What is in none of them is never removed. */
  readonly names?: readonly TagNames[];
  /**
   * Aliases that a release does not take, because it is a pre-release: they stay where they are, and
   * stay looked after.
   */
  kept?(release: Release): PlannedTag[];
}

/** A release that lacks what its tags need, or rules that contradict each other. */
export class TagRuleError extends Error {
  override readonly name = "TagRuleError";
}

/** Options of {@link semverTags}. */
export interface SemverTagOptions {
  /**
   * Written before the version in every tag: `v`, nothing, or the name of a component with a separator,
   * `cli-v` or `tools-`, where a repository has the versions of several. Its aliases are then `cli-v1.2`,
   * `cli-v1` and `cli-latest`, of the highest version with that name. Default: `v`.
   */
  prefix?: string;
  /** Aliases that follow the highest stable version: `v1.2`, `v1`, `latest`. Default: all three. */
  aliases?: readonly ("minor" | "major" | "latest")[];
  /** Further forms of the version tag by prefix, e.g. `["", "release-"]`. */
  also?: readonly string[];
  /**
   * Whether a number after a version is its revision, as packages have it: `1.2.3-2` is newer than
   * `1.2.3`, and takes the aliases. Default: false, it is a pre-release (semver.org, 9).
   */
  revisions?: boolean;
  /**
   * Tags of the repository that are not compared when aliases move, as patterns in which `*` stands
   * for any characters: e.g. `["v9.*"]` for versions that were published by mistake.
   */
  except?: readonly string[];
  /**
   * Commit tags: `version` is `1.2.3-abc1234`, `short` is `abc1234`, `full` the whole hash.
   * Default: none.
   */
  commit?: readonly CommitForm[];
}

/** How a commit is written in a tag. */
export type CommitForm = "version" | "short" | "full";

/**
 * Tags of a released version. The version tag never moves. Aliases are those of the highest stable
 * version: a pre-release gets none, and a patch of an old line takes only those of its line. A
 * rebuild gets a date tag and moves the aliases; the version tag keeps its digest. There is no
 * alias for the major version 0, in which every minor version may break.
 */
export function semverTags(options: SemverTagOptions = {}): TagRule {
  checkArguments("semverTags()", semverOptions, options);
  const { prefix = "v", also = [], commit = [], revisions = false } = options;
  const component = componentOf("semverTags", prefix);
  const rule = (release: Release): PlannedTag[] => {
    if (release.version === undefined || release.pullRequest !== undefined) return [];
    const version = versionOf(release.version, revisions);
    const revision = revisionOf(release, version, revisions);
    const name = `${prefix}${version.version}`;
    const aliasTags = !version.stable ? [] : aliasesOf(version, revision, options);
    if (revision !== undefined) return [fixed(`${name}-${revision}`), ...aliasTags];
    return [
      fixed(name),
      ...also.map((other) => fixed(`${other}${version.version}`)),
      ...commitTags(release.commit, commit, name, component),
      ...aliasTags,
    ];
  };
  const kept = ({ version: text, pullRequest }: Release): PlannedTag[] => {
    if (text === undefined || pullRequest !== undefined) return [];
    const version = versionOf(text, revisions);
    return version.stable ? [] : aliasesOf(version, undefined, options);
  };
  const names: TagNames[] = [
    { kind: "version", prefix, also: also && [...also], commit: commit && [...commit], revisions },
  ];
  return Object.assign(rule, { owns: (tag: string) => ownedBySemver(tag, options), kept, names });
}

/** Date of a rebuild, or number of a revision, as the release gives it. */
function revisionOf({ rebuilt }: Release, version: Version, revisions: boolean): string | undefined {
  if (rebuilt === undefined) return version.revision?.toString();
  if (version.revision !== undefined) {
    throw new TagRuleError(
      `rebuilt: ${JSON.stringify(rebuilt)}, but the version has the revision ${version.revision}: leave one of them out`,
    );
  }
  if (!(revisions ? /^[1-9]\d*$/ : /^\d{8}$/).test(rebuilt)) {
    throw new TagRuleError(
      `rebuilt: ${JSON.stringify(rebuilt)} is not a date (a valid example: "20260131")` +
        (/^\d+$/.test(rebuilt) ? "; numbers of revisions need semverTags({ revisions: true })" : ""),
    );
  }
  return rebuilt;
}

/** A name is no version and has none in it: its own tags would be read as those of another name. */
const prefixPattern = /^(?!.*\d\.)(?:[A-Za-z_][A-Za-z0-9_.-]*[_-])?v?$/;

/**
 * The component that a prefix of tags names, with its separator; undefined for none.
 *
 * @throws TagRuleError for a prefix that names none, or cannot stand in a tag
 */
function componentOf(rule: string, prefix: string): string | undefined {
  if (!prefixPattern.test(prefix)) {
    const slash = prefix.includes("/") ? "; a tag of an image cannot contain a slash" : "";
    throw new TagRuleError(
      `${rule}({ prefix: ${JSON.stringify(prefix)} }): "v", nothing, or a name that ends with "-" or "_" and may have a ` +
        `v after it, is expected (a valid example: "cli-v")${slash}`,
    );
  }
  return prefix.replace(/v$/, "") || undefined;
}

/** What a tag is to {@link semverTags}, where it could give it. */
function ownedBySemver(tag: string, options: SemverTagOptions): string | undefined {
  const { prefix = "v", aliases = allAliases, also = [] } = options;
  const component = componentOf("semverTags", prefix) ?? "";
  if (tag === `${component}latest`)
    return aliases.includes("latest") ? "an alias of semverTags()" : undefined;
  // With and without `v` a tag is read as a version when aliases are compared.
  const bare = [`${component}v`, component, ...also].filter((text) => tag.startsWith(text));
  if (bare.some((text) => parseVersion(tag.slice(text.length)))) return "a version tag of semverTags()";
  const isAlias =
    tag.startsWith(prefix) &&
    ((aliases.includes("minor") && /^\d+\.\d+$/.test(tag.slice(prefix.length))) ||
      (aliases.includes("major") && /^\d+$/.test(tag.slice(prefix.length))));
  return isAlias ? "an alias of semverTags()" : undefined;
}

const allAliases = ["minor", "major", "latest"] as const;

const texts = z.array(z.string()).optional();
const commitForms = z.array(z.enum(["version", "short", "full"])).optional();

const semverOptions = z.strictObject({
  prefix: z.string().optional(),
  aliases: z.array(z.enum(allAliases)).optional(),
  also: texts,
  revisions: z.boolean().optional(),
  except: texts,
  commit: commitForms,
});

/** Options of {@link calverTags}. */
export interface CalverTagOptions {
  /** Written before the version in every tag, as that of {@link semverTags}. Default: nothing. */
  prefix?: string;
  /**
   * Aliases that follow the highest stable version: `2022.04` (`line`, the first two numbers), `2022`
   * (`year`), `latest`. Default: all three.
   */
  aliases?: readonly ("line" | "year" | "latest")[];
  /** Tags of the repository that are not compared when aliases move, as patterns with `*`. */
  except?: readonly string[];
  /** Commit tags, as those of {@link semverTags}. Default: none. */
  commit?: readonly CommitForm[];
}

/**
 * Tags of a version that is a date (calver.org), written as it is: `2022.04.1`, `22.04`. It never
 * moves. Aliases are those of the highest stable one; what is written otherwise in the repository,
 * such as `6.14.0`, is not compared.
 */
export function calverTags(options: CalverTagOptions = {}): TagRule {
  checkArguments("calverTags()", calverOptions, options);
  const { prefix = "", commit = [] } = options;
  const component = componentOf("calverTags", prefix);
  const isFor = ({ version, pullRequest }: Release) => version !== undefined && pullRequest === undefined;
  const rule = (release: Release): PlannedTag[] => {
    if (!isFor(release)) return [];
    const { version, text } = calendarVersionOf(release);
    const name = `${prefix}${text}`;
    const tags = [fixed(name), ...commitTags(release.commit, commit, name, component)];
    return version.stable ? [...tags, ...calendarAliasesOf(version, text, options, component)] : tags;
  };
  const kept = (release: Release): PlannedTag[] => {
    if (!isFor(release)) return [];
    const { version, text } = calendarVersionOf(release);
    return version.stable ? [] : calendarAliasesOf(version, text, options, component);
  };
  const names: TagNames[] = [{ kind: "version", prefix, commit: commit && [...commit], calendar: true }];
  return Object.assign(rule, { owns: (tag: string) => ownedByCalver(tag, options), kept, names });
}

function calendarAliasesOf(
  { major, minor }: Version,
  text: string,
  { prefix = "", aliases = allCalendarAliases, except }: CalverTagOptions,
  component: string | undefined,
): PlannedTag[] {
  const [year = "", second = ""] = text.replace(/-.*/, "").split(".");
  const alias = (tag: string, within: string): PlannedTag =>
    defined({
      tag,
      moves: "highest",
      version: text,
      within,
      component,
      calendar: true,
      except,
      published: true,
    });
  const all: Record<(typeof allCalendarAliases)[number], PlannedTag> = {
    line: alias(`${prefix}${year}.${second}`, `${major}.${minor}`),
    year: alias(`${prefix}${year}`, String(major)),
    latest: alias(`${component ?? ""}latest`, ""),
  };
  // A version of two numbers is its own line.
  return aliases.map((kind) => all[kind]).filter(({ tag }) => tag !== `${prefix}${text}`);
}

const allCalendarAliases = ["line", "year", "latest"] as const;

const calverOptions = z.strictObject({
  prefix: z.string().optional(),
  aliases: z.array(z.enum(allCalendarAliases)).optional(),
  except: texts,
  commit: commitForms,
});

function calendarVersionOf({ version = "", rebuilt }: Release): { version: Version; text: string } {
  const found = parseCalendarVersion(version);
  if (!found) {
    throw new TagRuleError(
      `version: ${JSON.stringify(version)} is not a calendar version (a valid example: "2022.04.1")`,
    );
  }
  if (rebuilt !== undefined) {
    throw new TagRuleError(
      `rebuilt: ${JSON.stringify(rebuilt)}, but calverTags() has no rebuilds: give the build the next version`,
    );
  }
  return { version: found, text: bareVersion(version) };
}

/** What a tag is to {@link calverTags}, where it could give it. */
function ownedByCalver(tag: string, options: CalverTagOptions): string | undefined {
  const { prefix = "", aliases = allCalendarAliases } = options;
  const component = componentOf("calverTags", prefix) ?? "";
  if (tag === `${component}latest`)
    return aliases.includes("latest") ? "an alias of calverTags()" : undefined;
  if (tag.startsWith(component) && parseCalendarVersion(tag.slice(component.length))) {
    return "a version tag of calverTags()";
  }
  const isYear = tag.startsWith(prefix) && /^(\d{2}|\d{4})$/.test(tag.slice(prefix.length));
  return isYear && aliases.includes("year") ? "an alias of calverTags()" : undefined;
}

/** Options of {@link branchTags}. */
export interface BranchTagOptions {
  /**
   * Written before the branch in its tags, e.g. `branch-`: a branch may be called as a version is.
   * Default: none.
   */
  prefix?: string;
  /**
   * Commit tags: `version` is `main-abc1234`, `short` is `abc1234`, `full` the whole hash. Default:
   * none.
   */
  commit?: readonly CommitForm[];
}

const branchOptions = z.strictObject({ prefix: z.string().optional(), commit: commitForms });

/** Tags of a build of a branch: the branch's name, which moves, and commit tags, which do not. */
export function branchTags(options: BranchTagOptions = {}): TagRule {
  checkArguments("branchTags()", branchOptions, options);
  const rule = (release: Release): PlannedTag[] => {
    if (release.branch === undefined || release.version !== undefined || release.pullRequest !== undefined)
      return [];
    const branch = tagOfBranch(`${options.prefix ?? ""}${release.branch}`);
    return [moving(branch), ...commitTags(release.commit, options.commit ?? [], branch)];
  };
  const { prefix, commit } = options;
  return Object.assign(rule, {
    names: [defined({ kind: "branch" as const, prefix, commit: commit && [...commit] })],
  });
}

/** The tag of a pull request, `pr-12`: computed for the report, never published. */
export function pullRequestTags(): TagRule {
  const rule = ({ pullRequest }: Release): PlannedTag[] =>
    pullRequest === undefined ? [] : [{ ...moving(`pr-${pullRequest}`), published: false }];
  return Object.assign(rule, { names: [{ kind: "pullRequest" as const }] });
}

/** Options of {@link channelTags}. */
export interface ChannelTagOptions {
  /** Commit tags: `short` is `abc1234`, `full` the whole hash. Default: none. */
  commit?: readonly ("short" | "full")[];
  /**
   * Whether the build of a branch gets the tag too, and not only one that names none, e.g. of every
   * night. Default: true.
   */
  branches?: boolean;
}

const channelArguments = z.strictObject({
  name: z.string().meta({ examples: ["nightly"] }),
  options: z.strictObject({
    commit: z.array(z.enum(["short", "full"])).optional(),
    branches: z.boolean().optional(),
  }),
});

/**
 * A moving tag for builds that are not releases, e.g. `dev` or `nightly`, with commit tags if
 * wanted.
 */
export function channelTags(name: string, options: ChannelTagOptions = {}): TagRule {
  checkArguments("channelTags()", channelArguments, { name, options });
  const { commit = [], branches = true } = options;
  const rule = (release: Release): PlannedTag[] => {
    if (release.version !== undefined || release.pullRequest !== undefined) return [];
    if (release.branch !== undefined && !branches) return [];
    return [moving(name), ...commitTags(release.commit, commit, name)];
  };
  const owns = (tag: string) =>
    tag === name ? `the tag of channelTags(${JSON.stringify(name)})` : undefined;
  return Object.assign(rule, {
    owns,
    fixedNames: [name],
    names: [{ kind: "channel" as const, name, commit: [...commit] }],
  });
}

const tagRules = z.array(
  z.custom<TagRule>(
    (value) => typeof value === "function",
    "a tag rule is expected (a valid example: semverTags())",
  ),
);

/**
 * The tags of several rules together. Each tag belongs to one of them: a branch whose tag would be
 * one of the versions or aliases would take it from the releases.
 *
 * @throws TagRuleError where two rules disagree about one tag, or one gives a tag of another
 */
export function combineTags(...rules: readonly TagRule[]): TagRule {
  checkArguments("combineTags()", tagRules, rules);
  const combined = (release: Release): PlannedTag[] => {
    const given = rules.map((rule) => rule(release));
    for (const rule of rules) {
      for (const name of rule.fixedNames ?? []) refuseOwned(name, rules, rule, []);
    }
    rules.forEach((rule, index) => {
      for (const { tag } of given[index] ?? []) refuseOwned(tag, rules, rule, given, release.branch);
    });
    return uniqueTags(given.flat());
  };
  const owns = (tag: string) => rules.map((rule) => rule.owns?.(tag)).find((what) => what !== undefined);
  const kept = (release: Release) => uniqueTags(rules.flatMap((rule) => rule.kept?.(release) ?? []));
  return Object.assign(combined, {
    owns,
    kept,
    fixedNames: rules.flatMap(({ fixedNames }) => fixedNames ?? []),
    names: rules.flatMap(({ names }) => names ?? []),
  });
}

/** Two rules that both give a tag to this release agree about it, or are found by `uniqueTags`. */
function refuseOwned(
  tag: string,
  rules: readonly TagRule[],
  own: TagRule,
  given: readonly (readonly PlannedTag[])[],
  branch?: string,
): void {
  rules.forEach((rule, index) => {
    const what = rule === own ? undefined : rule.owns?.(tag);
    if (what === undefined || given[index]?.some((planned) => planned.tag === tag)) return;
    throw new TagRuleError(
      branch === undefined
        ? `tags: ${JSON.stringify(tag)} is ${what} too: give it another name`
        : `branch: ${JSON.stringify(branch)} would get the tag ${JSON.stringify(tag)}, which is ${what}: ` +
            `rename the branch, or write something before it (branchTags({ prefix: "branch-" }))`,
    );
  });
}

/**
 * The tags that a rule gives, checked.
 *
 * @throws TagRuleError, ReferenceError
 */
export function planTags(rule: TagRule, release: Release): PlannedTag[] {
  const tags = uniqueTags(rule(release));
  for (const { tag } of tags) checkTag(tag);
  return tags;
}

function uniqueTags(tags: readonly PlannedTag[]): PlannedTag[] {
  const byName = new Map<string, PlannedTag>();
  for (const planned of tags) {
    const earlier = byName.get(planned.tag);
    if (earlier && earlier.moves !== planned.moves) {
      throw new TagRuleError(
        `tag ${JSON.stringify(planned.tag)}: two rules move it differently ("${earlier.moves}" and "${planned.moves}"); rename one of the tags`,
      );
    }
    byName.set(planned.tag, earlier ?? planned);
  }
  return [...byName.values()];
}

function versionOf(text: string, revisions: boolean): Version {
  const version = revisions ? parseRevision(text) : parseVersion(text);
  if (!version) {
    throw new TagRuleError(
      `version: ${JSON.stringify(text)} is not a semantic version (a valid example: "v1.2.3")${calendarHint(text)}`,
    );
  }
  if (version.build.length > 0) {
    throw new TagRuleError(
      `version: ${JSON.stringify(text)} has build metadata, but a tag cannot contain "+" (a valid example: "v1.2.3")`,
    );
  }
  return version;
}

function calendarHint(text: string): string {
  const zero = /(?:^v?|\.)(0\d+)/.exec(text)?.[1];
  if (!parseCalendarVersion(text)) return "";
  const why = zero === undefined ? "" : `: ${JSON.stringify(zero)} begins with a zero`;
  return `${why}; for versions that are dates there is calverTags()`;
}

function aliasesOf(
  version: Version,
  revision: string | undefined,
  { prefix = "v", aliases = allAliases, revisions, except }: SemverTagOptions,
): PlannedTag[] {
  const own = `${version.version}${revision === undefined ? "" : `-${revision}`}`;
  const component = componentOf("semverTags", prefix);
  const alias = (tag: string, within: string): PlannedTag =>
    defined({ tag, moves: "highest", version: own, within, component, revisions, except, published: true });
  const minor = `${version.major}.${version.minor}`;
  return aliases.flatMap((kind) => {
    if (kind === "latest") return [alias(`${component ?? ""}latest`, "")];
    if (kind === "minor") return [alias(`${prefix}${minor}`, minor)];
    return version.major === 0 ? [] : [alias(`${prefix}${version.major}`, String(version.major))];
  });
}

const shortCommitLength = 7;

function commitTags(
  commit: string | undefined,
  forms: readonly CommitForm[],
  name: string,
  component = "",
): PlannedTag[] {
  if (forms.length === 0) return [];
  if (commit === undefined || !/^[0-9a-f]{40}$/.test(commit)) {
    throw new TagRuleError(
      `commit: ${commit === undefined ? "is missing, but the tag rule has commit tags" : `${JSON.stringify(commit)} is not a full commit hash`} ` +
        `(a valid example: the output of "git rev-parse HEAD")`,
    );
  }
  const short = commit.slice(0, shortCommitLength);
  const texts: Record<CommitForm, string> = {
    version: `${name}-${short}`,
    short: `${component}${short}`,
    full: `${component}${commit}`,
  };
  return forms.map((form) => fixed(texts[form]));
}

/** A branch's name as a tag: what a tag cannot hold becomes `-`. */
function tagOfBranch(branch: string): string {
  const tag = branch
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 100);
  if (tag === "")
    throw new TagRuleError(`branch: ${JSON.stringify(branch)} has no characters that are valid in a tag`);
  return tag;
}

function fixed(tag: string): PlannedTag {
  return { tag, moves: "never", published: true };
}

function moving(tag: string): PlannedTag {
  return { tag, moves: "always", published: true };
}

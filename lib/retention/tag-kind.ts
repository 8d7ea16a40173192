import { legacyReferrerSubject } from "../oci/mirror/legacy-referrer-tag";
import { parseCalendarVersion, parseRevision, parseVersion, type Version } from "../version/version";
import { writtenDay } from "../text/day";

/** How a commit is written in a tag. */
type CommitForm = "version" | "short" | "full";

/** The names that a rule for tags gives, as data: what a tag found in a registry is, follows from them. */
export interface TagNames {
  readonly kind: "version" | "branch" | "channel" | "pullRequest";
  /**
   * Written before the version, with `v` where there is one, or before the branch. Without one no tag is known to be a
   * branch's.
   */
  readonly prefix?: string | undefined;
  /** Name of the channel, e.g. `nightly`. */
  readonly name?: string | undefined;
  /** Further forms of the version tag, by prefix. */
  readonly also?: readonly string[] | undefined;
  /** Whether versions are calendar versions. */
  readonly calendar?: boolean | undefined;
  /** Whether a number after a version is its revision, and no pre-release. */
  readonly revisions?: boolean | undefined;
  readonly commit?: readonly CommitForm[] | undefined;
}

/** What a tag is. */
export type TagKind =
  | { readonly kind: "version" | "prerelease" | "rebuild"; readonly version: Version }
  /** `within`: the line whose highest version it is; empty for all. */
  | { readonly kind: "alias"; readonly within: string }
  | { readonly kind: "date"; readonly day: string }
  | { readonly kind: "branch" | "channel" | "commit" | "pullRequest" }
  /** What belongs to a digest by its name: a list of referrers, a signature in cosign's older scheme. */
  | { readonly kind: "referrers"; readonly subject: string }
  | { readonly kind: "other" };

/** Whether tags of a kind may point to something else tomorrow. Versions, commits and dates never move. */
export function movesByRule(kind: TagKind["kind"]): boolean {
  return !["version", "prerelease", "rebuild", "commit", "date"].includes(kind);
}

const listTag = /^sha256-([a-f0-9]{64})$/;
const shortCommit = /^[0-9a-f]{7}$/;
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Kinds that were asked for, by rules: thousands of tags are asked about again and again. */
const known = new WeakMap<readonly TagNames[], Map<string, TagKind>>();

/** Returns what a tag is; what no rule of them gives is something else, which is nobody's to remove. */
export function kindOfTag(tag: string, names: readonly TagNames[]): TagKind {
  let kinds = known.get(names);
  if (kinds === undefined) known.set(names, (kinds = new Map<string, TagKind>()));
  let kind = kinds.get(tag);
  if (kind === undefined) kinds.set(tag, (kind = foundKind(tag, names)));
  return kind;
}

/** The digest that a tag belongs to by its name; undefined for tags of other kinds. */
export function subjectOfTag(tag: string): string | undefined {
  const list = listTag.exec(tag)?.[1];
  return list === undefined ? legacyReferrerSubject(tag) : `sha256:${list}`;
}

function foundKind(tag: string, names: readonly TagNames[]): TagKind {
  const subject = subjectOfTag(tag);
  if (subject !== undefined) return { kind: "referrers", subject };
  for (const name of names) {
    const kind = kindOf(tag, name);
    if (kind !== undefined) return kind;
  }
  return { kind: "other" };
}

function kindOf(tag: string, names: TagNames): TagKind | undefined {
  switch (names.kind) {
    case "version":
      return ofVersions(tag, names);
    case "channel":
      return ofChannel(tag, names);
    case "branch":
      return ofBranch(tag, names);
    case "pullRequest":
      return /^pr-\d+$/.test(tag) ? { kind: "pullRequest" } : undefined;
  }
}

function ofVersions(tag: string, names: TagNames): TagKind | undefined {
  const { prefix = "", also = [], commit = [] } = names;
  const component = prefix.replace(/v$/, "");
  if (tag === `${component}latest`) return { kind: "alias", within: "" };
  const alias = rest(tag, [prefix]).find((text) => /^\d+(\.\d+)?$/.test(text));
  if (alias !== undefined) return { kind: "alias", within: alias.split(".").map(Number).join(".") };
  for (const text of rest(tag, [prefix, `${component}v`, component, ...also])) {
    const kind = versionKind(text, names);
    if (kind !== undefined) return kind;
  }
  return isCommit(rest(tag, [component])[0] ?? "", commit) ? { kind: "commit" } : undefined;
}

function versionKind(text: string, { calendar, revisions, commit = [] }: TagNames): TagKind | undefined {
  const dash = text.lastIndexOf("-");
  const [before, after] = [text.slice(0, Math.max(dash, 0)), text.slice(dash + 1)];
  const parse = calendar ? parseCalendarVersion : parseVersion;
  if (commit.includes("version") && shortCommit.test(after) && parse(before)) return { kind: "commit" };
  const rebuild = calendar || !/^\d{8}$/.test(after) ? undefined : parseRevision(text);
  if (rebuild?.revision !== undefined) return { kind: "rebuild", version: rebuild };
  const version = revisions ? parseRevision(text) : parse(text);
  return version && { kind: version.stable ? "version" : "prerelease", version };
}

function ofChannel(tag: string, { name = "", commit = [] }: TagNames): TagKind | undefined {
  if (tag === name) return { kind: "channel" };
  const [suffix] = rest(tag, [`${name}-`]);
  const day = suffix === undefined ? undefined : writtenDay(suffix);
  if (day !== undefined) return { kind: "date", day };
  if (suffix !== undefined && commit.length > 0 && shortCommit.test(suffix)) return { kind: "commit" };
  return isCommit(tag, commit) ? { kind: "commit" } : undefined;
}

function ofBranch(tag: string, { prefix = "", commit = [] }: TagNames): TagKind | undefined {
  const [branch] = prefix === "" ? [] : rest(tag, [prefix]);
  if (branch === undefined) return isCommit(tag, commit) ? { kind: "commit" } : undefined;
  return commit.includes("version") && /.-[0-9a-f]{7}$/.test(branch)
    ? { kind: "commit" }
    : { kind: "branch" };
}

function isCommit(text: string, forms: readonly CommitForm[]): boolean {
  return (
    (forms.includes("short") && shortCommit.test(text)) || (forms.includes("full") && fullCommit.test(text))
  );
}

/** What stands after each prefix that the tag has. */
function rest(tag: string, prefixes: readonly string[]): string[] {
  return [...new Set(prefixes)]
    .filter((prefix) => tag.startsWith(prefix))
    .map((prefix) => tag.slice(prefix.length));
}

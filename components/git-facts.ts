import * as z from "zod";
import { gitText } from "../lib/machine/git-text";
import { ciReference, type CiReference } from "../lib/provenance/ci-reference";
import { checkArguments } from "./declaration/call-arguments";
import { compareVersions, parseVersion, type Version } from "../lib/version/version";

/** Changed files that an error names. */
const namedFiles = 5;

/** What git and the CI job say of what is built; what they do not say is undefined. */
export interface GitFacts {
  /** Version of the tag, as it is written after the prefix, e.g. `v1.2.3`. */
  version?: string | undefined;
  /** Tag with a version at the commit, e.g. `v1.2.3` or `cli/v1.2.3`. */
  tag?: string | undefined;
  /** Full hash of the commit. */
  commit?: string | undefined;
  branch?: string | undefined;
  /** Number of the pull request that is built. */
  pullRequest?: number | undefined;
  /** Whether files differ from the commit. */
  dirty?: boolean | undefined;
}

/** Arguments of {@link gitFacts}. */
export interface GitFactsArgs {
  /** What stands before the version in tags of this project, e.g. `cli/`. Default: nothing. */
  tagPrefix?: string;
  /** Builds a stable version of files that are in no commit, too. Default: false. */
  allowDirty?: boolean;
  /** Folder of the sources. Default: that of the program. */
  directory?: string;
}

const gitFactsArguments = z.strictObject({
  tagPrefix: z.string().optional(),
  allowDirty: z.boolean().optional(),
  directory: z.string().optional(),
});

/**
 * Returns what is built, as git and the CI job say: `version` from the tag at the commit, `commit`,
 * `branch`, `pullRequest`. In GitHub Actions and GitLab CI/CD the job says what it was started for,
 * so that a job for a branch makes no release because the commit has a tag. Elsewhere the highest
 * version at the commit counts.
 *
 * @example
 *   const { version, commit, branch, pullRequest } = gitFacts();
 *   new Distribution("hello", { version, commit, branch, pullRequest, … });
 * @throws Error where the version is stable and files differ from its commit, unless `allowDirty`;
 * for a tag of the job that has the prefix and no version; and for what git cannot do, in its words
 */
export function gitFacts(args: GitFactsArgs = {}): GitFacts {
  checkArguments("gitFacts()", gitFactsArguments, args);
  const { tagPrefix = "", allowDirty = false, directory = "." } = args;
  const git = (...words: string[]) => gitText(directory, words);
  const job = ciReference(process.env);
  const commit = git("rev-parse", "--verify", "--quiet", "HEAD") || undefined;
  const changed = commit === undefined ? [] : lines(git("status", "--porcelain", "--", "."));
  const tag = job
    ? tagOfJob(job, tagPrefix)
    : highestTag(lines(git("tag", "--points-at", "HEAD")), tagPrefix);
  if (tag?.version.stable === true && changed.length > 0 && !allowDirty) throw dirty(tag.text, changed);
  return {
    version: tag?.version.text,
    tag: tag?.text,
    commit: commit ?? job?.commit,
    branch: job ? job.branch : git("symbolic-ref", "--quiet", "--short", "HEAD") || undefined,
    pullRequest: job?.pullRequest,
    dirty: commit === undefined ? undefined : changed.length > 0,
  };
}

/** A tag and the version in it. */
interface VersionTag {
  text: string;
  version: Version;
}

function versionTag(text: string, prefix: string): VersionTag | undefined {
  const version = text.startsWith(prefix) ? parseVersion(text.slice(prefix.length)) : undefined;
  return version && { text, version };
}

function highestTag(tags: readonly string[], prefix: string): VersionTag | undefined {
  return tags
    .flatMap((text) => versionTag(text, prefix) ?? [])
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

/** A tag with another prefix is that of another project of the repository. */
function tagOfJob({ tag }: CiReference, prefix: string): VersionTag | undefined {
  if (tag === undefined || !tag.startsWith(prefix)) return undefined;
  const found = versionTag(tag, prefix);
  // With a prefix the tag is meant for this program; without one, any tag of a repository comes here.
  if (!found && prefix !== "") {
    throw new Error(
      `the tag ${JSON.stringify(tag)} of this job has no version after ${JSON.stringify(prefix)} ` +
        `(a valid example: ${JSON.stringify(`${prefix}v1.2.3`)})`,
    );
  }
  return found;
}

function dirty(tag: string, changed: readonly string[]): Error {
  const more = changed.length > namedFiles ? `, and ${changed.length - namedFiles} more` : "";
  const files = changed.slice(0, namedFiles).map((line) => line.slice(3));
  return new Error(
    `${tag} would be released from files that are not in its commit: ${files.join(", ")}${more}. Commit them, or ` +
      "add what is made to .gitignore; gitFacts({ allowDirty: true }) releases them all the same",
  );
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

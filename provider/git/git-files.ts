import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { GitError } from "../../lib/git/errors";
import { gitAddress, isEmbeddedRemote, takesToken } from "../../lib/git/remote";
import { RemoteBranch, type FoundFile, type GitFile } from "../../lib/git/remote-branch";
import { defined } from "../../lib/objects/defined";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { gitFilesDefinition } from "../../resources/definitions/git-files";
import { InputError } from "../../resources/definitions/input-findings";
import { compareVersions, parseVersion, type Version } from "../../lib/version/version";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import { inputChanges } from "../run/replacement";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof gitFilesDefinition>;
type Outputs = OutputsOf<typeof gitFilesDefinition>;
type State = StateOf<typeof gitFilesDefinition>;
type FileState = Outputs["found"][string];

/** How often a commit is made anew on top of what somebody else has pushed meanwhile. */
const mostTries = 5;

/** `slipway:git:Files`: one commit with what differs, on top of whatever the branch is at. */
export const gitFilesHandler = resourceHandler(gitFilesDefinition, {
  refreshBeforeUpdate: true,

  refuse(context, declared) {
    const { remote, token } = declared;
    if (token === undefined || hasUnknown(remote)) return;
    const refuse = (reason: string) => {
      throw new InputError([{ property: "token", reason }]);
    };
    if (!takesToken(remote))
      refuse(`is not used for ${JSON.stringify(remote)}, which git reaches without HTTP`);
    if (!context.isSecret(["token"])) {
      refuse(
        'is in clear text, and would be in the state: give a secret, e.g. config.requireSecret("tapToken")',
      );
    }
  },

  async compute(context, { files }) {
    const entries = Object.entries(files).map(async ([file, { executable = false }]) => {
      const bytes = await contentOf(context, files, file);
      return [file, { digest: digestOf(bytes), executable }] as const;
    });
    return { desired: Object.fromEntries(await Promise.all(entries)) };
  },

  diff(_context, desired, oldInputs, { found, foundVersion, state }): Changes {
    const changes = inputChanges(["remote", "branch"], desired, oldInputs);
    if (state === "failed") changes.state = { kind: "update" };
    if (reasonToStayAway(desired.version, foundVersion) !== undefined) {
      // Nothing is committed; that it stays away is said once.
      if (desired.version?.value !== oldInputs.version?.value) {
        changes["version.value"] = { kind: "update", inputDiff: true };
      }
      return changes;
    }
    if (hasUnknown(desired.desired)) return { ...changes, files: { kind: "update" } };
    for (const [file, wanted] of Object.entries(desired.desired ?? {})) {
      const there = found[file];
      if (isSame(there, wanted)) continue;
      const [before, after] = [oldInputs.files[file]?.content, desired.files[file]?.content];
      // A preview shows the lines that differ, where it has them.
      if (there && before !== undefined && after !== undefined && before !== after) {
        changes[`${entryPath("files", file)}.content`] = { kind: "update", inputDiff: true };
      } else changes[entryPath("found", file)] = { kind: there ? "update" : "add" };
    }
    return changes;
  },

  id: ({ remote, branch = defaultBranch }) => `${remote}#${branch}`,

  create: (context, desired) => give(context, desired, {}, undefined),

  async update(context, desired, oldInputs, observed) {
    for (const file of Object.keys(oldInputs.files)) {
      if (file in desired.files) continue;
      context.say("info", `${file} stays in ${placeOf(desired)}: it left the program`);
    }
    // A file that this resource has put there is its own, whatever became of it.
    const own = { ...oldInputs.desired, ...observed.found };
    return give(context, desired, own, observed);
  },

  async observe(context, inputs, state) {
    try {
      const look = () =>
        withBranch(context, inputs, async (branch): Promise<State> => {
          const head = await branch.head();
          if (head === state.commit && state.state !== "unknown") return state;
          const seen = stateOf(inputs, await branch.files(pathsOf(inputs)));
          return state.state === "failed" ? { ...seen, state: "failed", reason: state.reason } : seen;
        });
      const observed = await askChannel(context, channelOf(inputs), look, state);
      if (observed.state !== "held") sayDrift(context, inputs, observed);
      return { state: observed };
    } catch (error) {
      if (!(error instanceof GitError) || !error.isAccessRefused) throw error;
      context.say(
        "warning",
        `${placeOf(inputs)} is taken to be as it was: the credentials of the last run are refused. ${error.message}`,
      );
      return { state };
    }
  },

  delete(context, id) {
    context.say("info", `the files in ${id} stay: they left the program only`);
  },
});

const defaultBranch = "main";

/** Brings the files, or says that it could not, where a gate looks at it. */
function give(
  context: ResourceContext,
  desired: Inputs,
  own: Readonly<Record<string, FileState>>,
  observed: State | undefined,
): Promise<Outputs> {
  const before = { commit: observed?.commit ?? "", found: observed?.found ?? {} };
  return attempt(
    context,
    channelOf(desired),
    () =>
      orAwait(context, desired, before, () =>
        withBranch(context, desired, (branch) => bring(context, desired, branch, own)),
      ),
    () => before,
  );
}

/** Where the other side takes nothing for a time, the files wait for the next update. */
async function orAwait(
  context: ResourceContext,
  desired: Inputs,
  before: Pick<Outputs, "commit" | "found">,
  work: () => Promise<Outputs>,
): Promise<Outputs> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError) || !error.isPaused) throw error;
    const reason = context.shown(error.message);
    context.say("warning", `${placeOf(desired)} takes nothing now; the next update tries again: ${reason}`);
    return { ...before, state: "awaiting", reason };
  }
}

function channelOf(inputs: Inputs) {
  return { gated: inputs.gated, channel: placeOf(inputs) };
}

/** The files, and the one that says which version is there. */
function pathsOf({ files, version }: Inputs): string[] {
  return [...new Set([...Object.keys(files), ...(version ? [version.file] : [])])];
}

async function withBranch<T>(
  context: ResourceContext,
  inputs: Inputs,
  work: (branch: RemoteBranch) => Promise<T>,
): Promise<T> {
  const { remote, branch = defaultBranch, token } = inputs;
  const address = gitAddress(remote, context.services.project);
  const opened = await RemoteBranch.open(address, branch, {
    token,
    signal: context.signal,
    isMade: isEmbeddedRemote(remote),
  });
  try {
    return await work(opened);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.isAccessRefused) {
      // git tells that it may not ask for a name; why it would is what counts.
      const why =
        token === undefined
          ? `no credentials that it accepts (${error.message})`
          : "the token is not accepted";
      throw new GitError(`${placeOf(inputs)}: ${why}. Give a token that may push there`, error.said);
    }
    const advice = "Nothing of it is half done: the next run begins anew.";
    throw new GitError(`${placeOf(inputs)}: ${error.message}. ${advice}`, error.said);
  } finally {
    await opened.close();
  }
}

/** @param own what this resource has put there before, by path */
async function bring(
  context: ResourceContext,
  desired: Inputs,
  branch: RemoteBranch,
  own: Readonly<Record<string, FileState>>,
): Promise<Outputs> {
  const wanted = desired.desired ?? {};
  const paths = Object.keys(wanted);
  for (let tries = 0; tries < mostTries; tries++) {
    context.signal.throwIfAborted();
    const before = await branch.files(pathsOf(desired));
    const state = stateOf(desired, before);
    if (state.state === "held") {
      context.say("info", `${placeOf(desired)} stays as it is: ${state.reason}`);
      return state;
    }
    const differing = paths.filter((file) => !isSame(state.found[file], wanted[file]));
    // What is of a lower version gives way to a higher one, whoever put it there.
    if (!isOfLowerVersion(desired, before.files)) refuseOthers(desired, differing, state.found, own);
    const foundVersion = parseVersion(desired.version?.value ?? "")?.version;
    if (differing.length === 0 || context.preview) return { ...state, found: wanted, foundVersion };
    const message = desired.message ?? `Update ${differing.join(", ")}`;
    const files = new Map<string, GitFile>();
    for (const file of differing) {
      const bytes = await contentOf(context, desired.files, file);
      const { digest, executable } = wanted[file] ?? { executable: false };
      if (digestOf(bytes) !== digest) {
        throw new Error(`${file} changed after it was looked at: what is committed would be another file`);
      }
      files.set(file, { bytes, executable });
    }
    const commit = await branch.commit(files, message, desired.author);
    if (commit !== undefined) return { state: "published", commit, found: wanted, foundVersion };
    context.say(
      "info",
      `${placeOf(desired)}: somebody else has pushed meanwhile; the commit is made anew on top`,
    );
  }
  throw new Error(
    `${placeOf(desired)}: somebody else has pushed ${mostTries} times while the files were committed. Run it again`,
  );
}

/** A file that somebody else has put there is not replaced without being told so. */
function refuseOthers(
  desired: Inputs,
  differing: readonly string[],
  found: Outputs["found"],
  own: Readonly<Record<string, FileState>>,
): void {
  if (desired.takeOver === true) return;
  const others = differing.filter((file) => found[file] !== undefined && own[file] === undefined);
  const [first] = others;
  if (first === undefined) return;
  const digest = found[first]?.digest;
  throw new ChannelConflict(
    `${first}${others.length > 1 ? ` and ${others.length - 1} more` : ""} in ${placeOf(desired)} ` +
      `${digest === undefined ? "is no regular file" : `is ${shortDigest(digest)}`}, and was put there by somebody ` +
      `else; this program has ${shortDigest(desired.desired?.[first]?.digest ?? "")}. Take another path, or declare ` +
      "takeOver: true to replace it",
  );
}

/** Warns of each file that is not as it was left. */
function sayDrift(context: ResourceContext, inputs: Inputs, { found }: Outputs): void {
  for (const [file, left] of Object.entries(inputs.desired ?? {})) {
    const there = found[file];
    if (isSame(there, left)) continue;
    const what = there === undefined ? "deleted" : "changed";
    const to = there?.digest === undefined ? "" : ` to ${shortDigest(there.digest)}`;
    const drift = `somebody ${what} ${file} in ${placeOf(inputs)}${to}, committed as ${shortDigest(left.digest ?? "")}`;
    context.say("warning", putBack(drift));
  }
}

function stateOf(
  inputs: Inputs,
  { head, files }: { head: string | undefined; files: ReadonlyMap<string, FoundFile> },
): State {
  const found = [...files]
    .filter(([file]) => file in inputs.files)
    .map(([file, { digest, executable }]) => [file, defined({ digest, executable })] as const);
  const foundVersion = versionThere(inputs, files)?.version;
  const reason = reasonToStayAway(inputs.version, foundVersion);
  const state = reason === undefined ? "published" : "held";
  return { ...inputs, state, reason, commit: head ?? "", found: Object.fromEntries(found), foundVersion };
}

/**
 * Why the files of a version are not for the branch; undefined where they are.
 *
 * @param foundVersion the one that the branch has
 */
function reasonToStayAway(version: Inputs["version"], foundVersion = ""): string | undefined {
  const own = version && !hasUnknown(version) ? parseVersion(version.value) : undefined;
  if (!version || !own) return undefined;
  if (!own.stable && version.prereleases !== true) {
    return `${version.value} is a pre-release, and only stable versions are for it`;
  }
  const there = parseVersion(foundVersion);
  if (!there || compareVersions(there, own) <= 0) return undefined;
  return `${version.file} is of ${there.version}, which is higher than ${own.version}`;
}

function isOfLowerVersion(inputs: Inputs, files: ReadonlyMap<string, FoundFile>): boolean {
  const own = parseVersion(inputs.version?.value ?? "");
  const there = versionThere(inputs, files);
  return own !== undefined && there !== undefined && compareVersions(there, own) < 0;
}

/** The version that the branch has; undefined where its files do not say. */
function versionThere({ version }: Inputs, files: ReadonlyMap<string, FoundFile>): Version | undefined {
  if (version === undefined) return undefined;
  const text = files.get(version.file)?.bytes?.toString("utf8") ?? "";
  return parseVersion(new RegExp(version.pattern, "m").exec(text)?.[1] ?? "");
}

async function contentOf(
  { services }: ResourceContext,
  files: DeclaredOf<typeof gitFilesDefinition>["files"],
  file: string,
): Promise<Buffer> {
  const { content, source } = files[file] ?? {};
  if (source === undefined) return Buffer.from(content ?? "", "utf8");
  try {
    return await readFile(path.resolve(services.project, source));
  } catch (error) {
    throw new InputError([
      {
        property: `${entryPath("files", file)}.source`,
        reason: `${JSON.stringify(source)} cannot be read: ${(error as Error).message}`,
      },
    ]);
  }
}

function isSame(one: FileState | undefined, other: FileState | undefined): boolean {
  return one?.digest !== undefined && one.digest === other?.digest && one.executable === other.executable;
}

function placeOf({ remote, branch = defaultBranch }: Pick<Inputs, "remote" | "branch">): string {
  return `${remote} (branch ${branch})`;
}

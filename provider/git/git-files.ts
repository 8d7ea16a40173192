import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { GitError } from "../../lib/git/errors";
import { gitAddress, isEmbeddedRemote, takesToken } from "../../lib/git/remote";
import { RemoteBranch, type CommitDetails, type FoundFile, type GitFile } from "../../lib/git/remote-branch";
import { isGitHubUnauthorized } from "../../lib/github/errors";
import type { PullRequest } from "../../lib/github/pull-requests";
import { defined } from "../../lib/objects/defined";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { gitFilesDefinition } from "../../resources/definitions/git-files";
import { InputError } from "../../resources/definitions/input-findings";
import { compareVersions, parseVersion, type Version } from "../../lib/version/version";
import { entryPath } from "../base/property-path";
import { hasUnknown, Unknown } from "../base/unknown";
import { sayEdited } from "../documents/edited-file";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import { ofRun } from "../run/run";
import { inputChanges } from "../run/replacement";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import {
  bodyOf,
  current,
  declined,
  forkAddress,
  foundPullRequest,
  isOf,
  proposalDigest,
  proposalOf,
  refuseUnknownRepository,
  requested,
  syncFork,
  waiting,
  type Proposal,
} from "./proposal";
import {
  areAsMade,
  editChanges,
  editedFiles,
  editsOf,
  hasOwned,
  ownedByEdits,
  ownedThere,
  refuseEdits,
  type EditedFile,
} from "./edited-files";
import { refuseSigning, signerOf } from "./signing";

type Inputs = InputsOf<typeof gitFilesDefinition>;
type Outputs = OutputsOf<typeof gitFilesDefinition>;
type State = StateOf<typeof gitFilesDefinition>;
type FileState = Outputs["found"][string];

/** How often a commit is made anew on top of what somebody else has pushed meanwhile. */
const mostTries = 5;

/** `slipway:git:Files`: one commit with what differs, on top of whatever the branch is at. */
export const gitFilesHandler = resourceHandler(gitFilesDefinition, {
  refreshBeforeUpdate: true,
  // What is committed already stays as it is, whoever signs the next commit.
  neutral: ["signingKey", "signingPassphrase"],

  async refuse(context, declared) {
    const { remote, token } = declared;
    await refuseSigning(context, declared);
    refuseEdits(context, declared);
    if (hasUnknown([remote, declared.pullRequest])) return;
    refuseUnknownRepository(context, declared);
    if (token === undefined) return;
    if (!takesToken(remote) && requested(declared) === undefined) {
      const reason = `is not used for ${JSON.stringify(remote)}, which git reaches without HTTP`;
      throw new InputError([{ property: "token", reason }]);
    }
    refuseClear(context, { token }, { token: "tapToken" });
  },

  async compute(context, declared, oldInputs) {
    return {
      desired: await desiredFiles(context, declared.files),
      ...(await desiredTexts(context, declared, oldInputs)),
    };
  },

  /** What a preview can say of files whose texts are known, and whether the branch can take the others. */
  async computedLater(context, declared, oldInputs) {
    const { files, remote, branch, token } = declared;
    if (Unknown.isInstance(files) || hasUnknown([remote, branch, token])) return {};
    const contents = Object.values(files).filter(({ edits }) => edits === undefined);
    return {
      ...(hasUnknown(contents) ? {} : { desired: await desiredFiles(context, files) }),
      ...(await desiredTexts(context, declared, oldInputs)),
    };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const { foundVersion, state } = observed;
    const changes = inputChanges(["remote", "branch"], desired, oldInputs);
    if (state === "failed") changes.state = { kind: "update" };
    const reason =
      reasonToStayAway(desired.version, foundVersion) ?? reasonToWait(desired, oldInputs, observed);
    if (reason !== undefined) {
      // Nothing is committed; that it stays away is said once.
      if (desired.version?.value !== oldInputs.version?.value) {
        changes["version.value"] = { kind: "update", inputDiff: true };
      }
      return changes;
    }
    const { value = "", file: saysVersion } = desired.version ?? {};
    // The same texts are those of the new version.
    if (saysVersion === undefined && parseVersion(value)?.version !== foundVersion)
      changes["version.value"] = { kind: "update", inputDiff: true };
    Object.assign(changes, editChanges(desired, oldInputs, observed));
    if (hasUnknown(desired.desired)) return { ...changes, files: { kind: "update" } };
    // What is in a pull request is not on the branch, and that is no difference.
    const isProposed = requested(desired) !== undefined && isInTheirHands(oldInputs, observed);
    const found = isProposed ? (oldInputs.desired ?? {}) : observed.found;
    if (
      isProposed &&
      !hasUnknown(desired.pullRequest) &&
      proposalDigest(desired) !== proposalDigest(oldInputs)
    ) {
      changes.pullRequest = { kind: "update", inputDiff: true };
    }
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

  create: (context, desired) => give(context, desired, [], undefined, undefined),

  async update(context, desired, oldInputs, observed) {
    for (const file of Object.keys(oldInputs.files)) {
      // Another version that has files of its own stays beside this one, as it should.
      if (file in desired.files || !isInPlaceOf(desired, oldInputs)) continue;
      context.say("info", `${file} stays in ${placeOf(desired)}: it left the program`);
    }
    // A file that this resource has put there is its own, whatever became of it. Older states do not say which.
    const own = observed.written ?? Object.keys({ ...oldInputs.desired, ...observed.found });
    return give(context, desired, own, observed, oldInputs);
  },

  async observe(context, inputs, state) {
    try {
      const look = () =>
        withBranch(context, inputs, async (branch): Promise<State> => {
          const head = await branch.head();
          const isKnown = head === state.commit && state.state !== "unknown";
          if (isKnown && requested(inputs) === undefined) return state;
          const seen = isKnown ? state : stateOf(inputs, await branch.files(pathsOf(inputs)), state);
          const isOtherVersion = state.foundPullRequest?.version !== inputs.version?.value;
          const isFollowed = requested(inputs) !== undefined && !(state.state === "failed" && isOtherVersion);
          const now = isFollowed ? await follow(context, inputs, seen) : seen;
          // What had failed is still to be done, unless it is there after all.
          const isDone = isFollowed && (now.state !== "published" || isComplete(inputs, now));
          if (state.state === "failed" && !isDone) return { ...now, state: "failed", reason: state.reason };
          // It waits on, whoever pushed something else, and also if nobody answered in between.
          const waits = !isFollowed && state.awaitingSince !== undefined && !isComplete(inputs, now);
          return waits ? { ...now, state: "awaiting", reason: state.reason } : now;
        });
      const observed = await askChannel(context, channelOf(inputs), look, state);
      if (observed.state === "published" && isComplete(inputs, observed))
        asLeft(context.run).add(placeOf(inputs));
      if (observed.state === "awaiting" && observed.foundPullRequest !== undefined) {
        context.say(
          "info",
          `${placeOf(inputs)} has not taken the files yet: ${waiting(observed.foundPullRequest)}`,
        );
      } else if (observed.state !== "held" && observed.state !== "failed")
        sayDrift(context, inputs, observed);
      return { state: observed };
    } catch (error) {
      const isRefused = error instanceof GitError ? error.isAccessRefused : isGitHubUnauthorized(error);
      if (!isRefused || !(error instanceof Error)) throw error;
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
  own: readonly string[],
  observed: State | undefined,
  oldInputs: Inputs | undefined,
): Promise<Outputs> {
  const before = {
    commit: observed?.commit ?? "",
    found: observed?.found ?? {},
    ...defined({ owned: observed?.owned, foundVersion: observed?.foundVersion }),
    ...defined({ written: observed ? observed.written : [] }),
    foundPullRequest: observed?.foundPullRequest,
  };
  const former = observed && oldInputs && { observed, inputs: oldInputs };
  return attempt(
    context,
    { ...channelOf(desired), before: observed },
    () =>
      orAwait(context, desired, before, () =>
        withBranch(context, desired, (branch) => bring(context, desired, branch, own, former)),
      ),
    () => before,
  );
}

/** Where the other side takes nothing for a time, the files wait for the next update. */
async function orAwait(
  context: ResourceContext,
  desired: Inputs,
  before: Omit<Outputs, "state">,
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
  return [...new Set([...Object.keys(files), ...[version?.file ?? []].flat()])];
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
    fork: forkAddress(inputs, context.services.project),
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

/** What there was before an update. */
interface Former {
  readonly observed: State;
  readonly inputs: Inputs;
}

/** @param own what this resource has put there before, by path */
async function bring(
  context: ResourceContext,
  desired: Inputs,
  branch: RemoteBranch,
  own: readonly string[],
  former: Former | undefined,
): Promise<Outputs> {
  const wanted = desired.desired ?? {};
  const paths = Object.keys(wanted);
  const written = [...new Set([...own, ...Object.keys(desired.files)])].sort();
  const proposal = await proposalOf(context, desired);
  for (let tries = 0; tries < mostTries; tries++) {
    context.signal.throwIfAborted();
    const before = await branch.files(pathsOf(desired));
    const known = former && stillKnown(desired, former);
    const state = stateOf(desired, before, {
      foundVersion: former?.observed.foundVersion,
      written: former ? former.observed.written : [],
      foundPullRequest: known,
    });
    const reason = state.reason ?? (known && reasonToWait(desired, desired, { foundPullRequest: known }));
    if (reason !== undefined) {
      context.say("info", `${placeOf(desired)} stays as it is: ${reason}`);
      return { ...state, state: "held", reason };
    }
    const contents = paths.filter((file) => !isSame(state.found[file], wanted[file]));
    // What is of a lower version gives way to a higher one, whoever put it there.
    if (!isOfLowerVersion(desired, before.files)) refuseOthers(desired, contents, state.found, own);
    const isOwn = (file: string) => own.includes(file);
    const edited = await editedFiles(context, desired, placeOf(desired), before.files, isOwn);
    const differing = [
      ...contents,
      ...[...edited].flatMap(([file, { isDifferent }]) => (isDifferent ? [file] : [])),
    ];
    const foundVersion = parseVersion(desired.version?.value ?? "")?.version;
    const done = {
      found: { ...wanted, ...foundAfter(edited) },
      ...ownedAfter(edited),
      foundVersion,
      written,
    };
    if (differing.length === 0) {
      return proposal ? { ...(await follow(context, desired, state)), written } : { ...state, ...done };
    }
    if (proposal) {
      const proposed = await propose(context, { desired, differing, proposal, branch, former }, state);
      if (proposed !== undefined) return { ...proposed, written };
      continue;
    }
    if (context.preview) return { ...state, ...done };
    const files = new Map<string, GitFile>([...edited].filter(([, { isDifferent }]) => isDifferent));
    for (const [file, content] of await filesOf(context, desired, contents)) files.set(file, content);
    const commit = await branch.commit(files, await detailsOf(desired, differing));
    if (commit !== undefined) return { state: "published", commit, ...done };
    context.say(
      "info",
      `${placeOf(desired)}: somebody else has pushed meanwhile; the commit is made anew on top`,
    );
  }
  throw new Error(
    `${placeOf(desired)}: somebody else has pushed ${mostTries} times while the files were committed. Run it again`,
  );
}

function foundAfter(edited: ReadonlyMap<string, EditedFile>): Record<string, FileState> {
  return Object.fromEntries([...edited].map(([file, { executable }]) => [file, { executable }]));
}

function ownedAfter(edited: ReadonlyMap<string, EditedFile>): Pick<Outputs, "owned"> {
  if (edited.size === 0) return {};
  return { owned: Object.fromEntries([...edited].map(([file, { owned }]) => [file, { ...owned }])) };
}

async function detailsOf(desired: Inputs, differing: readonly string[]): Promise<CommitDetails> {
  const { message = `Update ${differing.join(", ")}`, author } = desired;
  return { message, author, signer: await signerOf(desired) };
}

/** The files of a commit, which are those that were looked at. */
async function filesOf(
  context: ResourceContext,
  { files, desired = {} }: Inputs,
  differing: readonly string[],
): Promise<Map<string, GitFile>> {
  const read = new Map<string, GitFile>();
  for (const file of differing) {
    const bytes = await contentOf(context, files, file);
    const { digest, executable } = desired[file] ?? { executable: false };
    if (digestOf(bytes) !== digest) {
      throw new Error(`${file} changed after it was looked at: what is committed would be another file`);
    }
    read.set(file, { bytes, executable });
  }
  return read;
}

/** What is proposed, of which files. */
interface Proposed {
  readonly desired: Inputs;
  readonly differing: readonly string[];
  readonly proposal: Proposal;
  readonly branch: RemoteBranch;
  readonly former: Former | undefined;
}

/**
 * Sees to it that one pull request, and no more, has the files. One that has them is left alone,
 * whatever its reviewers have pushed to it; one that is open with other files gets these.
 *
 * @returns undefined where somebody else was faster, and all is to be looked at again
 */
async function propose(
  context: ResourceContext,
  { desired, differing, proposal, branch, former }: Proposed,
  state: State,
): Promise<Outputs | undefined> {
  const { pulls, head, title, digest } = proposal;
  const base = branch.branch;
  const found = current(await pulls.of(head, base), proposal);
  const as = (one: PullRequest) => foundPullRequest(one, head.branch, desired.version?.value);
  if (found !== undefined && isOf(found, proposal) && found.state !== "open") {
    if (found.state === "closed") throw new Error(`${placeOf(desired)}: ${declined(found, head)}`);
    return { ...state, state: "held", reason: changedSince(found), foundPullRequest: as(found) };
  }
  if (!context.preview && !pulls.client.authenticated) {
    throw new Error(
      `${placeOf(desired)}: a pull request needs a token: give one as \`token\`, a secret, or set GITHUB_TOKEN`,
    );
  }
  if (context.preview) {
    return { ...state, state: "awaiting", foundPullRequest: found && as(found) };
  }
  const superseded = supersededBy(desired, former);
  let opened = found;
  if (found === undefined || !isOf(found, proposal)) {
    if (proposal.isFork && !(await syncFork(proposal, branch, state.commit))) return undefined;
    const files = await filesOf(context, desired, differing);
    const to = { address: proposal.address, branch: head.branch };
    if (!(await branch.propose(files, await detailsOf(desired, differing), to))) return undefined;
    const words = { title, body: bodyOf(desired, digest, superseded?.number) };
    opened =
      found === undefined ? await pulls.open(head, base, words) : await pulls.change(found.number, words);
  }
  if (opened === undefined) return undefined;
  if (superseded !== undefined && superseded.number !== opened.number) {
    await pulls.change(superseded.number, { state: "closed" });
    context.say(
      "info",
      `${placeOf(desired)}: #${superseded.number} is closed, #${opened.number} takes its place`,
    );
  }
  const reason = waiting(opened);
  context.say("info", `${placeOf(desired)} is asked to take the files: ${reason}`);
  return { ...state, state: "awaiting", reason, foundPullRequest: as(opened) };
}

/**
 * The open pull request of a former version that a new one takes the place of: it changes the same
 * files, so only one of them can be merged. A branch has the name of its version, so that a
 * reviewer's word on one version is not taken for one on the next.
 */
function supersededBy(desired: Inputs, former: Former | undefined) {
  const before = former?.observed.foundPullRequest;
  if (!former || before?.state !== "open" || !isInPlaceOf(desired, former.inputs)) return undefined;
  return before.version === desired.version?.value ? undefined : before;
}

/** Looks at what has become of the pull request. */
async function follow(context: ResourceContext, inputs: Inputs, seen: State): Promise<State> {
  const known = seen.foundPullRequest;
  const isStayingAway = reasonToStayAway(inputs.version, seen.foundVersion) !== undefined;
  if ((isStayingAway || isComplete(inputs, seen)) && known?.state !== "open") return standing(inputs, seen);
  const proposal = await proposalOf(context, inputs);
  if (proposal === undefined) return seen;
  const { pulls, head } = proposal;
  const branch = known?.branch ?? head.branch;
  const found = current(
    await pulls.of({ ...head, branch }, inputs.branch ?? defaultBranch),
    proposal,
    known?.number,
  );
  const version = known?.number === found?.number ? known?.version : inputs.version?.value;
  const foundNow = found && foundPullRequest(found, branch, version);
  return standing(inputs, { ...seen, foundPullRequest: foundNow });
}

/** What the pull request, as it is, makes of the state. */
function standing(inputs: Inputs, seen: State): State {
  const found = seen.foundPullRequest;
  const higher = reasonToStayAway(inputs.version, seen.foundVersion) ?? reasonToWait(inputs, inputs, seen);
  if (higher !== undefined) return { ...seen, state: "held", reason: higher };
  if (found === undefined || isComplete(inputs, seen))
    return { ...seen, state: "published", reason: undefined };
  if (found.state === "open") return { ...seen, state: "awaiting", reason: waiting(found) };
  if (found.state === "merged") return { ...seen, state: "held", reason: changedSince(found) };
  // What became of another version says nothing of this one.
  if (found.version !== inputs.version?.value) return { ...seen, state: "published", reason: undefined };
  return { ...seen, state: "failed", reason: declined(found, found) };
}

function changedSince({ number, url }: Pick<PullRequest, "number" | "url">): string {
  return `pull request #${number} was merged, and the files are not as it had them: ${url}`;
}

/** Whether a pull request has the files, and its reviewers decide. */
function isInTheirHands({ version }: Inputs, { foundPullRequest: found, state }: State): boolean {
  return (
    found !== undefined && found.version === version?.value && (found.state === "open" || state === "held")
  );
}

/** Whether the branch has the files as they are to be. */
function isComplete(inputs: Inputs, { found, owned }: Pick<State, "found" | "owned">): boolean {
  const { desired = {} } = inputs;
  return (
    Object.entries(desired).every(([file, wanted]) => isSame(found[file], wanted)) && hasOwned(inputs, owned)
  );
}

/** The pull request that the state has, where it still decides what becomes of the declared version. */
function stillKnown(desired: Inputs, { observed, inputs }: Former) {
  const { foundPullRequest: found } = observed;
  const isSameVersion = isInPlaceOf(desired, inputs) && found?.version === desired.version?.value;
  return isSameVersion || reasonToWait(desired, inputs, observed) !== undefined ? found : undefined;
}

/** Whether files of a version take the place of former ones, which are at the same paths. */
function isInPlaceOf(desired: Inputs, former: Inputs): boolean {
  return desired.version?.file === former.version?.file;
}

/** Why a version is not proposed while one is open; undefined where it may be. */
function reasonToWait(
  desired: Inputs,
  former: Inputs,
  { foundPullRequest: found }: Pick<State, "foundPullRequest">,
): string | undefined {
  if (found?.state !== "open" || !isInPlaceOf(desired, former) || hasUnknown(desired.version))
    return undefined;
  const [own, open] = [parseVersion(desired.version?.value ?? ""), parseVersion(found.version ?? "")];
  if (!own || !open || compareVersions(open, own) <= 0) return undefined;
  return `pull request #${found.number} has ${open.version}, which is higher than ${own.version}: ${found.url}`;
}

/** A file that somebody else has put there is not replaced without being told so. */
function refuseOthers(
  desired: Inputs,
  differing: readonly string[],
  found: Outputs["found"],
  own: readonly string[],
): void {
  const isTaken = (file: string) => (desired.files[file]?.takeOver ?? desired.takeOver) === true;
  const others = differing.filter(
    (file) => found[file] !== undefined && !own.includes(file) && !isTaken(file),
  );
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
function sayDrift(context: ResourceContext, inputs: Inputs, { found, owned = {} }: Outputs): void {
  for (const [file, left] of Object.entries(inputs.owned ?? {})) {
    const now = found[file] === undefined ? undefined : (owned[file] ?? {});
    sayEdited(context, `${file} in ${placeOf(inputs)}`, now, left);
  }
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
  before: Pick<State, "foundPullRequest" | "foundVersion" | "written">,
): State {
  const found = [...files]
    .filter(([file]) => file in inputs.files)
    .map(([file, { digest, executable }]) => {
      // Of a file that is edited, others change what they like.
      const isEdited = inputs.files[file]?.edits !== undefined;
      return [file, isEdited ? { executable } : defined({ digest, executable })] as const;
    });
  const isSaidThere = inputs.version?.file !== undefined;
  const foundVersion = isSaidThere ? versionThere(inputs, files)?.version : before.foundVersion;
  const reason = reasonToStayAway(inputs.version, foundVersion);
  const state = reason === undefined ? "published" : "held";
  return {
    ...inputs,
    state,
    reason,
    commit: head ?? "",
    found: Object.fromEntries(found),
    ...defined({ owned: ownedThere(inputs.files, files), written: before.written }),
    foundVersion,
    foundPullRequest: before.foundPullRequest,
  };
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
  return `${version.file ?? "what is there"} is of ${there.version}, which is higher than ${own.version}`;
}

function isOfLowerVersion(inputs: Inputs, files: ReadonlyMap<string, FoundFile>): boolean {
  const own = parseVersion(inputs.version?.value ?? "");
  const there = versionThere(inputs, files);
  return own !== undefined && there !== undefined && compareVersions(there, own) < 0;
}

/** The version that the branch has; undefined where its files do not say. */
function versionThere({ version }: Inputs, files: ReadonlyMap<string, FoundFile>): Version | undefined {
  const { file, pattern } = version ?? {};
  if (file === undefined || pattern === undefined) return undefined;
  const text = files.get(file)?.bytes?.toString("utf8") ?? "";
  return parseVersion(new RegExp(pattern, "m").exec(text)?.[1] ?? "");
}

/** What was found to be as it was left, so that nobody has to look again. */
const asLeft = ofRun(() => new Set<string>());

/** The files as they are to be, but for those that are edited. */
async function desiredFiles(
  context: ResourceContext,
  files: DeclaredOf<typeof gitFilesDefinition>["files"],
): Promise<NonNullable<Inputs["desired"]>> {
  const whole = Object.entries(files).filter(([, { edits }]) => edits === undefined);
  const entries = whole.map(async ([file, { executable = false }]) => {
    const bytes = await contentOf(context, files, file);
    return [file, { digest: digestOf(bytes), executable }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What edits make; none of a branch that nobody can look at and that a gate looks after. */
async function desiredTexts(
  context: ResourceContext,
  declared: DeclaredOf<typeof gitFilesDefinition>,
  oldInputs: Inputs | undefined,
): Promise<Pick<Inputs, "owned">> {
  const edited = editsOf(declared.files).map(([file]) => file);
  if (edited.length === 0) return {};
  const place = placeOf(declared);
  if (asLeft(context.run).has(place) && (await areAsMade(context, declared.files, oldInputs)))
    return { owned: oldInputs?.owned };
  try {
    const { files } = await withBranch(context, declared, (branch) => branch.files(edited));
    return { owned: await ownedByEdits(context, declared, place, files, oldInputs) };
  } catch (error) {
    if (declared.gated !== true || !(error instanceof GitError)) throw error;
    return { owned: {} };
  }
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

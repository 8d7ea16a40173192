import { indexRules, pypi } from "../../lib/channels/pypi/index-rules";
import type { ListedFile } from "../../lib/channels/pypi/index-page";
import { PackageIndex } from "../../lib/channels/pypi/package-index";
import { PackageIndexError } from "../../lib/channels/pypi/index-error";
import { filesOfVersion, planRelease } from "../../lib/channels/pypi/release-plan";
import type { UploadedFile } from "../../lib/channels/pypi/upload-form";
import { isSameVersion } from "../../lib/channels/pypi/version";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import { InputError } from "../../resources/definitions/input-findings";
import { pypiReleaseDefinition } from "../../resources/definitions/pypi-release";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { refuseClear } from "../run/clear-secrets";
import type { ResourceContext } from "../run/context";
import { fileDrift } from "../run/drift-sentences";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { fileDigests, fileNameOf, readFile } from "./pypi-files";

type Inputs = InputsOf<typeof pypiReleaseDefinition>;
type Outputs = OutputsOf<typeof pypiReleaseDefinition>;
type State = StateOf<typeof pypiReleaseDefinition>;

/** `slipway:pypi:Release`: what is missing is uploaded, and nothing that is there is another file. */
export const pypiReleaseHandler = resourceHandler(pypiReleaseDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["gated"],
  computedFrom: ["project", "version", "files", "index"],

  refuse(context, { token, username, index }) {
    const refuse = (property: string, reason: string) => {
      throw new InputError([{ property, reason }]);
    };
    if (token === undefined) {
      if (username !== undefined) refuse("username", "has no token with it, which is its password");
      return;
    }
    refuseClear(context, { token }, { token: "pypiToken" });
    if (hasUnknown(index)) return;
    const upload = uploadOf({ index });
    if (isInTheClear(upload)) {
      refuse("index.upload", `${JSON.stringify(upload)} would get the token in clear: take https`);
    }
  },

  async compute(context, declared) {
    return { digests: await fileDigests(context, declared) };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["version"], desired, oldInputs);
    if (hasUnknown([desired.digests, desired.version])) return { ...changes, files: { kind: "update" } };
    if (observed.state === "failed") changes.state = { kind: "update" };
    if (!isSameVersion(desired.version, oldInputs.version)) return changes;
    for (const [name, digest] of Object.entries(desired.digests ?? {})) {
      const there = observed.published[name];
      if (there === digest || observed.gone.includes(name)) continue;
      changes[entryPath("published", name)] = { kind: there === undefined ? "add" : "update" };
    }
    return changes;
  },

  id: ({ project, index }) => `${placeOf({ index })}/${project}`,

  create: (context, desired) => bring(context, desired, []),

  update(context, desired, oldInputs, observed) {
    const isSame = isSameVersion(desired.version, oldInputs.version);
    return bring(context, desired, isSame ? observed.gone : []);
  },

  async observe(context, inputs, state) {
    const observed = await askChannel(
      context,
      { gated: inputs.gated, channel: channelOf(inputs) },
      () => withIndex(context, inputs, (index) => look(context, index, inputs, state)),
      state,
    ).catch((error: unknown) => {
      if (!(error instanceof PackageIndexError) || !error.isAccessRefused) throw error;
      context.say(
        "warning",
        `${channelOf(inputs)} is taken to be as it was: the credentials of the last run are refused. ${error.message}`,
      );
      return state;
    });
    return { state: observed };
  },

  delete(context, _id, { project, version, index }) {
    context.say("info", `${project} ${version} stays in ${placeOf({ index })}: it left the program only`);
  },
});

function uploadOf({ index = pypi }: Pick<Inputs, "index">): string {
  return index.upload;
}

function placeOf({ index = pypi }: Pick<Inputs, "index">): string {
  return new URL(index.simple).host;
}

function channelOf(inputs: Inputs): string {
  return `${inputs.project} in ${placeOf(inputs)}`;
}

async function withIndex<T>(
  context: ResourceContext,
  { index = pypi, username, token }: Inputs,
  work: (index: PackageIndex) => Promise<T>,
): Promise<T> {
  const upload = new URL(index.upload);
  const opened = new PackageIndex({
    simple: new URL(index.simple),
    upload,
    username,
    token,
    rules: indexRules(upload),
    onWait: context.services.onWait,
    signal: context.signal,
  });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** @param gone files that were deleted and cannot be put back */
async function bring(context: ResourceContext, desired: Inputs, gone: readonly string[]): Promise<Outputs> {
  return attempt(
    context,
    { gated: desired.gated, channel: channelOf(desired) },
    () => withIndex(context, desired, (index) => publish(context, index, desired, gone)),
    () => ({ published: {}, gone: [...gone], yanked: {} }),
  );
}

async function publish(
  context: ResourceContext,
  index: PackageIndex,
  desired: Inputs,
  gone: readonly string[],
): Promise<Outputs> {
  const { project, digests = {} } = desired;
  const rules = indexRules(new URL(uploadOf(desired)));
  const wanted = Object.entries(digests)
    .filter(([name]) => !gone.includes(name))
    .map(([name, digest]) => ({ name, digest }));
  const listed = await versionIn(index, desired, await index.files(project));
  const plan = planRelease(wanted, listed, rules, index.place);
  if (plan.refusals.length > 0) throw new ChannelConflict(plan.refusals.join("\n"));
  if (plan.missing.length > 0 && rules.needsToken && desired.token === undefined) {
    throw new ChannelConflict(
      `${index.place} takes no files without a token, and ${plan.missing.length} are to be uploaded: give token, e.g. ` +
        'config.requireSecret("pypiToken")',
    );
  }
  if (context.preview) {
    return {
      state: "served",
      published: pick(
        digests,
        wanted.map(({ name }) => name),
      ),
      gone: [...gone],
      yanked: yankedOf(listed),
    };
  }
  // All are read before the first is uploaded: a version is whole, or is not begun.
  const uploads: UploadedFile[] = [];
  for (const file of desired.files) {
    if (plan.missing.includes(fileNameOf(file))) uploads.push(await readDeclared(context, desired, file));
  }
  // Who installs in between gets a wheel, or the former version, and builds nothing.
  uploads.sort((a, b) => Number(a.file.type === "sdist") - Number(b.file.type === "sdist"));
  for (const upload of uploads) {
    context.status(`uploading ${upload.file.name} (${(upload.size / 1e6).toFixed(1)} MB) to ${index.place}`);
    await index.upload(project, upload);
  }
  const names = uploads.map(({ file }) => file.name);
  const after =
    uploads.length === 0 ? listed : await versionIn(index, desired, await index.filesWith(project, names));
  const wrong = planRelease(wanted, after, { ...rules, openDays: undefined }, index.place);
  if (wrong.refusals.length > 0) throw new ChannelConflict(wrong.refusals.join("\n"));
  return {
    ...outcomeOf(wrong.missing, gone, index.place),
    published: pick(
      digests,
      wanted.map(({ name }) => name),
    ),
    gone: [...gone],
    yanked: yankedOf(after),
  };
}

/** What the index has of what it was given. */
async function look(
  context: ResourceContext,
  index: PackageIndex,
  inputs: Inputs,
  state: State,
): Promise<State> {
  const listed = await versionIn(index, inputs, await index.files(inputs.project));
  const { neverReuses } = indexRules(new URL(uploadOf(inputs)));
  const found = new Map(listed.map((file) => [file.name, file]));
  const published: Record<string, string> = {};
  const gone: string[] = [];
  for (const [name, digest] of Object.entries(inputs.digests ?? {})) {
    const there = found.get(name)?.digest;
    const wasThere = state.published[name] !== undefined || state.gone.includes(name);
    if (there !== undefined) published[name] = there;
    else if (wasThere && neverReuses) gone.push(name);
    if (there === digest || !wasThere || state.gone.includes(name)) continue;
    const drift = fileDrift(name, `${inputs.project} ${inputs.version} of ${index.place}`, there, digest);
    const next = there === undefined && !neverReuses ? "`pulumi up` puts it back" : cannotBeMended;
    context.say("warning", `${drift}; ${next}`);
  }
  const yanked = yankedOf(listed);
  for (const [name, reason] of Object.entries(yanked)) {
    if (state.yanked[name] !== undefined) continue;
    const why = reason === "" ? "" : `: ${context.shown(reason)}`;
    context.say(
      "warning",
      `somebody yanked ${name} in ${index.place}; installers take it only where it is pinned${why}`,
    );
  }
  const missing = Object.keys(inputs.digests ?? {}).filter((name) => published[name] === undefined);
  const outcome =
    state.state === "failed"
      ? { state: state.state, reason: state.reason }
      : outcomeOf(missing, gone, index.place);
  const { reason: _reason, ...before } = state;
  return { ...before, ...outcome, published, gone, yanked };
}

const cannotBeMended = "no file gets its name again there: publish a new version";

function outcomeOf(
  missing: readonly string[],
  gone: readonly string[],
  place: string,
): Pick<Outputs, "state" | "reason"> {
  if (gone.length > 0) {
    return {
      state: "behind",
      reason: `${gone.join(", ")} ${gone.length === 1 ? "is" : "are"} gone from ${place}; ${cannotBeMended}`,
    };
  }
  return missing.length === 0
    ? { state: "served" }
    : { state: "published", reason: `${place} does not list ${missing.join(", ")} yet` };
}

/** The declared version's files in the index, with their digests. */
async function versionIn(
  index: PackageIndex,
  { project, version, digests = {} }: Inputs,
  files: readonly ListedFile[],
): Promise<ListedFile[]> {
  const own = filesOfVersion(files, project, version);
  return Promise.all(
    own.map(async (file) => (Object.hasOwn(digests, file.name) ? index.withDigest(file) : file)),
  );
}

async function readDeclared(
  context: ResourceContext,
  desired: Inputs,
  file: Inputs["files"][number],
): Promise<UploadedFile> {
  try {
    return await readFile(context, desired, file);
  } catch (error) {
    throw new PackageIndexError(
      `${file.path}: ${(error as Error).message}. Nothing was uploaded`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

function yankedOf(listed: readonly ListedFile[]): Record<string, string> {
  return Object.fromEntries(
    listed.flatMap(({ name, yanked }) => (yanked === undefined ? [] : [[name, yanked]])),
  );
}

function pick(digests: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (digests[name] === undefined ? [] : [[name, digests[name]]])),
  );
}

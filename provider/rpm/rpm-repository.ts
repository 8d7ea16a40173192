import * as path from "node:path";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import { listedRpm, RepodataError, type RpmListed } from "../../lib/channels/rpm/repodata";
import {
  addToRpmRepository,
  leftRpmFiles,
  missingRpms,
  noRpmRecord,
  repomdPath,
  RpmRepositoryError,
  rpmsOfOthers,
  type RpmRecord,
  type RpmRepository,
} from "../../lib/channels/rpm/repository";
import {
  PublishedFileError,
  refuseOtherContent,
  removeFromSite,
  writeSite,
} from "../../lib/channels/site/write-site";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { InputError } from "../../resources/definitions/input-findings";
import { rpmRepositoryDefinition } from "../../resources/definitions/rpm-repository";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict } from "../channels/outcome";
import { keyOf, refuseClearKey } from "../linux/repository-key";
import { inFolderTurn } from "../release/folder-turn";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import { placedDigest } from "../run/placed-files";
import { inputChanges } from "../run/replacement";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof rpmRepositoryDefinition>;
type Declared = DeclaredOf<typeof rpmRepositoryDefinition>;
type Outputs = OutputsOf<typeof rpmRepositoryDefinition>;
type State = StateOf<typeof rpmRepositoryDefinition>;

const dayMs = 86_400_000;
const defaultKeepDays = 7;

/** Observed where a file is not there. */
const gone = "gone";

/** `slipway:rpm:Repository`: packages first, then lists, then what names them. */
export const rpmRepositoryHandler = resourceHandler(rpmRepositoryDefinition, {
  refreshBeforeUpdate: true,
  refuse: (context, declared) => refuseClearKey(context, declared, "rpm"),

  async compute(_context, declared) {
    const { fingerprint } = await keyOf(declared);
    const added = declared.held === undefined ? listedOf(declared) : [];
    return {
      fingerprint,
      pool: Object.fromEntries(added.map(({ file, digest }) => [file, digest])),
      declaration: digestOf(JSON.stringify([repositoryOf(declared), fingerprint])),
    };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["directory", "held"], desired, oldInputs);
    if (hasUnknown([desired.pool, desired.declaration])) return { ...changes, packages: { kind: "update" } };
    const left = leftRpmFiles(recordOf(observed));
    for (const [file, digest] of Object.entries(desired.pool ?? {})) {
      if (left[file] === digest) continue;
      changes[entryPath("pool", file)] = {
        kind: left[file] === undefined ? "add" : "update",
        inputDiff: true,
      };
    }
    if (desired.declaration !== oldInputs.declaration) {
      Object.assign(changes, inputChanges(["label", "url", "keepDays", "name"], desired, oldInputs));
      changes.declaration = { kind: "update", inputDiff: true };
    }
    for (const file of Object.keys(observed.drifted))
      changes[entryPath("drifted", file)] = { kind: "delete" };
    if (observed.state === "failed") changes.state = { kind: "update" };
    return changes;
  },

  id: ({ directory }) => directory,

  create: (context, desired) => publish(context, desired, noRpmRecord),

  update: (context, desired, _oldInputs, observed) => publish(context, desired, recordOf(observed)),

  async observe(context, inputs, before) {
    // Where it cannot be read, e.g. on a disk that is not mounted, other channels go on.
    const channel = { gated: inputs.gated, channel: channelOf(inputs) };
    return { state: await askChannel(context, channel, () => look(context, inputs, before), before) };
  },

  delete(context, id) {
    context.say("info", `the repository in ${id} stays: it left the program only`);
  },
});

/** The repository as it is in its folder; warns of drift. */
async function look(context: ResourceContext, inputs: Inputs, before: State): Promise<State> {
  const state = await withOthers(context, inputs, asRead(inputs, before));
  const record = recordOf(state);
  const drifted: Record<string, string> = {};
  for (const [file, left] of Object.entries(leftRpmFiles(record))) {
    const found = await placedDigest(context.services, path.posix.join(inputs.directory, file));
    if (found === left) continue;
    drifted[file] = found ?? gone;
    context.say("warning", putBack(driftOf(inputs, file, found, left)));
  }
  const folder = path.resolve(context.services.project, inputs.directory);
  const lost = (await missingRpms(folder, record)).filter((file) => !(file in record.files));
  if (lost.length > 0) {
    context.say(
      "warning",
      `${inputs.directory} lists ${lost.length} packages that are not there, ${lost[0]} for one: nobody can install ` +
        "these versions. This program has other ones only: bring the files back from where the folder is served",
    );
  }
  await context.services.saveHashes();
  return { ...state, drifted };
}

/** The state of a repository that was read: what was not known of it is. */
function asRead({ held }: Inputs, state: State): State {
  if (state.state !== "unknown") return state;
  return { ...state, state: held === undefined ? "published" : "held", reason: held };
}

/** The state, with what another run has added to the same folder: that is no drift. */
async function withOthers(context: ResourceContext, inputs: Inputs, state: State): Promise<State> {
  const { services } = context;
  const record = recordOf(state);
  const found = await placedDigest(services, path.posix.join(inputs.directory, repomdPath));
  if (found === undefined || found === record.lists[repomdPath]) return state;
  const folder = path.resolve(services.project, inputs.directory);
  const others = await rpmsOfOthers(folder, await keyOf(inputs), record);
  return others ? { ...state, ...ofRecord(others) } : state;
}

/** Writes what is missing; at preview refuses what could not be written. */
async function publish(context: ResourceContext, desired: Inputs, left: RpmRecord): Promise<Outputs> {
  const { services } = context;
  const channel = channelOf(desired);
  const folder = path.resolve(services.project, desired.directory);
  const key = await keyOf(desired);
  const digestAt = (absolute: string) => placedDigest(services, absolute);
  const packages = desired.held === undefined ? desired.packages : [];
  if (desired.held !== undefined) context.say("info", `${channel} stays as it is: ${desired.held}`);
  return attempt(
    context,
    { gated: desired.gated, channel },
    async () => {
      let record = left;
      const work = async () => {
        const added = packages.map((one) => ({
          listed: listedRpm(one.lists),
          file: path.resolve(services.project, one.path),
        }));
        const change = await addToRpmRepository(folder, repositoryOf(desired), added, key, left, new Date());
        // One without packages is none that anybody has asked for.
        if (change.record.packages === 0) return;
        record = change.record;
        if (context.preview) {
          await refuseOtherContent(folder, change.fixed, digestAt);
          return;
        }
        for (const one of packages) await services.ensureFile(one.path, context.observer);
        await writeSite(folder, change, digestAt);
        await removeFromSite(folder, change.outdated);
      };
      try {
        await (context.preview ? work() : inFolderTurn(context, folder, work));
      } catch (error) {
        throw conflictOf(error, channel);
      }
      await services.saveHashes();
      return outputsOf(desired, record, key);
    },
    () => outputsOf(desired, left, key),
  );
}

/** What no further try mends is refused by a preview. */
function conflictOf(error: unknown, channel: string): unknown {
  const isConflict =
    error instanceof PublishedFileError ||
    error instanceof RpmRepositoryError ||
    error instanceof RepodataError;
  return isConflict ? new ChannelConflict(`${channel}: ${error.message}`) : error;
}

function outputsOf({ held }: Inputs, record: RpmRecord, { publicKey }: SigningKey): Outputs {
  return {
    state: held === undefined ? "published" : "held",
    ...(held !== undefined && { reason: held }),
    publicKey,
    ...ofRecord(record),
    drifted: {},
  };
}

function ofRecord({ files, superseded, lists, ...served }: RpmRecord) {
  return { served: { ...served, lists: { ...lists } }, files: { ...files }, superseded: { ...superseded } };
}

function recordOf({ served, files, superseded }: State): RpmRecord {
  return { ...served, files, superseded };
}

/** The packages, checked against each other. @throws InputError */
function listedOf({ packages }: Declared): RpmListed[] {
  const found: RpmListed[] = [];
  for (const [index, { lists, digest }] of packages.entries()) {
    const listed = inInputs(`packages[${index}].lists`, () => listedRpm(lists));
    const refuse = (reason: string) => {
      throw new InputError([{ property: `packages[${index}]`, reason }]);
    };
    if (listed.digest !== digest) refuse(`its lists are of ${listed.digest}, and it is ${digest}`);
    if (found.some(({ file }) => file === listed.file))
      refuse(
        `${listed.file} is listed twice: two platforms of one architecture of rpm, or one package twice`,
      );
    found.push(listed);
  }
  return found;
}

function inInputs<T>(property: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RepodataError)) throw error;
    throw new InputError([{ property, reason: error.message }]);
  }
}

function repositoryOf({
  name,
  label,
  url,
  keepDays = defaultKeepDays,
  takeOver = false,
}: Declared): RpmRepository {
  return { name, label, ...(url !== undefined && { url }), keepMs: keepDays * dayMs, takeOver };
}

function driftOf({ directory }: Inputs, file: string, found: string | undefined, left: string): string {
  const what = found === undefined ? "deleted" : "changed";
  return `somebody ${what} ${path.posix.join(directory, file)}, left as ${shortDigest(left)}`;
}

function channelOf({ directory }: Pick<Inputs, "directory">): string {
  return `the repository in ${directory}`;
}

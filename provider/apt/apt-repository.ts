import * as path from "node:path";
import {
  addedByOthers,
  addToRepository,
  isDue,
  leftFiles,
  missingPackages,
  type AptRepository,
  type RepositoryRecord,
} from "../../lib/channels/apt/repository";
import { packageStanza } from "../../lib/channels/apt/stanza";
import { SuiteError, suiteFolder } from "../../lib/channels/apt/suite";
import type { SigningKey } from "../../lib/channels/openpgp/signing-key";
import {
  PublishedFileError,
  removeFromSite,
  refuseOtherContent,
  writeSite,
} from "../../lib/channels/site/write-site";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { aptRepositoryDefinition } from "../../resources/definitions/apt-repository";
import { InputError } from "../../resources/definitions/input-findings";
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

type Inputs = InputsOf<typeof aptRepositoryDefinition>;
type Declared = DeclaredOf<typeof aptRepositoryDefinition>;
type Outputs = OutputsOf<typeof aptRepositoryDefinition>;
type State = StateOf<typeof aptRepositoryDefinition>;

const dayMs = 86_400_000;
const defaultKeepDays = 7;
const defaultComponent = "main";

/** Observed where a file is not there. */
const gone = "gone";

const nothing: RepositoryRecord = { suites: {}, files: {}, superseded: {} };

/** `slipway:apt:Repository`: packages first, then indexes by digest, then what names them. */
export const aptRepositoryHandler = resourceHandler(aptRepositoryDefinition, {
  refreshBeforeUpdate: true,

  refuse: (context, declared) => refuseClearKey(context, declared, "apt"),

  async compute(_context, declared) {
    const { fingerprint } = await keyOf(declared);
    const stanzas = stanzasOf(declared);
    return {
      fingerprint,
      pool: Object.fromEntries(stanzas.map(({ filename, digest }) => [filename, digest])),
      declaration: digestOf(JSON.stringify([{ ...repositoryOf(declared), suites: [] }, fingerprint])),
    };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["directory", "suites"], desired, oldInputs);
    if (hasUnknown([desired.pool, desired.declaration])) return { ...changes, packages: { kind: "update" } };
    const left = leftFiles(recordOf(observed));
    for (const [file, digest] of Object.entries(desired.pool ?? {})) {
      if (left[file] === digest) continue;
      changes[entryPath("pool", file)] = {
        kind: left[file] === undefined ? "add" : "update",
        inputDiff: true,
      };
    }
    if (desired.declaration !== oldInputs.declaration) {
      const fields = [
        "component",
        "origin",
        "label",
        "description",
        "url",
        "validDays",
        "keepDays",
        "name",
      ] as const;
      Object.assign(changes, inputChanges(fields, desired, oldInputs));
      changes.declaration = { kind: "update", inputDiff: true };
    }
    for (const file of Object.keys(observed.drifted))
      changes[entryPath("drifted", file)] = { kind: "delete" };
    for (const suite of dueSuites(desired, observed)) {
      changes[`${entryPath("served", suite)}.validUntil`] = { kind: "update" };
    }
    if (observed.state === "failed") changes.state = { kind: "update" };
    return changes;
  },

  id: ({ directory }) => directory,

  create: (context, desired) => publish(context, desired, nothing),

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
  const state = await withOthers(context, inputs, asRead(before));
  const record = recordOf(state);
  const drifted: Record<string, string> = {};
  for (const [file, left] of Object.entries(leftFiles(record))) {
    const found = await placedDigest(context.services, path.posix.join(inputs.directory, file));
    if (found === left) continue;
    drifted[file] = found ?? gone;
    context.say("warning", putBack(driftOf(inputs, file, found, left)));
  }
  const folder = path.resolve(context.services.project, inputs.directory);
  const lost = (await missingPackages(folder, record.suites)).filter((file) => !(file in record.files));
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
function asRead(state: State): State {
  return state.state === "unknown" ? { ...state, state: "published", reason: undefined } : state;
}

/** The state, with what another run has added to the same folder: that is no drift. */
async function withOthers(context: ResourceContext, inputs: Inputs, state: State): Promise<State> {
  const { services } = context;
  const folder = path.resolve(services.project, inputs.directory);
  const isOther = await Promise.all(
    Object.entries(state.served).map(async ([suite, { files }]) => {
      const file = `${suiteFolder(suite)}/InRelease`;
      const found = await placedDigest(services, path.posix.join(inputs.directory, file));
      return found !== undefined && found !== files[file];
    }),
  );
  if (!isOther.includes(true)) return state;
  const found = await addedByOthers(folder, repositoryOf(inputs), await keyOf(inputs), recordOf(state));
  return found ? { ...state, served: { ...found.suites } } : state;
}

/** Writes what is missing; at preview refuses what could not be written. */
async function publish(context: ResourceContext, desired: Inputs, left: RepositoryRecord): Promise<Outputs> {
  const { services } = context;
  const channel = channelOf(desired);
  const folder = path.resolve(services.project, desired.directory);
  const key = await keyOf(desired);
  const digestAt = (absolute: string) => placedDigest(services, absolute);
  return attempt(
    context,
    { gated: desired.gated, channel },
    async () => {
      let record = left;
      const work = async () => {
        const change = await addToRepository(
          folder,
          repositoryOf(desired),
          desired.packages.map((one) => ({
            stanza: packageStanza(one.control, { ...one, component: componentOf(desired) }),
            file: path.resolve(services.project, one.path),
          })),
          key,
          left,
          new Date(),
        );
        record = change.record;
        if (context.preview) {
          await refuseOtherContent(folder, change.fixed, digestAt);
          return;
        }
        for (const one of desired.packages) await services.ensureFile(one.path, context.observer);
        await writeSite(folder, change, digestAt);
        await removeFromSite(folder, change.outdated);
      };
      try {
        await (context.preview ? work() : inFolderTurn(context, folder, work));
      } catch (error) {
        throw conflictOf(error, channel);
      }
      await services.saveHashes();
      return outputsOf(record, key, {});
    },
    () => outputsOf(left, key, {}),
  );
}

/** What no further try mends is refused by a preview. */
function conflictOf(error: unknown, channel: string): unknown {
  if (!(error instanceof PublishedFileError) && !(error instanceof SuiteError)) return error;
  return new ChannelConflict(`${channel}: ${error.message}`);
}

function outputsOf(
  { suites, files, superseded }: RepositoryRecord,
  { publicKey }: SigningKey,
  drifted: Record<string, string>,
): Outputs {
  return {
    state: "published",
    publicKey,
    served: { ...suites },
    files: { ...files },
    superseded: { ...superseded },
    drifted,
  };
}

function recordOf({ served, files, superseded }: State): RepositoryRecord {
  return { suites: served, files, superseded };
}

/** Suites whose time runs out. */
function dueSuites({ validDays }: Inputs, { served }: State): string[] {
  const validMs = validDays === undefined ? undefined : validDays * dayMs;
  return Object.entries(served).flatMap(([suite, { date, validUntil }]) => {
    const dates = {
      date: new Date(date),
      ...(validUntil !== undefined && { validUntil: new Date(validUntil) }),
    };
    return isDue(dates, validMs, new Date()) ? [suite] : [];
  });
}

function stanzasOf(declared: Declared) {
  const stanzas = declared.packages.map((one) =>
    packageStanza(one.control, { ...one, component: componentOf(declared) }),
  );
  for (const [index, { filename }] of stanzas.entries()) {
    if (stanzas.findIndex((other) => other.filename === filename) === index) continue;
    throw new InputError([
      {
        property: `packages[${index}]`,
        reason: `${filename} is listed twice: two platforms of one architecture of Debian, or one package twice`,
      },
    ]);
  }
  return stanzas;
}

function componentOf({ component = defaultComponent }: Pick<Inputs, "component">): string {
  return component;
}

function repositoryOf(declared: Declared): AptRepository {
  const {
    name,
    suites,
    origin,
    label = origin,
    description,
    url,
    validDays,
    keepDays = defaultKeepDays,
  } = declared;
  return {
    name,
    suites,
    component: componentOf(declared),
    origin,
    label,
    ...(description !== undefined && { description }),
    ...(url !== undefined && { url }),
    ...(validDays !== undefined && { validMs: validDays * dayMs }),
    keepMs: keepDays * dayMs,
    takeOver: declared.takeOver ?? false,
  };
}

function driftOf({ directory }: Inputs, file: string, found: string | undefined, left: string): string {
  const what = found === undefined ? "deleted" : "changed";
  return `somebody ${what} ${path.posix.join(directory, file)}, left as ${shortDigest(left)}`;
}

function channelOf({ directory }: Pick<Inputs, "directory">): string {
  return `the repository in ${directory}`;
}

import * as path from "node:path";
import {
  PublishedFileError,
  refuseOtherContent,
  removeFromSite,
  writeSite,
  type SiteChange,
} from "../../lib/channels/site/write-site";
import { shortDigest } from "../../lib/oci/digest";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import { askChannel, attempt, ChannelConflict, type Outcome } from "../channels/outcome";
import { inFolderTurn } from "../release/folder-turn";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import { placedDigest } from "../run/placed-files";
import { inputChanges } from "../run/replacement";
import type { Changes } from "../run/resource";

/** Inputs of every repository of packages in a folder. */
interface RepositoryInputs {
  readonly directory: string;
  readonly packages: readonly { readonly path: string }[];
  readonly gated?: boolean | undefined;
  /** Why the release is not for it, where it is not. */
  readonly held?: string | undefined;
  readonly pool?: Readonly<Record<string, string>> | undefined;
  readonly declaration?: string | undefined;
}

/** What such a resource says of itself in all formats. */
interface RepositoryState extends Outcome {
  readonly drifted: Readonly<Record<string, string>>;
}

/** What is to be written, and what is left then. */
export interface RepositoryChange<Left> extends SiteChange {
  /** Paths of files that nobody can ask for any more. */
  readonly outdated: readonly string[];
  readonly record: Left;
}

/**
 * What a format of repositories has of its own.
 *
 * @typeParam Left a repository as a run has left it
 * @typeParam Served the outputs that hold it
 */
export interface RepositoryFormat<Inputs, Left, Key, Served> {
  /** Inputs that are compared as they are. */
  readonly compared: readonly (keyof Inputs & string)[];
  /** Inputs that say why `declaration` is another one. */
  readonly described: readonly (keyof Inputs & string)[];
  /** A repository that is not there yet. */
  readonly nothing: Left;
  /** Errors that no further try mends. */
  readonly refusals: readonly (abstract new (...args: never) => Error)[];
  left(state: Served): Left;
  served(left: Left): Served;
  /** Digests of everything that a run has left, by path. */
  files(left: Left): Record<string, string>;
  /** Of these, the packages of the last version and what does not change with the lists. */
  ownFiles(left: Left): Readonly<Record<string, string>>;
  /** Packages that it lists and that are not in the folder, by path. */
  missing(folder: string, left: Left, inputs: Inputs): Promise<string[]>;
  /** @throws InputError for what is no key that signs */
  key(declared: Inputs): Promise<Key>;
  /** It, as another run has left it that added to it with the same key; undefined where none has. */
  others(context: ResourceContext, folder: string, inputs: Inputs, left: Left): Promise<Left | undefined>;
  /** Adds the packages; undefined where there is nothing to write. Nothing is written by this. */
  change(
    context: ResourceContext,
    folder: string,
    desired: Inputs,
    key: Key,
    left: Left,
  ): Promise<RepositoryChange<Left> | undefined>;
  /** Paths of outputs whose time runs out. Default: none does. */
  due?(desired: Inputs, served: Served): readonly string[];
}

/** Observed where a file is not there. */
const gone = "gone";

/** The part of a handler that all formats of repositories in a folder share. */
export function folderRepository<
  Inputs extends RepositoryInputs,
  Left,
  Key extends { readonly publicKeys: string },
  Served,
>(format: RepositoryFormat<Inputs, Left, Key, Served>) {
  type State = Served & RepositoryState;

  /** The state of a repository that was read: what was not known of it is. */
  const asRead = <S extends State>({ held }: Inputs, state: S): S =>
    state.state === "unknown"
      ? { ...state, state: held === undefined ? "published" : "held", reason: held }
      : state;

  /** The repository as it is in its folder; warns of drift. */
  async function look<S extends State>(context: ResourceContext, inputs: Inputs, before: S): Promise<S> {
    const { services } = context;
    const folder = path.resolve(services.project, inputs.directory);
    const state = asRead(inputs, before);
    const others = await format.others(context, folder, inputs, format.left(state));
    const left = others ?? format.left(state);
    const drifted: Record<string, string> = {};
    for (const [file, digest] of Object.entries(format.files(left))) {
      const found = await placedDigest(services, path.posix.join(inputs.directory, file));
      if (found === digest) continue;
      drifted[file] = found ?? gone;
      context.say("warning", putBack(driftOf(inputs, file, found, digest)));
    }
    const own = format.ownFiles(left);
    const lost = (await format.missing(folder, left, inputs)).filter((file) => !(file in own));
    if (lost.length > 0) {
      context.say(
        "warning",
        `${inputs.directory} lists ${lost.length} packages that are not there, ${lost[0]} for one: nobody can install ` +
          "these versions. This program has other ones only: bring the files back from where the folder is served",
      );
    }
    await services.saveHashes();
    return { ...state, ...(others !== undefined && format.served(others)), drifted };
  }

  function outputsOf({ held }: Inputs, left: Left, { publicKeys }: Key) {
    return {
      state: held === undefined ? ("published" as const) : ("held" as const),
      ...(held !== undefined && { reason: held }),
      publicKey: publicKeys,
      ...format.served(left),
      drifted: {},
    };
  }
  type Outputs = Outcome & Omit<ReturnType<typeof outputsOf>, keyof Outcome>;

  /** What no further try mends is refused by a preview. */
  function conflictOf(error: unknown, channel: string): unknown {
    const isRefusal = [PublishedFileError, ...format.refusals].some((refusal) => error instanceof refusal);
    return isRefusal ? new ChannelConflict(`${channel}: ${(error as Error).message}`) : error;
  }

  /** Writes what is missing; at preview refuses what could not be written. */
  async function publish(context: ResourceContext, desired: Inputs, left: Left): Promise<Outputs> {
    const { services } = context;
    const channel = channelOf(desired);
    const folder = path.resolve(services.project, desired.directory);
    const key = await format.key(desired);
    const digestAt = (absolute: string) => placedDigest(services, absolute);
    if (desired.held !== undefined) context.say("info", `${channel} stays as it is: ${desired.held}`);
    return attempt<Outputs>(
      context,
      { gated: desired.gated, channel },
      async () => {
        let record = left;
        const work = async () => {
          const change = await format.change(context, folder, desired, key, left);
          if (!change) return;
          record = change.record;
          if (context.preview) {
            await refuseOtherContent(folder, change.fixed, digestAt);
            return;
          }
          const added = desired.held === undefined ? desired.packages : [];
          for (const one of added) await services.ensureFile(one.path, context.observer);
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

  return {
    refreshBeforeUpdate: true,

    diff(_context: ResourceContext, desired: Inputs, oldInputs: Inputs, observed: State): Changes {
      const changes = inputChanges(format.compared, desired, oldInputs);
      if (hasUnknown([desired.pool, desired.declaration]))
        return { ...changes, packages: { kind: "update" } };
      const left = format.files(format.left(observed));
      for (const [file, digest] of Object.entries(desired.pool ?? {})) {
        if (left[file] === digest) continue;
        changes[entryPath("pool", file)] = {
          kind: left[file] === undefined ? "add" : "update",
          inputDiff: true,
        };
      }
      if (desired.declaration !== oldInputs.declaration) {
        Object.assign(changes, inputChanges(format.described, desired, oldInputs));
        changes.declaration = { kind: "update", inputDiff: true };
      }
      for (const file of Object.keys(observed.drifted))
        changes[entryPath("drifted", file)] = { kind: "delete" };
      for (const due of format.due?.(desired, observed) ?? []) changes[due] = { kind: "update" };
      if (observed.state === "failed") changes.state = { kind: "update" };
      return changes;
    },

    id: ({ directory }: Inputs) => directory,

    create: (context: ResourceContext, desired: Inputs) => publish(context, desired, format.nothing),

    update: (context: ResourceContext, desired: Inputs, _oldInputs: Inputs, observed: State) =>
      publish(context, desired, format.left(observed)),

    async observe<S extends State>(context: ResourceContext, inputs: Inputs, before: S) {
      // Where it cannot be read, e.g. on a disk that is not mounted, other channels go on.
      const channel = { gated: inputs.gated, channel: channelOf(inputs) };
      return { state: await askChannel(context, channel, () => look(context, inputs, before), before) };
    },

    delete(context: ResourceContext, id: string) {
      context.say("info", `the repository in ${id} stays: it left the program only`);
    },
  };
}

function driftOf(
  { directory }: RepositoryInputs,
  file: string,
  found: string | undefined,
  left: string,
): string {
  const what = found === undefined ? "deleted" : "changed";
  return `somebody ${what} ${path.posix.join(directory, file)}, left as ${shortDigest(left)}`;
}

function channelOf({ directory }: RepositoryInputs): string {
  return `the repository in ${directory}`;
}

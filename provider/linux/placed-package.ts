import * as path from "node:path";
import type { CachedArchive } from "../../lib/archive/cache";
import { ChannelError } from "../../lib/channels/artifact";
import { DigestMismatchError } from "../../lib/oci/errors";
import { LayerContentError } from "../../lib/oci/layer/content-error";
import type { LayerEntry, LayerFile } from "../../lib/oci/layer/entry";
import { placeFile } from "../../lib/release/place-file";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { placedDigest, removeOwn, removePlaced } from "../run/placed-files";
import { inputChanges } from "../run/replacement";
import type { Changes } from "../run/resource";
import { pathsAt } from "../run/written-files";

/** A package that a resource places in the project. */
export interface PlacedPackage {
  readonly path: string;
  readonly digest?: string | undefined;
  readonly size?: number | undefined;
}

/** Makes a package, in the cache. */
export type MakePackage = () => Promise<CachedArchive>;

/**
 * The part of a handler that packages of all formats share: made in the cache by content, then placed
 * under its name. Where that is not on this machine, it is placed when somebody needs it.
 *
 * @param decisive inputs that say why the digest is another one
 * @param making makes it from what is declared, where only that is there
 * @param stateOf inputs whose computed ones are known
 */
export function placedPackage<Inputs extends PlacedPackage, State>({
  decisive,
  making,
  stateOf,
}: {
  readonly decisive: readonly (keyof Inputs & string)[];
  readonly making: (context: ResourceContext, desired: Inputs) => MakePackage;
  readonly stateOf: (inputs: Inputs) => State;
}) {
  return {
    // It follows from what is declared: there is nothing outside to observe.
    refreshBeforeUpdate: false,
    written: (inputs: Inputs) => pathsAt(inputs, "path"),

    diff(
      _context: ResourceContext,
      desired: Inputs,
      oldInputs: Inputs,
      observed: { digest: string },
    ): Changes {
      const changes: Changes = inputChanges(["path"], desired, oldInputs);
      if (desired.digest !== observed.digest) {
        Object.assign(changes, inputChanges(decisive, desired, oldInputs));
        changes.digest = { kind: "update" };
      }
      return changes;
    },

    id: () => "package",

    async create(context: ResourceContext, desired: Inputs) {
      if (!context.preview) await placeNow(context, desired, making(context, desired));
      return stateOf(desired);
    },

    async update(context: ResourceContext, desired: Inputs, oldInputs: Inputs) {
      if (!context.preview) await placeAnew(context, desired, oldInputs, making(context, desired));
      return stateOf(desired);
    },

    delete: (context: ResourceContext, _id: string, { path: file, digest = "" }: Inputs) =>
      removeOwn(context, [{ path: file, digest }]),
  };
}

/** Says which file with which digest a run has made, so that what needs it can have it placed. */
export function declarePackage(context: ResourceContext, file: PlacedPackage, make: MakePackage): void {
  context.services.made.declare(context.urn, [
    { path: file.path, digest: file.digest ?? "", place: () => place(context, file, make) },
  ]);
}

/** The package as a release takes it. */
export function artifactsOf({ path: file, digest = "" }: PlacedPackage) {
  return [{ name: path.posix.basename(file), path: file, digest }];
}

/** Puts a package in its place, one writer at a time. */
async function placeNow(context: ResourceContext, desired: PlacedPackage, make: MakePackage): Promise<void> {
  await context.services.made.inTurn(desired.path, () => place(context, desired, make));
  await context.services.saveHashes();
  await context.services.pruneCache();
}

/** The same where it may have had another place before, which is cleared then. */
async function placeAnew(
  context: ResourceContext,
  desired: PlacedPackage,
  before: PlacedPackage,
  make: MakePackage,
): Promise<void> {
  await placeNow(context, desired, make);
  if (before.path === desired.path) return;
  await removePlaced(context.services, [{ path: before.path, digest: before.digest ?? "" }]);
}

/** Puts the bytes in their place, if they are not there. */
async function place(
  { services }: ResourceContext,
  desired: PlacedPackage,
  make: MakePackage,
): Promise<void> {
  const wanted = { digest: desired.digest ?? "", size: desired.size ?? 0 };
  if ((await placedDigest(services, desired.path)) === wanted.digest) return;
  const target = path.resolve(services.project, desired.path);
  const content = async () => {
    const made = (await services.archives.find(wanted)) ?? (await make());
    if (made.digest === wanted.digest) return made;
    throw new Error(
      `${desired.path} was ${wanted.digest} before and comes out as ${made.digest} on this machine: a command whose ` +
        "output it holds makes other bytes from the same inputs; make it reproducible, or change its inputs",
    );
  };
  await placeFile(target, await content(), wanted.digest).catch(async (error: unknown) => {
    if (!(error instanceof DigestMismatchError)) throw error;
    // The cache was damaged: it is made again.
    await services.archives.discard(wanted);
    await placeFile(target, await content(), wanted.digest);
  });
}

/**
 * A package with its files as they are on this machine; a file that another resource makes is made
 * first.
 *
 * @param files whose sources it needs
 * @param declare makes it, with what resolves its files
 * @throws InputError for what is declared wrong
 */
export async function resolvedPackage<T>(
  { services, observer }: ResourceContext,
  files: readonly { readonly source?: string | undefined }[],
  declare: (resolve: (files: readonly LayerFile[]) => Promise<LayerEntry[]>) => Promise<T>,
): Promise<T> {
  for (const { source } of files) {
    if (source !== undefined) await services.ensureFile(source, observer);
  }
  try {
    return await declare((declared) =>
      services.layers.resolve(services.project, declared, { field: "files", overBase: false }),
    );
  } catch (error) {
    throw asInputError(error);
  }
}

/** An error of what is declared, as a finding of the inputs. */
export function asInputError(error: unknown): unknown {
  if (error instanceof ChannelError) return new InputError([{ property: error.field, reason: error.reason }]);
  if (!(error instanceof LayerContentError)) return error;
  return new InputError([{ property: error.field, reason: error.message.slice(error.field.length + 2) }]);
}

import * as path from "node:path";
import type { CachedArchive } from "../../lib/archive/cache";
import { ChannelError } from "../../lib/channels/artifact";
import { DigestMismatchError } from "../../lib/oci/errors";
import { LayerContentError } from "../../lib/oci/layer/content-error";
import { placeFile } from "../../lib/release/place-file";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { placedDigest, removePlaced } from "../run/placed-files";

/** A package that a resource places in the project. */
export interface PlacedPackage {
  readonly path: string;
  readonly digest?: string | undefined;
  readonly size?: number | undefined;
}

/** Makes a package, in the cache. */
export type MakePackage = () => Promise<CachedArchive>;

/** Puts a package in its place, one writer at a time. */
export async function placeNow(
  context: ResourceContext,
  desired: PlacedPackage,
  make: MakePackage,
): Promise<void> {
  await context.services.made.inTurn(desired.path, () => place(context, desired, make));
  await context.services.saveHashes();
  await context.services.pruneCache();
}

/** The same where it may have had another place before, which is cleared then. */
export async function placeAnew(
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
export async function place(
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

/** An error of what is declared, as a finding of the inputs. */
export function asInputError(error: unknown): unknown {
  if (error instanceof ChannelError) return new InputError([{ property: error.field, reason: error.reason }]);
  if (!(error instanceof LayerContentError)) return error;
  return new InputError([{ property: error.field, reason: error.message.slice(error.field.length + 2) }]);
}

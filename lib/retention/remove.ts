import { isRefusal, RegistryError } from "../oci/errors";
import type { Repository } from "../oci/repository";
import type { RemovalStep } from "./removal-order";

/**
 * What deletes. A kind of registry that has no such requests in the distribution API brings its own.
 */
export interface Remover {
  /** Digest that a tag has now; undefined for none. */
  look(tag: string): Promise<string | undefined>;
  /** Deletes a tag, not what it points to. What is not there is no error. @throws RegistryError */
  removeTag(tag: string): Promise<void>;
  /** Deletes a manifest; registries differ in whether its tags go with it. @throws RegistryError */
  removeManifest(digest: string): Promise<void>;
}

/** Deletes by the distribution API (distribution-spec 1.1, "Deleting tags", "Deleting Manifests"). */
export function registryRemover(repository: Repository): Remover {
  return {
    look: async (tag) => (await repository.headManifest(tag))?.digest,
    removeTag: (tag) => repository.deleteTag(tag),
    removeManifest: (digest) => repository.deleteManifest(digest, { alone: true }),
  };
}

/** What became of the steps of a plan. */
export interface Removal {
  readonly tags: readonly string[];
  readonly manifests: readonly string[];
  /** Tags that stay although they were to go, each with the reason. */
  readonly kept: readonly string[];
  /** Whether somebody else has changed a tag meanwhile, and the rest was left for the next run. */
  readonly isOvertaken: boolean;
  /** Why the registry deletes nothing, or nothing more. */
  readonly refused?: RegistryError;
}

/**
 * Carries a plan out, step by step in its order. Each tag is looked at right before: one that points to something else by
 * now is somebody else's, may need what was to go, and ends the work. Where a registry deletes no tags, a manifest is
 * deleted with all of them.
 *
 * @throws RegistryError for what another try can do: what was done until then stays done
 */
export async function removeSteps(
  remover: Remover,
  steps: readonly RemovalStep[],
  signal?: AbortSignal,
): Promise<Removal> {
  const done = { tags: [] as string[], manifests: [] as string[], kept: [] as string[] };
  const going = new Set(steps.flatMap(({ tag, digest }) => (tag === undefined ? digest : [])));
  /** Tags that go with what they point to. */
  const carried = new Map<string, string[]>();
  let deletesTags = true;
  for (const { tag, digest, isOfDigest } of steps) {
    signal?.throwIfAborted();
    try {
      if (tag === undefined) {
        await remover.removeManifest(digest);
        done.manifests.push(digest);
        done.tags.push(...(carried.get(digest) ?? []));
        continue;
      }
      const found = isOfDigest ? digest : await remover.look(tag);
      if (found !== undefined && found !== digest) {
        done.kept.push(`${tag} points to ${found} by now`);
        return { ...done, isOvertaken: true };
      }
      if (deletesTags) deletesTags = await removesTag(remover, tag);
      if (deletesTags) done.tags.push(tag);
      // No tag that stays points there: the plan has looked at all of them.
      else if (going.has(digest)) carried.set(digest, [...(carried.get(digest) ?? []), tag]);
      else done.kept.push(`${tag} cannot be deleted without what it points to, which stays`);
    } catch (error) {
      if (!isWithoutDeletion(error)) throw error;
      return { ...done, isOvertaken: false, refused: error };
    }
  }
  return { ...done, isOvertaken: false };
}

/**
 * Deletes a tag; false where the registry deletes none: Distribution 2 takes it for a digest that is not valid (400), others
 * know no such method (405).
 */
async function removesTag(remover: Remover, tag: string): Promise<boolean> {
  try {
    await remover.removeTag(tag);
    return true;
  } catch (error) {
    if (error instanceof RegistryError && (error.status === 400 || error.status === 405)) return false;
    throw error;
  }
}

/** The registry deletes nothing, or not for this account. */
function isWithoutDeletion(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  return error.status === 405 || error.hasCode("UNSUPPORTED") || isRefusal(error.status);
}

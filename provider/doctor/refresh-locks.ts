import * as path from "node:path";
import { newerVersions } from "../../lib/bases/newer-versions";
import type { RefreshedImage, RefreshedLock } from "../../lib/bases/refreshed-lock";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { formatRepository, parseReference } from "../../lib/oci/reference";
import { dayOf } from "../../lib/text/day";
import { buildContextDefinition } from "../../resources/definitions/build-context";
import { externalImagesDefinition } from "../../resources/definitions/external-images";
import type { LockUse } from "../../resources/definitions/image-lock";
import { currentDigest } from "../dockerfile/base-images";
import { namedBases } from "../dockerfile/build-context";
import { formatLock, lockKey, readLockFile } from "../dockerfile/locked-images";
import type { ResourceContext } from "../run/context";
import type { Account } from "./account";
import type { Declared } from "./declared";

/** An image that a program names, and who pulls it. */
interface NamedImage {
  readonly lock: LockUse;
  readonly reference: string;
  readonly account: Account;
}

/**
 * Takes the digests of all locks that a program declares from their registries, and writes the locks: all of them, or
 * none where one image cannot be asked for.
 *
 * @param project absolute folder
 * @returns the locks; none where the program declares none
 * @throws Error that names each image that cannot be asked for; InputError for a lock that cannot be read
 */
export async function refreshLocks(
  declared: Declared,
  project: string,
  now: Date,
  signal: AbortSignal,
): Promise<RefreshedLock[]> {
  const byFile = new Map<string, Map<string, Account>>();
  for (const { lock, reference, account } of await namedImages(declared, project)) {
    const images = byFile.get(lock.file) ?? new Map<string, Account>();
    byFile.set(lock.file, images.set(lockKey(reference), account));
  }
  const failures: string[] = [];
  const locks = await Promise.all(
    [...byFile].map(async ([file, images]): Promise<RefreshedLock> => {
      const before = await readLockFile(project, file);
      const known = before?.images ?? {};
      const found = await Promise.all(
        [...images].map(async ([reference, account]): Promise<RefreshedImage[]> => {
          try {
            return [
              { ...(await current(reference, await account.context(signal))), before: known[reference] },
            ];
          } catch (error) {
            signal.throwIfAborted();
            failures.push(`${reference}: ${(error as Error).message}`);
            return [];
          }
        }),
      );
      const left = Object.entries(known)
        .filter(([reference]) => !images.has(reference))
        .map(([reference, digest]) => ({ reference, before: digest, newer: [] }));
      const all = [...found.flat(), ...left].sort((a, b) => (a.reference < b.reference ? -1 : 1));
      return { file, refreshed: dayOf(now), before: before?.refreshed, images: all };
    }),
  );
  if (failures.length > 0) {
    throw new Error(["no lock is written: not all images can be asked for", ...failures.sort()].join("\n"));
  }
  for (const { file, refreshed, images } of locks) {
    const digests = images.flatMap(({ reference, digest }) =>
      digest === undefined ? [] : [[reference, digest] as const],
    );
    await writeFileAtomically(
      path.resolve(project, file),
      formatLock(Object.fromEntries(digests), refreshed),
    );
  }
  return locks;
}

/** What names a digest itself needs no lock. */
async function namedImages(declared: Declared, project: string): Promise<NamedImage[]> {
  const contexts = declared.of(buildContextDefinition, "dockerfile", "copies", "ownImages", "lock");
  const bases = await Promise.all(
    contexts.map(async ({ inputs, account }): Promise<NamedImage[]> => {
      const { lock } = inputs;
      if (lock === undefined) return [];
      const named = (await namedBases(project, inputs)).filter(({ image }) => image === undefined);
      return named.map(({ reference }) => ({ lock, reference, account }));
    }),
  );
  const external = declared
    .of(externalImagesDefinition, "images", "lock")
    .flatMap(({ inputs: { images, lock }, account }): NamedImage[] =>
      lock === undefined ? [] : Object.values(images).map((reference) => ({ lock, reference, account })),
    );
  return [...bases.flat(), ...external].filter(
    ({ reference }) => parseReference(reference).digest === undefined,
  );
}

/** Digest of an image, and newer versions of it as far as its registry tells its tags. */
async function current(reference: string, context: ResourceContext): Promise<RefreshedImage> {
  const parsed = parseReference(reference);
  const digest = await currentDigest(context, parsed);
  const repository = await context.services.repository(formatRepository(parsed.repository));
  const tags = await repository.listTags().catch(() => []);
  return { reference, digest, newer: newerVersions(parsed.tag ?? "latest", tags) };
}

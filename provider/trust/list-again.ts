import { isNotFound } from "../../lib/oci/errors";
import { manifestContent } from "../../lib/oci/manifest-content";
import type { Repository } from "../../lib/oci/repository";

/** What was attached to a subject. */
interface Attached {
  readonly subject: string;
  /** Digest of the manifest that refers to it. */
  readonly referrer: string;
}

/**
 * Lists those referrers again that are in the repository and not listed: tools take whole lists away
 * (`cosign clean`) or put something else in their place (`cosign copy`). So nothing is signed twice.
 */
export async function listAgain(repository: Repository, attached: readonly Attached[]): Promise<void> {
  for (const subject of new Set(attached.map((one) => one.subject))) {
    const listed = new Set((await repository.listReferrers(subject)).map(({ digest }) => digest));
    const lost = attached.filter((one) => one.subject === subject && !listed.has(one.referrer));
    for (const { referrer } of lost) await putAgain(repository, subject, referrer);
  }
}

async function putAgain(repository: Repository, subject: string, referrer: string): Promise<void> {
  try {
    const { bytes, descriptor } = await repository.getManifest(referrer);
    if (manifestContent(bytes)?.subject?.digest !== subject) return;
    await repository.putManifest(bytes, descriptor.mediaType);
  } catch (error) {
    // What is gone is made again by who attached it.
    if (!isNotFound(error)) throw error;
  }
}

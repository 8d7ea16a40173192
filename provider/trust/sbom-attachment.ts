import { isAbsolute, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { documentLimitBytes, putEmptyConfig, putWithEmptyConfig, readBlob } from "../../lib/oci/attach";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { shortDigest } from "../../lib/oci/digest";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";
import { sbomReferrer } from "../../lib/sbom";
import type { sbomDefinition } from "../../resources/definitions/sbom";
import type { StateOf } from "../run/resource";
import type { Services } from "../run/services";
import { placedDigest } from "../run/placed-files";

/** A document as the state has it. */
export type AttachedDocument = StateOf<typeof sbomDefinition>["documents"][number];

/** Differences from the state. */
export interface Lack {
  readonly kind: "document" | "referrer" | "listing";
  /** In words, for a preview. */
  readonly text: string;
}

/**
 * What there is to see of documents from outside: their blobs, the manifests that attach them, and
 * their place in the lists of referrers. Their files are placed when something needs them.
 */
export class SbomObservation {
  private readonly referrers = new Map<string, Promise<Descriptor[]>>();

  constructor(private readonly repository: Repository) {}

  /** Returns what of a document is not there; none where everything is. */
  async lacks(document: AttachedDocument): Promise<Lack[]> {
    const { subject, digest, referrer, fileName } = document;
    const listing = this.referrers.get(subject) ?? this.repository.listReferrers(subject);
    this.referrers.set(subject, listing);
    const [size, manifest, listed] = await Promise.all([
      this.repository.blobSize(digest),
      this.repository.headManifest(referrer),
      listing,
    ]);
    const found: Lack[] = [];
    const of = `${fileName} of ${shortDigest(subject)}`;
    if (size === undefined) found.push({ kind: "document", text: `${of}: the document is gone` });
    if (!manifest)
      found.push({ kind: "referrer", text: `${of}: the referrer ${shortDigest(referrer)} is gone` });
    else if (!listed.some((one) => one.digest === referrer)) {
      found.push({ kind: "listing", text: `${of}: the referrer ${shortDigest(referrer)} is not listed` });
    }
    return found;
  }
}

/** Path of a document's file, as a program would write it. */
export function documentFile(directory: string, fileName: string): string {
  return isAbsolute(directory) ? join(directory, fileName) : join(directory, fileName).replaceAll("\\", "/");
}

/**
 * Attaches a document to its subject: the document first, the manifest that shows it last. What is
 * there is left alone.
 *
 * @param bytes the document; undefined where the repository has it
 * @param isNew whether the document was not made before for the subject: then it is not looked for
 * @returns digest of the referrer
 */
export async function attach(
  repository: Repository,
  subject: Descriptor,
  document: Pick<AttachedDocument, "digest" | "size" | "format" | "fileName">,
  bytes: Buffer | undefined,
  isNew = false,
): Promise<string> {
  const manifest = sbomReferrer(subject, document.format, document, document.fileName);
  const { digest, mediaType } = manifest.descriptor;
  if (bytes) {
    await repository.putBlob(document, (offset) => Readable.from([bytes.subarray(offset)]), { isNew });
  }
  const present = !isNew && (await repository.headManifest(digest));
  const listed =
    present && (await repository.listReferrers(subject.digest)).some((one) => one.digest === digest);
  if (listed) return digest;
  await putEmptyConfig(repository);
  await putWithEmptyConfig(repository, manifest.bytes, mediaType);
  return digest;
}

/** Writes a document's file where it is not that, from its bytes or from the repository. */
export async function writeDocumentFile(
  services: Services,
  repository: Repository,
  directory: string,
  document: Pick<AttachedDocument, "digest" | "size" | "fileName">,
  bytes?: Buffer,
): Promise<void> {
  const name = documentFile(directory, document.fileName);
  if ((await placedDigest(services, name)) === document.digest) return;
  await writeFileAtomically(
    resolve(services.project, name),
    bytes ?? (await readBlob(repository, document, documentLimitBytes)),
  );
}

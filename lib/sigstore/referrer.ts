import { attach, BlobTooLargeError, readBlob } from "../oci/attach";
import { isNotFound } from "../oci/errors";
import { manifestContent } from "../oci/manifest-content";
import type { Repository } from "../oci/repository";
import type { Annotations, Descriptor } from "../oci/types";
import { bundleMediaType, encodeBundle, parseBundle, type Bundle } from "./bundle";
import { SigningError, VerificationError } from "./errors";
import { SearchBudget } from "./search-budget";

/** Annotation with the kind of a bundle's content (sigstore/cosign, specs/BUNDLE_SPEC.md). */
const contentAnnotation = "dev.sigstore.bundle.content";
/** Annotation with the type of a bundle's predicate. */
const predicateTypeAnnotation = "dev.sigstore.bundle.predicateType";

/**
 * The largest bundle that is read, in bytes: one of the largest statement, in base64, with its
 * proofs. It is in memory as bytes, as text and as a payload, and the one before it may still be
 * there.
 */
const bundleLimitBytes = 24 * 1024 * 1024;

/** A referrer that carries a Sigstore bundle. */
export interface FoundBundle {
  /** Descriptor of the referrer's manifest. */
  referrer: Descriptor;
  /** Undefined where there is a problem. */
  bundle?: Bundle;
  /** Why the bundle cannot be read: it is gone, damaged, or something else than it says. */
  problem?: string;
}

/** Which bundles are looked for. */
export interface BundleFilter {
  /** Leaves out referrers that state another type; one that states none is read. */
  predicateType?: string;
  /** A look that began after this time is enough; see {@link Repository.listReferrers}. */
  since?: number;
}

/**
 * The Sigstore bundles that refer to a digest, by the referrers API or the fallback tag, in the
 * order of the referrers' digests. Each is read when it is asked for: anybody who may push can add
 * to them. Nothing is verified here.
 *
 * @throws VerificationError where there are more than are read, and what the repository throws; a
 *   single bundle that cannot be used is a `problem`
 */
export async function* findBundles(
  repository: Repository,
  digest: string,
  { predicateType, since }: BundleFilter = {},
): AsyncGenerator<FoundBundle, void, undefined> {
  const referrers = await repository.listReferrers(digest, bundleMediaType, { since });
  const wanted = referrers.filter(({ annotations }) => {
    const stated = annotations?.[predicateTypeAnnotation];
    return predicateType === undefined || stated === undefined || stated === predicateType;
  });
  const name = `${repository.name}@${digest}`;
  const budget = new SearchBudget(name, wanted.length);
  for (const referrer of wanted.sort((a, b) => (a.digest < b.digest ? -1 : 1))) {
    const { read, ...found } = await readBundle(repository, digest, referrer);
    budget.take(read);
    yield found;
  }
}

async function readBundle(
  repository: Repository,
  subject: string,
  referrer: Descriptor,
): Promise<FoundBundle & { read: number }> {
  let read = 0;
  try {
    const manifest = manifestContent((await repository.getManifest(referrer.digest)).bytes) ?? {};
    const layer =
      Array.isArray(manifest.layers) && manifest.layers.length === 1 ? manifest.layers[0] : undefined;
    if (manifest.subject?.digest !== subject) throw new VerificationError("refers to something else");
    if (layer?.mediaType !== bundleMediaType) throw new VerificationError("does not hold one bundle");
    if (layer.size <= bundleLimitBytes) read = layer.size;
    return { referrer, bundle: parseBundle(await readBlob(repository, layer, bundleLimitBytes)), read };
  } catch (error) {
    // A digest that does not fit is tampering, and that is a finding, not a failure of the
    // registry.
    if (error instanceof Error && isFinding(error)) return { referrer, problem: problemText(error), read };
    throw error;
  }
}

/**
 * Returns whether an error says that what refers to a digest cannot be used, and not that the
 * repository failed.
 */
export function isFinding(error: Error): boolean {
  return (
    error instanceof VerificationError ||
    error instanceof SyntaxError ||
    error instanceof BlobTooLargeError ||
    error.name === "DigestMismatchError" ||
    error.name === "NotInArchiveError" ||
    isNotFound(error)
  );
}

function problemText(error: Error): string {
  if (isNotFound(error) || error.name === "NotInArchiveError") return "is listed, but gone";
  return error.message.split("\n")[0] ?? "";
}

/**
 * Attaches a bundle to a manifest or index, as cosign does: an artifact with the bundle as its one
 * layer and the image as its subject. There is no time in it: its digest follows its content.
 *
 * @param subject descriptor of the manifest or index, which is in the repository
 * @param bundle which was made just now
 * @param predicateType of the statement in the bundle's envelope
 * @returns descriptor of the referrer's manifest
 * @throws SigningError for a bundle that would not be read again
 */
export async function attachBundle(
  repository: Repository,
  subject: Descriptor,
  bundle: Bundle,
  predicateType: string,
  options: { signal?: AbortSignal } = {},
): Promise<Descriptor> {
  const annotations: Annotations = {
    [contentAnnotation]: "dsse-envelope",
    [predicateTypeAnnotation]: predicateType,
  };
  const bytes = encodeBundle(bundle);
  if (bytes.length > bundleLimitBytes) {
    throw new SigningError(
      `the statement of type ${predicateType} makes a bundle of ${bytes.length} bytes, and more than ${bundleLimitBytes} ` +
        "are not read: attach the document without a signature, or list less in it",
    );
  }
  const content = {
    artifactType: bundleMediaType,
    mediaType: bundleMediaType,
    bytes,
    annotations,
    isNew: true,
  };
  return { ...(await attach(repository, subject, content, options.signal)), annotations };
}

import { attach, readBlob } from "../oci/attach";
import { isNotFound } from "../oci/errors";
import type { Repository } from "../oci/repository";
import type { Annotations, Descriptor, Manifest } from "../oci/types";
import { bundleMediaType, encodeBundle, parseBundle, type Bundle } from "./bundle";
import { VerificationError } from "./errors";

/** Annotation with the kind of a bundle's content (sigstore/cosign, specs/BUNDLE_SPEC.md). */
const contentAnnotation = "dev.sigstore.bundle.content";
/** Annotation with the type of a bundle's predicate. */
const predicateTypeAnnotation = "dev.sigstore.bundle.predicateType";

/** The largest bundle that is read, in bytes: an SBOM of a large image is some megabytes. */
const bundleLimitBytes = 64 * 1024 * 1024;

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
}

/**
 * The Sigstore bundles that refer to a digest, by the referrers API or the fallback tag. Nothing is verified here.
 *
 * @throws what the repository throws; a single bundle that cannot be used is a `problem`
 */
export async function findBundles(
  repository: Repository,
  digest: string,
  { predicateType }: BundleFilter = {},
): Promise<FoundBundle[]> {
  const referrers = await repository.listReferrers(digest, bundleMediaType);
  const wanted = referrers.filter(({ annotations }) => {
    const stated = annotations?.[predicateTypeAnnotation];
    return predicateType === undefined || stated === undefined || stated === predicateType;
  });
  return Promise.all(wanted.map((referrer) => readBundle(repository, digest, referrer)));
}

async function readBundle(
  repository: Repository,
  subject: string,
  referrer: Descriptor,
): Promise<FoundBundle> {
  try {
    const { bytes } = await repository.getManifest(referrer.digest);
    const manifest = JSON.parse(bytes.toString("utf8")) as Partial<Manifest>;
    const layer =
      Array.isArray(manifest.layers) && manifest.layers.length === 1 ? manifest.layers[0] : undefined;
    if (manifest.subject?.digest !== subject) throw new VerificationError("refers to something else");
    if (layer?.mediaType !== bundleMediaType) throw new VerificationError("does not hold one bundle");
    if (layer.size > bundleLimitBytes) {
      throw new VerificationError(`is larger than any bundle (${layer.size} bytes)`);
    }
    return { referrer, bundle: parseBundle(await readBlob(repository, layer)) };
  } catch (error) {
    // A digest that does not fit is tampering, and that is a finding, not a failure of the registry.
    if (error instanceof Error && isFinding(error)) return { referrer, problem: problemText(error) };
    throw error;
  }
}

function isFinding(error: Error): boolean {
  return (
    error instanceof VerificationError ||
    error instanceof SyntaxError ||
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
 * Attaches a bundle to a manifest or index, as cosign does: an artefact with the bundle as its one layer and the
 * image as its subject. There is no time in it: its digest follows its content.
 *
 * @param subject descriptor of the manifest or index, which is in the repository
 * @param predicateType of the statement in the bundle's envelope
 * @returns descriptor of the referrer's manifest
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
  const content = { artifactType: bundleMediaType, mediaType: bundleMediaType, bytes, annotations };
  return { ...(await attach(repository, subject, content, options.signal)), annotations };
}

import { Readable } from "node:stream";
import { digestOf } from "../oci/digest";
import { isNotFound } from "../oci/errors";
import { MediaType } from "../oci/media-types";
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

const emptyConfig = Buffer.from("{}");

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

/** All of a blob, checked against its digest. */
export async function readBlob(
  repository: Repository,
  descriptor: Pick<Descriptor, "digest" | "size">,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await repository.getBlob(descriptor)) as AsyncIterable<Buffer>)
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Puts a blob that is in memory. */
export async function putBytes(
  repository: Repository,
  bytes: Buffer,
  mediaType: string,
  signal?: AbortSignal,
): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await repository.putBlob(descriptor, (offset) => Readable.from([bytes.subarray(offset)]), { signal });
  return descriptor;
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
  const [config, layer] = await Promise.all([
    putBytes(repository, emptyConfig, MediaType.ociEmpty, options.signal),
    putBytes(repository, encodeBundle(bundle), bundleMediaType, options.signal),
  ]);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    artifactType: bundleMediaType,
    config,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  };
  const stored = await repository.putManifest(Buffer.from(JSON.stringify(manifest)), MediaType.ociManifest);
  return { ...stored, artifactType: bundleMediaType, annotations };
}

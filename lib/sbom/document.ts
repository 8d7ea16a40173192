import { digestOf } from "../oci/digest";
import { imageManifest } from "../oci/image/manifest";
import { MediaType } from "../oci/media-types";
import type { Descriptor, FetchedManifest } from "../oci/types";

/** A format of an SBOM. */
export type SbomFormat = "spdx" | "cyclonedx";

export const sbomFormats: readonly SbomFormat[] = ["spdx", "cyclonedx"];

/** Media types as registered with IANA. */
export const sbomMediaTypes: Readonly<Record<SbomFormat, string>> = {
  spdx: "application/spdx+json",
  cyclonedx: "application/vnd.cyclonedx+json",
};

/** In-toto predicate types, for those who attest a document. */
export const sbomPredicateTypes: Readonly<Record<SbomFormat, string>> = {
  spdx: "https://spdx.dev/Document",
  cyclonedx: "https://cyclonedx.org/bom",
};

/** Ends of file names by which tools know the format. */
const extensions: Readonly<Record<SbomFormat, string>> = { spdx: ".spdx.json", cyclonedx: ".cdx.json" };

/**
 * The file name of a document, e.g. `hello-linux-arm64.spdx.json`; of an index's, e.g.
 * `hello.spdx.json`.
 */
export function sbomFileName(name: string, format: SbomFormat, platform?: string): string {
  return `${name}${platform ? `-${platform.replaceAll("/", "-")}` : ""}${extensions[format]}`;
}

/**
 * The content of the empty configuration (image-spec/manifest.md, "Guidance for an Empty
 * Descriptor").
 */
export const emptyConfig = Buffer.from("{}");

const emptyDescriptor: Descriptor = {
  mediaType: MediaType.ociEmpty,
  digest: digestOf(emptyConfig),
  size: emptyConfig.length,
};

/**
 * The referrer that attaches a document to an image or index: an artifact manifest of one layer,
 * the document. It has no time in it, so the same document has the same referrer.
 *
 * @param fileName under which clients save the document
 */
export function sbomReferrer(
  subject: Descriptor,
  format: SbomFormat,
  document: { digest: string; size: number },
  fileName: string,
): FetchedManifest {
  const mediaType = sbomMediaTypes[format];
  const { digest, size } = document;
  const annotations = { "org.opencontainers.image.title": fileName };
  return imageManifest(emptyDescriptor, [{ mediaType, digest, size, annotations }], {
    artifactType: mediaType,
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
  });
}

import type { PackageURL } from "packageurl-js";
import { attachedContent, documentLimitBytes } from "../oci/attach";
import type { Repository } from "../oci/repository";
import type { Descriptor } from "../oci/types";
import { sbomFormats, sbomMediaTypes } from "../sbom";
import { attachedFindings, isScanReport } from "../scan/attached-reports";
import type { Finding } from "../scan/finding";
import { packagesOf } from "../scan/sbom-packages";
import { ScanError } from "../scan/scanner";
import { readSizes, type SizedImage } from "./image-sizes";

/** What a registry tells of the image of one platform. */
export interface ImageContents extends SizedImage {
  /**
   * Versions of each package of the SBOM that is attached to it, by type and name, as
   * `deb/debian/openssl`; undefined where none is.
   */
  readonly packages?: ReadonlyMap<string, readonly string[]> | undefined;
  /** What scans have found whose reports are attached; undefined where none are. */
  readonly vulnerabilities?: readonly Finding[] | undefined;
}

/**
 * Reads what a registry tells of an image or of each that an index lists: sizes, and from what is
 * attached to them packages and vulnerabilities. No layer is read.
 *
 * @param reference tag or digest
 * @throws RegistryError; Error for what is no image, and for a document that cannot be read
 */
export async function readContents(repository: Repository, reference: string): Promise<ImageContents[]> {
  const images = await readSizes(repository, reference);
  return Promise.all(
    images.map(async (image) => {
      const referrers = await repository.listReferrers(image.digest);
      return {
        ...image,
        packages: await readPackages(repository, referrers),
        vulnerabilities: await readVulnerabilities(repository, referrers),
      };
    }),
  );
}

/** Of two formats one is enough: they say the same. */
async function readPackages(
  repository: Repository,
  referrers: readonly Descriptor[],
): Promise<Map<string, string[]> | undefined> {
  const documents = sbomFormats
    .map((format) => referrers.filter(({ artifactType }) => artifactType === sbomMediaTypes[format]))
    .find(({ length }) => length > 0);
  if (!documents) return undefined;
  const found = new Map<string, Set<string>>();
  for (const { digest } of documents) {
    for (const purl of await packagesIn(repository, digest)) {
      // The image itself is the subject of its document.
      if (purl.type === "oci") continue;
      const name = [purl.type, purl.namespace, purl.name].filter(Boolean).join("/");
      found.set(name, (found.get(name) ?? new Set()).add(purl.version ?? ""));
    }
  }
  return new Map([...found].map(([name, versions]) => [name, [...versions].sort()]));
}

async function packagesIn(repository: Repository, referrer: string): Promise<PackageURL[]> {
  const { bytes } = await attachedContent(repository, referrer, documentLimitBytes);
  try {
    return packagesOf(JSON.parse(bytes.toString("utf8"))).purls;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ScanError)) throw error;
    throw new Error(`${repository.name}@${referrer} is no SBOM that can be read: ${error.message}`, {
      cause: error,
    });
  }
}

/** What any of the attached reports has found: an image does not change, and later scans know more. */
async function readVulnerabilities(
  repository: Repository,
  referrers: readonly Descriptor[],
): Promise<Finding[] | undefined> {
  const reports = referrers.filter(({ artifactType }) => isScanReport(artifactType));
  if (reports.length === 0) return undefined;
  const found = new Map<string, Finding>();
  for (const { digest, artifactType = "" } of reports) {
    const { bytes } = await attachedContent(repository, digest, documentLimitBytes);
    const findings = attachedFindings(artifactType, bytes);
    if (!findings) throw new Error(`${repository.name}@${digest} is no report of a scan that can be read`);
    for (const finding of findings) {
      if (finding.kind !== "vulnerability") continue;
      found.set([finding.id, finding.package, finding.version].join("\n"), finding);
    }
  }
  return [...found.values()];
}

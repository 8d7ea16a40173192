import { PackageURL } from "packageurl-js";
import { dayOf } from "../../text/day";
import type { Finding } from "../finding";
import type { Exception } from "../verdict";
import { acceptingStatuses, type VexComponent, type VexStatement } from "./document";

/** The image of one platform, as statements name it. */
export interface VexImage {
  /** Last part of the repository's name. */
  readonly name: string;
  /** Its digest, and those of the indexes that list it. */
  readonly digests: readonly string[];
}

const dayMs = 24 * 3_600_000;

/**
 * What statements of VEX documents say of a finding, as an exception that ends some time after the
 * statement was made; undefined where they do not accept it. Of several statements about it the
 * latest counts, and of those of one time the last (OpenVEX 0.2.0, "The VEX Statement").
 *
 * @param maxAgeDays days for which a statement counts
 */
export function vexException(
  statements: readonly VexStatement[],
  finding: Finding,
  image: VexImage,
  maxAgeDays: number,
): Exception | undefined {
  if (finding.kind !== "vulnerability") return undefined;
  const latest = statements
    .filter((statement) => isAbout(statement, finding, image))
    .reduce<VexStatement | undefined>(
      (last, statement) => (last && last.time > statement.time ? last : statement),
      undefined,
    );
  if (!latest || !acceptingStatuses.has(latest.status)) return undefined;
  return {
    id: finding.id,
    ...(finding.package === undefined ? {} : { package: finding.package }),
    reason: `${latest.status}${latest.reason === "" ? "" : `, ${latest.reason}`} (${latest.file})`,
    expires: dayOf(new Date(latest.time + maxAgeDays * dayMs)),
  };
}

function isAbout({ vulnerabilities, products }: VexStatement, finding: Finding, image: VexImage): boolean {
  const names = [finding.id, ...finding.aliases];
  if (!vulnerabilities.some((name) => names.includes(name))) return false;
  return products.some((product) => {
    if (namesPackage(product, finding)) return true;
    if (!namesImage(product, image)) return false;
    const { subcomponents } = product;
    return subcomponents.length === 0 || subcomponents.some((part) => namesPackage(part, finding));
  });
}

/**
 * The registry is not compared: the image is the same in each, and a run for development has
 * another one.
 */
function namesImage({ identifiers }: VexComponent, image: VexImage): boolean {
  return identifiers.some((text) => {
    const purl = packageUrl(text);
    if (purl?.type !== "oci" || purl.name !== image.name) return false;
    return !purl.version || image.digests.includes(purl.version);
  });
}

function namesPackage({ identifiers }: VexComponent, finding: Finding): boolean {
  return identifiers.some((text) => {
    const purl = packageUrl(text);
    if (!purl || purl.type === "oci") return false;
    if (comparable(purl.type, packageName(purl)) !== comparable(purl.type, finding.package ?? ""))
      return false;
    return !purl.version || purl.version === finding.version;
  });
}

/** Kinds of packages whose namespace is no part of the name that scanners write. */
const systems = new Set(["deb", "apk", "rpm", "alpm"]);

function packageName({ type, namespace, name }: PackageURL): string {
  if (!namespace || systems.has(type)) return name;
  return `${namespace}${type === "maven" ? ":" : "/"}${name}`;
}

/** Names of PyPI are one, however they are written (PEP 503). */
function comparable(type: string, name: string): string {
  return type === "pypi" ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
}

function packageUrl(text: string): PackageURL | undefined {
  if (!text.startsWith("pkg:")) return undefined;
  try {
    return PackageURL.fromString(text);
  } catch {
    // Other identifiers may be anything; what cannot be read names nothing that is known.
    return undefined;
  }
}

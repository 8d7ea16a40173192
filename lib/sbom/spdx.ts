import { createHash } from "node:crypto";
import { defined } from "../objects/defined";
import { canonicalJson } from "../oci/canonical-json";
import { formatReference } from "../oci/reference";
import type { Description } from "./description";
import type { InventoryFile } from "./inventory";
import { licenseExpression, type LicenseReference } from "./license";
import type { InventoryPackage } from "./package-list";
import { externalImagePurl, imagePurl, sha256Hex } from "./purl";
import { baseReference } from "./base-reference";
import { nameUuid, shortHash } from "./stable-id";
import { nonEmpty } from "../text/non-empty";

/**
 * SPDX 2.3 in JSON: https://spdx.github.io/spdx-spec/v2.3/, and `spdx-schema.json` of the same
 * version.
 */

interface SpdxChecksum {
  algorithm: "SHA1" | "SHA256";
  checksumValue: string;
}

interface SpdxPackage {
  SPDXID: string;
  name: string;
  versionInfo?: string;
  downloadLocation: "NOASSERTION";
  filesAnalyzed: boolean;
  packageVerificationCode?: { packageVerificationCodeValue: string };
  licenseConcluded: "NOASSERTION";
  licenseDeclared: string;
  copyrightText: "NOASSERTION";
  supplier: "NOASSERTION";
  primaryPackagePurpose: "CONTAINER" | "OPERATING-SYSTEM" | "LIBRARY" | "APPLICATION";
  checksums?: SpdxChecksum[];
  externalRefs?: { referenceCategory: "PACKAGE-MANAGER"; referenceType: "purl"; referenceLocator: string }[];
  sourceInfo?: string;
}

interface SpdxFile {
  SPDXID: string;
  fileName: string;
  checksums: SpdxChecksum[];
  licenseConcluded: "NOASSERTION";
  copyrightText: "NOASSERTION";
  comment: string;
}

interface SpdxRelationship {
  spdxElementId: string;
  relationshipType:
    | "DESCRIBES"
    | "CONTAINS"
    | "DESCENDANT_OF"
    | "DEPENDS_ON"
    | "GENERATED_FROM"
    | "RUNTIME_DEPENDENCY_OF"
    | "VARIANT_OF";
  relatedSpdxElement: string;
}

/** A document, without its name space, which follows from the rest. */
interface SpdxDocument {
  spdxVersion: "SPDX-2.3";
  dataLicense: "CC0-1.0";
  SPDXID: "SPDXRef-DOCUMENT";
  name: string;
  creationInfo: { created: string; creators: string[] };
  comment?: string;
  packages: SpdxPackage[];
  files?: SpdxFile[];
  hasExtractedLicensingInfos?: { licenseId: string; name: string; extractedText: string }[];
  relationships: SpdxRelationship[];
}

const document = "SPDXRef-DOCUMENT";
const subjectId = "SPDXRef-Image";

/** Writes a description as SPDX 2.3 in JSON. Equal descriptions give equal bytes. */
export function spdxDocument(description: Description): Buffer {
  const { subject, inventory, tool } = description;
  const licenses = new Map<string, LicenseReference>();
  const packages: SpdxPackage[] = [subjectPackage(description)];
  const relationships: SpdxRelationship[] = [relation(document, "DESCRIBES", subjectId)];
  const base = baseReference(subject.base);
  if (base) {
    packages.push(container("SPDXRef-Base", base.name, base.digest, base.purl));
    relationships.push(relation(subjectId, "DESCENDANT_OF", "SPDXRef-Base"));
  }
  if (subject.kind === "index") {
    for (const { digest, platform } of subject.images) {
      const id = `SPDXRef-Image-${sha256Hex(digest).slice(0, 20)}`;
      const name = platform ? `${description.name} (${platform})` : description.name;
      packages.push(
        container(id, name, digest, imagePurl(description.name, digest, platform?.split("/")[1])),
      );
      relationships.push(relation(subjectId, "CONTAINS", id), relation(id, "VARIANT_OF", subjectId));
    }
  }
  if (inventory?.operatingSystem) {
    packages.push(systemPackage(inventory.operatingSystem));
    relationships.push(relation(subjectId, "CONTAINS", "SPDXRef-OperatingSystem"));
  }
  for (const found of inventory?.packages ?? []) {
    packages.push(declaredPackage(found, licenses));
    relationships.push(relation(subjectId, "CONTAINS", packageId(found.purl)));
    for (const other of found.dependsOn) {
      relationships.push(relation(packageId(found.purl), "DEPENDS_ON", packageId(other)));
    }
    if (found.kind !== "application") continue;
    for (const path of found.locations) {
      relationships.push(relation(fileId(path), "GENERATED_FROM", packageId(found.purl)));
    }
  }
  for (const reference of description.externalImages) {
    const purl = externalImagePurl(reference);
    packages.push(container(packageId(purl), formatReference(reference), reference.digest, purl));
    relationships.push(relation(packageId(purl), "RUNTIME_DEPENDENCY_OF", subjectId));
  }
  for (const { path } of inventory?.files ?? [])
    relationships.push(relation(subjectId, "CONTAINS", fileId(path)));
  const content: SpdxDocument = defined({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: document,
    name: description.name,
    creationInfo: { created: subject.created, creators: [`Tool: ${tool.name}-${tool.version}`] },
    ...comment(inventory?.unread ?? []),
    packages,
    files: inventory && inventory.files.length > 0 ? inventory.files.map(spdxFile) : undefined,
    hasExtractedLicensingInfos: licenses.size > 0 ? extracted(licenses) : undefined,
    relationships,
  });
  // Every other content has another name space (SPDX 2.3, 6.5), and the same content always the
  // same.
  const uuid = nameUuid(`${subject.descriptor.digest} ${canonicalJson(content)}`);
  const documentNamespace = `https://spdx.org/spdxdocs/${description.name}-${uuid}`;
  return Buffer.from(canonicalJson({ ...content, documentNamespace }), "utf8");
}

function relation(
  spdxElementId: string,
  relationshipType: SpdxRelationship["relationshipType"],
  relatedSpdxElement: string,
): SpdxRelationship {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function packageId(purl: string): string {
  return `SPDXRef-Package-${shortHash(purl)}`;
}

function fileId(path: string): string {
  return `SPDXRef-File-${shortHash(path)}`;
}

function subjectPackage({ name, subject, inventory }: Description): SpdxPackage {
  const { digest } = subject.descriptor;
  const architecture = subject.kind === "image" ? subject.architecture : undefined;
  const own = container(subjectId, name, digest, imagePurl(name, digest, architecture));
  if (!inventory || inventory.files.length === 0) return own;
  return {
    ...own,
    filesAnalyzed: true,
    packageVerificationCode: { packageVerificationCodeValue: verificationCode(inventory.files) },
  };
}

/** SPDX 2.3, 7.9: the SHA-1 of all files' SHA-1s, sorted. */
function verificationCode(files: readonly InventoryFile[]): string {
  const sums = files.map(({ sha1 }) => sha1).sort();
  return createHash("sha1").update(sums.join("")).digest("hex");
}

function container(
  id: string,
  name: string,
  digest: string | undefined,
  purl: string | undefined,
): SpdxPackage {
  return defined({
    ...plainPackage(id, name, "CONTAINER"),
    versionInfo: nonEmpty(digest),
    checksums: digest ? [sha256(sha256Hex(digest))] : undefined,
    externalRefs: purl ? [purlReference(purl)] : undefined,
  });
}

function plainPackage(id: string, name: string, purpose: SpdxPackage["primaryPackagePurpose"]): SpdxPackage {
  return {
    SPDXID: id,
    name,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: "NOASSERTION",
    copyrightText: "NOASSERTION",
    supplier: "NOASSERTION",
    primaryPackagePurpose: purpose,
  };
}

function systemPackage(system: { id: string; version?: string; prettyName?: string }): SpdxPackage {
  return defined({
    ...plainPackage("SPDXRef-OperatingSystem", system.id, "OPERATING-SYSTEM"),
    versionInfo: nonEmpty(system.version),
    sourceInfo: nonEmpty(system.prettyName),
  });
}

function declaredPackage(found: InventoryPackage, licenses: Map<string, LicenseReference>): SpdxPackage {
  const license = found.license === undefined ? undefined : licenseExpression(found.license);
  for (const reference of license?.references ?? []) licenses.set(reference.id, reference);
  const plain = plainPackage(
    packageId(found.purl),
    found.name,
    found.kind === "application" ? "APPLICATION" : "LIBRARY",
  );
  return defined({
    ...plain,
    versionInfo: nonEmpty(found.version),
    licenseDeclared: license?.expression ?? plain.licenseDeclared,
    externalRefs: [purlReference(found.purl)],
    sourceInfo: `declared in ${found.locations.map((path) => `/${path}`).join(", ")}`,
  });
}

function spdxFile({ path, size, mode, sha1, sha256: sum }: InventoryFile): SpdxFile {
  return {
    SPDXID: fileId(path),
    fileName: `./${path}`,
    checksums: [{ algorithm: "SHA1", checksumValue: sha1 }, sha256(sum)],
    licenseConcluded: "NOASSERTION",
    copyrightText: "NOASSERTION",
    comment: `${size} bytes, mode ${mode.toString(8).padStart(4, "0")}`,
  };
}

function sha256(checksumValue: string): SpdxChecksum {
  return { algorithm: "SHA256", checksumValue };
}

function purlReference(referenceLocator: string): NonNullable<SpdxPackage["externalRefs"]>[number] {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator };
}

function comment(unread: readonly string[]): { comment?: string } {
  if (unread.length === 0) return {};
  return { comment: `Not complete: the packages of these files are not listed: ${unread.join("; ")}.` };
}

function extracted(
  licenses: ReadonlyMap<string, LicenseReference>,
): { licenseId: string; name: string; extractedText: string }[] {
  return [...licenses.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, words }) => ({ licenseId: id, name: words, extractedText: words }));
}

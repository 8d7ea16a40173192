import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { canonicalJson } from "../oci/canonical-json";
import { formatReference } from "../oci/reference";
import { baseReference } from "./base-reference";
import type { Description } from "./description";
import type { InventoryFile } from "./inventory";
import { licenseExpression } from "./license";
import type { InventoryPackage } from "./package-list";
import { externalImagePurl, imagePurl, sha256Hex } from "./purl";
import { nameUuid } from "./stable-id";

/** CycloneDX 1.6 in JSON: https://cyclonedx.org/docs/1.6/json/ (ECMA-424). */

interface CycloneDxHash {
  alg: "SHA-1" | "SHA-256";
  content: string;
}

type CycloneDxLicense = { license: { id: string } } | { license: { name: string } } | { expression: string };

interface CycloneDxComponent {
  "bom-ref"?: string;
  type: "container" | "operating-system" | "library" | "application" | "file";
  name: string;
  version?: string;
  description?: string;
  hashes?: CycloneDxHash[];
  licenses?: CycloneDxLicense[];
  purl?: string;
  pedigree?: { ancestors: CycloneDxComponent[] };
  properties?: { name: string; value: string }[];
  evidence?: { occurrences: { location: string }[] };
}

/** A document, without its serial number, which follows from the rest. */
interface CycloneDxDocument {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json";
  bomFormat: "CycloneDX";
  specVersion: "1.6";
  version: 1;
  metadata: {
    timestamp: string;
    tools: { components: CycloneDxComponent[] };
    component: CycloneDxComponent;
    properties?: { name: string; value: string }[];
  };
  components: CycloneDxComponent[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  compositions?: { aggregate: "incomplete"; assemblies: string[] }[];
}

/** Writes a description as CycloneDX 1.6 in JSON. Equal descriptions give equal bytes. */
export function cycloneDxDocument(description: Description): Buffer {
  const { subject, inventory, tool } = description;
  const root = subjectComponent(description);
  const rootRef = root["bom-ref"] ?? "";
  const packages = inventory?.packages ?? [];
  const images =
    subject.kind === "index" ? subject.images.map((image) => imageComponent(description, image)) : [];
  const external = description.externalImages.map((reference) => {
    const purl = externalImagePurl(reference);
    return container(purl, formatReference(reference), reference.digest, purl);
  });
  const libraries = packages.map(packageComponent);
  const unread = inventory?.unread ?? [];
  const content: CycloneDxDocument = defined({
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: defined({
      timestamp: subject.created,
      tools: { components: [{ type: "application", name: tool.name, version: tool.version }] },
      component: root,
      properties:
        unread.length > 0 ? unread.map((what) => ({ name: "slipway:notListed", value: what })) : undefined,
    }),
    components: [
      ...images,
      ...(inventory?.operatingSystem ? [systemComponent(inventory.operatingSystem)] : []),
      ...libraries,
      ...external,
      ...(inventory?.files ?? []).map(fileComponent),
    ],
    dependencies: [
      { ref: rootRef, dependsOn: refs([...images, ...libraries, ...external]) },
      ...packages
        .filter(({ dependsOn }) => dependsOn.length > 0)
        .map(({ purl, dependsOn }) => ({ ref: purl, dependsOn: [...dependsOn] })),
    ],
    compositions:
      unread.length > 0 ? [{ aggregate: "incomplete" as const, assemblies: [rootRef] }] : undefined,
  });
  const uuid = nameUuid(`${subject.descriptor.digest} ${canonicalJson(content)}`);
  return Buffer.from(canonicalJson({ ...content, serialNumber: `urn:uuid:${uuid}` }), "utf8");
}

function refs(components: readonly CycloneDxComponent[]): string[] {
  return [...new Set(components.flatMap((component) => component["bom-ref"] ?? []))];
}

function subjectComponent({ name, subject }: Description): CycloneDxComponent {
  const { digest } = subject.descriptor;
  const architecture = subject.kind === "image" ? subject.architecture : undefined;
  const purl = imagePurl(name, digest, architecture);
  const base = baseReference(subject.base);
  return defined({
    ...container(purl, name, digest, purl),
    pedigree: base && { ancestors: [container(undefined, base.name, base.digest, base.purl)] },
  });
}

function imageComponent(
  { name }: Description,
  { digest, platform }: { digest: string; platform?: string },
): CycloneDxComponent {
  const purl = imagePurl(name, digest, platform?.split("/")[1]);
  return defined({ ...container(purl, name, digest, purl), description: nonEmpty(platform) });
}

function container(
  ref: string | undefined,
  name: string,
  digest: string | undefined,
  purl: string | undefined,
): CycloneDxComponent {
  return defined({
    "bom-ref": nonEmpty(ref),
    type: "container",
    name,
    version: nonEmpty(digest),
    hashes: digest ? [{ alg: "SHA-256", content: sha256Hex(digest) }] : undefined,
    purl: nonEmpty(purl),
  });
}

function systemComponent(system: { id: string; version?: string; prettyName?: string }): CycloneDxComponent {
  return defined({
    "bom-ref": "operating-system",
    type: "operating-system",
    name: system.id,
    version: nonEmpty(system.version),
    description: nonEmpty(system.prettyName),
  });
}

function packageComponent(found: InventoryPackage): CycloneDxComponent {
  return defined({
    "bom-ref": found.purl,
    type: found.kind,
    name: found.name,
    version: nonEmpty(found.version),
    licenses: found.license ? [license(found.license)] : undefined,
    purl: found.purl,
    evidence: { occurrences: found.locations.map((path) => ({ location: `/${path}` })) },
  });
}

function license(words: string): CycloneDxLicense {
  const { identifier, references, expression } = licenseExpression(words);
  if (identifier) return { license: { id: identifier } };
  return references.length > 0 ? { license: { name: words } } : { expression };
}

function fileComponent({ path, size, mode, sha1, sha256 }: InventoryFile): CycloneDxComponent {
  return {
    "bom-ref": `file:/${path}`,
    type: "file",
    name: `/${path}`,
    hashes: [
      { alg: "SHA-1", content: sha1 },
      { alg: "SHA-256", content: sha256 },
    ],
    properties: [
      { name: "slipway:size", value: String(size) },
      { name: "slipway:mode", value: mode.toString(8).padStart(4, "0") },
    ],
  };
}

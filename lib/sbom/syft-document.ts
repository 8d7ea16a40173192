import { canonicalJson } from "../oci/canonical-json";
import type { SbomFormat } from "./document";
import { SbomError } from "./sbom-error";
import { nameUuid } from "./stable-id";
import type { ImageSubject } from "./subject";

interface SyftSpdx {
  name: string;
  documentNamespace?: string;
  creationInfo: { created: string; creators: string[] };
  packages?: unknown[];
}

interface SyftCycloneDx {
  serialNumber?: string;
  metadata: {
    timestamp: string;
    tools?: { components?: { name?: string; version?: string }[] };
  };
  components?: { type?: string }[];
}

/** A document that is the same at every run. */
export interface NormalizedDocument {
  readonly bytes: Buffer;
  /** Version of Syft. */
  readonly version: string;
  readonly packages: number;
}

/**
 * Gives a document of Syft the time of the image and an identifier that follows from its content:
 * Syft writes the time of the run and a random identifier. Nothing else is changed but the order of
 * the fields.
 *
 * @throws SbomError for what is not a document of Syft in that format
 */
export function normalizeSyftDocument(
  format: SbomFormat,
  bytes: Buffer,
  subject: Pick<ImageSubject, "descriptor" | "created">,
): NormalizedDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new SbomError(`syft wrote no JSON: ${(error as Error).message}`, { cause: error });
  }
  const uuidOf = (content: unknown) => nameUuid(`${subject.descriptor.digest} ${canonicalJson(content)}`);
  if (format === "spdx") {
    const { documentNamespace: _random, ...document } = parsed as SyftSpdx;
    const creators = document.creationInfo?.creators ?? [];
    const version = creators.map((creator) => /^Tool: syft-(.+)$/.exec(creator)?.[1]).find(Boolean);
    if (!version) throw unknownForm(format);
    const content = { ...document, creationInfo: { ...document.creationInfo, created: subject.created } };
    const documentNamespace = `https://spdx.org/spdxdocs/${document.name}-${uuidOf(content)}`;
    const text = canonicalJson({ ...content, documentNamespace });
    // The image is a package too.
    return { bytes: Buffer.from(text), version, packages: Math.max((document.packages ?? []).length - 1, 0) };
  }
  const { serialNumber: _random, ...document } = parsed as SyftCycloneDx;
  const version = document.metadata?.tools?.components?.find(({ name }) => name === "syft")?.version;
  if (!version) throw unknownForm(format);
  const content = { ...document, metadata: { ...document.metadata, timestamp: subject.created } };
  const text = canonicalJson({ ...content, serialNumber: `urn:uuid:${uuidOf(content)}` });
  const packages = (document.components ?? []).filter(
    ({ type }) => type === "library" || type === "application",
  );
  return { bytes: Buffer.from(text), version, packages: packages.length };
}

function unknownForm(format: SbomFormat): SbomError {
  return new SbomError(
    `syft wrote a ${format} document that does not name syft and its version: is the program "syft" another one?`,
  );
}

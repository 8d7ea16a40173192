import { defined } from "../objects/defined";
import { cycloneDxDocument } from "./cyclonedx";
import type { Description } from "./description";
import type { SbomFormat } from "./document";
import { takeInventory, type InventoryOptions } from "./inventory";
import type { LayerSource } from "./layer-entries";
import { spdxDocument } from "./spdx";

/** Documents of one subject, and what they do not say. */
export interface GeneratedDocuments {
  readonly documents: readonly { readonly format: SbomFormat; readonly bytes: Buffer }[];
  /** Number of packages that they name. */
  readonly packages: number;
  /** Package lists of the image that the generator does not read. */
  readonly unread: readonly string[];
}

const writers: Readonly<Record<SbomFormat, (description: Description) => Buffer>> = {
  spdx: spdxDocument,
  cyclonedx: cycloneDxDocument,
};

/**
 * Makes the documents of an image or index without any other program. Of an image all layers are
 * read; of an index nothing but what it lists.
 *
 * @throws SbomError, and what the repository throws
 */
export async function generateBuiltin(
  repository: LayerSource,
  description: Omit<Description, "inventory">,
  formats: readonly SbomFormat[],
  options: InventoryOptions = {},
): Promise<GeneratedDocuments> {
  const { subject } = description;
  const inventory = subject.kind === "image" ? await takeInventory(repository, subject, options) : undefined;
  const complete: Description = defined({ ...description, inventory });
  return {
    documents: formats.map((format) => ({ format, bytes: writers[format](complete) })),
    packages: inventory?.packages.length ?? 0,
    unread: inventory?.unread ?? [],
  };
}

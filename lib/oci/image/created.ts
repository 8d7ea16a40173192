import { readBlob } from "../attach";
import { parseBoundedJson } from "../bounded-json";
import { manifestContent } from "../manifest-content";
import type { Repository } from "../repository";
import { maximumConfigSize } from "./silent-entries";

/**
 * When an image says that it was made: by the annotation of its index, or by the manifest or configuration of its first
 * platform. Undefined where it says nothing, and for the epoch, which reproducible images have.
 *
 * Source: image-spec, annotations.md and config.md.
 *
 * @param reference tag or digest
 * @throws RegistryError
 */
export async function createdOf(repository: Repository, reference: string): Promise<Date | undefined> {
  const { bytes } = await repository.getManifest(reference);
  const content = manifestContent(bytes);
  const own = timeOf(content?.annotations?.["org.opencontainers.image.created"]);
  if (own !== undefined) return own;
  const [first] = content?.manifests ?? [];
  if (first !== undefined) return createdOf(repository, first.digest);
  if (!content?.config) return undefined;
  const config = parseBoundedJson(await readBlob(repository, content.config, maximumConfigSize));
  return timeOf((config as { created?: unknown } | null)?.created);
}

function timeOf(text: unknown): Date | undefined {
  const time = typeof text === "string" ? Date.parse(text) : 0;
  // A year of five digits has no place in a day.
  return time > 0 && time < 253_402_300_800_000 ? new Date(time) : undefined;
}

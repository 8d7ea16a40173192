import { formatRepository, parseReference } from "../../lib/oci/reference";
import type { Declared } from "../pack/declared";
import { promotedTags, promotingTypes } from "./promoted";
import { cacheReferences, knownReferences, pushingTypes } from "./pushed";
import { asText } from "./values";

/** Types that write to a registry. */
export const writingTypes: readonly string[] = [
  ...promotingTypes,
  "slipway:oci:Image",
  "slipway:oci:Index",
  ...pushingTypes,
];

/** A name that a resource writes to in a registry. */
export interface WrittenName {
  /** As the program gives it. */
  readonly text: string;
  /** Registry and path, where the name is a valid one. */
  readonly repository?: string;
  readonly registry?: string;
  /** Tag, where one is written. */
  readonly tag?: string;
  /** Whether only a build cache is written, which nobody can run. */
  readonly isCache?: boolean;
  /** Why the name is not valid. */
  readonly invalid?: string;
}

/**
 * The names that a resource writes to, of those that are known. A directory or archive as target is
 * not a registry.
 */
export function writtenNames(resource: Declared): readonly WrittenName[] {
  const { type, props } = resource;
  if (type === "slipway:oci:Image" || type === "slipway:oci:Index") return names([asText(props.repository)]);
  if ((promotingTypes as readonly string[]).includes(type)) {
    const repository = asText(type === "slipway:oci:Mirror" ? props.target : props.repository);
    if (repository === undefined || /^oci-(layout|archive):/.test(repository)) return [];
    const tags = promotedTags(resource).flatMap((promoted) => promoted.tag ?? []);
    return tags.length === 0 ? names([repository]) : names(tags.map((tag) => `${repository}:${tag}`));
  }
  return [
    ...names(knownReferences(resource)),
    ...names(cacheReferences(resource)).map((name) => ({ ...name, isCache: true })),
  ];
}

function names(texts: readonly (string | undefined)[]): WrittenName[] {
  return texts.flatMap((text) => (text === undefined ? [] : [nameOf(text)]));
}

function nameOf(text: string): WrittenName {
  try {
    const { repository, tag } = parseReference(text.replace(/^https?:\/\//, ""));
    return {
      text,
      repository: formatRepository(repository),
      registry: repository.registry,
      tag,
    };
  } catch (error) {
    return { text, invalid: (error as Error).message };
  }
}

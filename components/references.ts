import * as pulumi from "@pulumi/pulumi";
import type { DistributionDeclaration } from "./declaration/declaration";
import { placesOf } from "./declaration/image-places";
import type { PlannedTag } from "./declaration/tag-rules";
import type { MultiArchImage } from "./multi-arch-image";

/** How an image is called in one repository. */
export interface ImageReferences {
  /** Name of the registry or folder that it was declared with. */
  readonly registry: string;
  /** `host/path`. */
  readonly repository: string;
  /** `repository:tag` by tag, of each tag that is published. */
  readonly byTag: Readonly<Record<string, string>>;
  /** `repository@digest`. */
  readonly byDigest: pulumi.Output<string>;
}

/**
 * Returns how each image is called wherever it is: first in its own repository, then in mirrors and
 * under further names. Folders are no place to pull from and have none.
 */
export function referencesOf(
  args: DistributionDeclaration,
  images: Readonly<Record<string, MultiArchImage>>,
  tags: readonly PlannedTag[],
): Record<string, ImageReferences[]> {
  const published = tags.filter((tag) => tag.published);
  return Object.fromEntries(
    Object.entries(images).map(([name, { digest }]) => {
      const { repository = name, alsoRepositories = [] } = args.images[name] ?? {};
      const places = placesOf(repository, alsoRepositories, args.registries).filter(
        (place) => !/^oci-(layout|archive):/.test(place.repository),
      );
      const references = places.map((place) => ({
        registry: place.target.name,
        repository: place.repository,
        byTag: Object.fromEntries(published.map(({ tag }) => [tag, `${place.repository}:${tag}`])),
        byDigest: pulumi.interpolate`${place.repository}@${digest}`,
      }));
      return [name, references];
    }),
  );
}

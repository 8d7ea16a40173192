import type * as pulumi from "@pulumi/pulumi";
import { type Evidence, Mirror, MirrorGate } from "../resources";
import type { MultiArchImage } from "./multi-arch-image";
import { placesOf } from "./declaration/image-places";
import type { ImageTarget } from "./declaration/registry";
import { declaredTag, type PlannedTag } from "./declaration/tag-rules";

/** An image and its name below a registry's namespace. */
export interface NamedImage {
  /** Name in the program, for resource names. */
  name: string;
  /** Name of the repository below a target's namespace. */
  repository: string;
  /** Further names there. */
  alsoRepositories?: readonly string[];
  image: MultiArchImage;
  /** Evidence about its digests, for policies. */
  evidence?: pulumi.Input<Evidence[]>;
}

/**
 * Keeps the images equal in further targets, and under further names. Each mirror has the others as
 * sources too, so that it can be repaired from whichever copy still has the content. A gate in the
 * end fails the run where one is not complete.
 */
export function createMirrors(
  distribution: string,
  images: readonly NamedImage[],
  registries: readonly ImageTarget[],
  tags: readonly PlannedTag[],
  options: { parent: pulumi.Resource; dependsOn: readonly pulumi.Resource[] },
): readonly Mirror[] {
  const mirrors = images.flatMap((named) => {
    const { name, image, evidence } = named;
    // The first is the image's own repository.
    const [, ...places] = placesOf(named.repository, named.alsoRepositories ?? [], registries);
    return places.map((place) => {
      const others = places.filter((other) => other !== place).map((other) => other.repository);
      return new Mirror(
        `${name}@${place.name}`,
        {
          source: image.repository,
          alternatives: others.length > 0 ? others : undefined,
          digest: image.digest,
          target: place.repository,
          evidence,
          tags: tags.map(declaredTag),
        },
        { parent: image, dependsOn: [...options.dependsOn] },
      );
    });
  });
  if (mirrors.length === 0) return [];
  new MirrorGate(
    `${distribution}-mirrors`,
    { mirrors: mirrors.map(({ target, missing }) => ({ target, missing })) },
    { parent: options.parent },
  );
  return mirrors;
}

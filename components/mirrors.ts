import type * as pulumi from "@pulumi/pulumi";
import { type Evidence, Mirror, MirrorGate } from "../resources";
import { placesOf } from "./declaration/image-places";
import type { ImageTarget } from "./declaration/registry";
import { declaredTag, type PlannedTag } from "./declaration/tag-rules";

/** An image or a chart, and its name below a registry's namespace. */
export interface NamedImage {
  /** Name in the program, for resource names. */
  name: string;
  /** Name of the repository below a target's namespace. */
  repository: string;
  /** Further names there. */
  alsoRepositories?: readonly string[];
  /** Repository that it is in. */
  source: string;
  digest: pulumi.Output<string>;
  parent: pulumi.Resource;
  /** Evidence about its digests, for policies. */
  evidence?: pulumi.Input<Evidence[]> | undefined;
  tags: readonly PlannedTag[];
  /** What has to be there before. */
  after: readonly pulumi.Resource[];
}

/** A mirror, and the tags that it has. */
export interface MadeMirror {
  readonly resource: Mirror;
  readonly tags: readonly PlannedTag[];
}

/**
 * Keeps the images and charts equal in further targets, and under further names. Each mirror has the others as
 * sources too, so that it can be repaired from whichever copy still has the content. A gate in the
 * end fails the run where one is not complete.
 */
export function createMirrors(
  distribution: string,
  images: readonly NamedImage[],
  registries: readonly ImageTarget[],
  parent: pulumi.Resource,
): readonly MadeMirror[] {
  const mirrors = images.flatMap((named) => {
    const { name, source, digest, evidence, tags } = named;
    // The first is the image's own repository.
    const [, ...places] = placesOf(named.repository, named.alsoRepositories ?? [], registries);
    return places.map((place) => {
      const others = places.filter((other) => other !== place).map((other) => other.repository);
      const resource = new Mirror(
        `${name}@${place.name}`,
        {
          source,
          alternatives: others.length > 0 ? others : undefined,
          digest,
          target: place.repository,
          evidence,
          tags: tags.map(declaredTag),
        },
        { parent: named.parent, dependsOn: [...named.after] },
      );
      return { resource, tags };
    });
  });
  if (mirrors.length === 0) return [];
  new MirrorGate(
    `${distribution}-mirrors`,
    { mirrors: mirrors.map(({ resource: { target, missing } }) => ({ target, missing })) },
    { parent },
  );
  return mirrors;
}

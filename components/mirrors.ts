import type * as pulumi from "@pulumi/pulumi";
import type { Evidence } from "../schema/evidence";
import { Mirror, MirrorGate } from "../sdk";
import type { MultiArchImage } from "./multi-arch-image";
import type { ImageTarget } from "./registry";
import { declaredTag, type PlannedTag } from "./tag-rules";

/** An image and its name below a registry's namespace. */
export interface NamedImage {
  /** Name in the program, for resource names. */
  name: string;
  /** Name of the repository below a target's namespace. */
  repository: string;
  image: MultiArchImage;
  /** What is known about its digests, for policies. */
  evidence?: pulumi.Input<Evidence[]>;
}

/**
 * Keeps the images equal in further targets. Each mirror has the others as sources too, so that it can be repaired from
 * whichever copy still has the content. A gate in the end fails the run where one is not complete.
 */
export function createMirrors(
  distribution: string,
  images: readonly NamedImage[],
  targets: readonly ImageTarget[],
  tags: readonly PlannedTag[],
  options: { parent: pulumi.Resource; dependsOn: readonly pulumi.Resource[] },
): readonly Mirror[] {
  if (targets.length === 0) return [];
  const mirrors = images.flatMap(({ name, repository, image, evidence }) =>
    targets.map((target) => {
      const others = targets.filter((other) => other !== target).map((other) => other.repository(repository));
      return new Mirror(
        `${name}@${target.name}`,
        {
          source: image.repository,
          ...(others.length > 0 ? { alternatives: others } : {}),
          digest: image.digest,
          target: target.repository(repository),
          ...(evidence === undefined ? {} : { evidence }),
          tags: tags.map(declaredTag),
        },
        { parent: image, dependsOn: [...options.dependsOn] },
      );
    }),
  );
  new MirrorGate(
    `${distribution}-mirrors`,
    { mirrors: mirrors.map(({ target, missing }) => ({ target, missing })) },
    { parent: options.parent },
  );
  return mirrors;
}

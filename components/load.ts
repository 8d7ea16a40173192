import * as pulumi from "@pulumi/pulumi";
import { DockerEngine, LoadedImage } from "../resources";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { MultiArchImage } from "./multi-arch-image";
import type { PlannedTag } from "./declaration/tag-rules";

/**
 * The Docker engine that images are loaded into: asked before they are built. Undefined in the
 * other modes.
 */
export function engineFor(
  name: string,
  { mode }: DistributionDeclaration,
  parent: pulumi.Resource,
): DockerEngine | undefined {
  return mode === "load" ? new DockerEngine(name, { purpose: `mode: "load"` }, { parent }) : undefined;
}

/**
 * Images in Docker, under the names and tags that they have when they are published, for Compose
 * files name those.
 *
 * @param declared as in the program: the first registry gives the names
 * @returns names by image
 */
export function loadImages(
  engine: DockerEngine,
  declared: DistributionDeclaration,
  images: Readonly<Record<string, MultiArchImage>>,
  tags: readonly PlannedTag[],
  options: pulumi.CustomResourceOptions,
): pulumi.Output<Record<string, string[]>> {
  const [registry] = declared.registries;
  const loaded = Object.entries(images).map(([name, image]) => {
    const repository = registry?.repository(declared.images[name]?.repository ?? name);
    const made = new LoadedImage(
      name,
      {
        repository: image.repository,
        digest: image.digest,
        platform: engine.platform,
        platforms: Object.keys(image.images),
        names: tags.map(({ tag }) => `${repository}:${tag}`),
      },
      options,
    );
    return [name, made.loaded] as const;
  });
  return pulumi.output(Object.fromEntries(loaded));
}

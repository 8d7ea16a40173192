import type { ImageTarget } from "./registry";

/** A repository that has an image. */
export interface ImagePlace {
  /** For resource names. */
  name: string;
  repository: string;
  target: ImageTarget;
}

/**
 * Returns where an image is, in the order of the registries: first its own repository, then those
 * of further registries, and further names in each of them.
 *
 * @param repository name of the repository below a target's namespace
 * @param also further names there
 */
export function placesOf(
  repository: string,
  also: readonly string[],
  targets: readonly ImageTarget[],
): ImagePlace[] {
  return [
    ...targets.map((target) => ({ name: target.name, repository: target.repository(repository), target })),
    ...also.flatMap((further) =>
      targets.map((target) => ({
        name: `${target.name}/${further}`,
        repository: target.repository(further),
        target,
      })),
    ),
  ];
}

import { reasonOutOfReach } from "../../lib/buildkit/builder-reach";
import { isLocalRegistry, parseRepository } from "../../lib/oci/reference";

/**
 * Returns which of an image's builders cannot push where the image goes, as far as that is a
 * registry of this machine: the builder's own message would say only that nobody listens there.
 *
 * @returns one line for each, naming image, platforms, builder and registry
 */
export async function distantBuilders({
  image,
  repository,
  builders = {},
}: {
  image: string;
  repository?: string | undefined;
  builders?: Readonly<Record<string, string>> | undefined;
}): Promise<string[]> {
  if (repository === undefined || !isLocalRegistry(parseRepository(repository).registry)) return [];
  const names = [...new Set(Object.values(builders))];
  const lines = names.map(async (name) => {
    const reason = await reasonOutOfReach(name);
    if (reason === undefined) return [];
    const platforms = Object.keys(builders).filter((platform) => builders[platform] === name);
    return [
      `image ${image} for ${platforms.join(" and ")}: the builder ${JSON.stringify(name)} cannot push to ` +
        `${parseRepository(repository).registry}, which is on this machine: ${reason}. ` +
        "Tests and the modes build and load need a builder of this machine",
    ];
  });
  return (await Promise.all(lines)).flat();
}

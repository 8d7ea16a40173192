import { SetupError } from "../../lib/machine/setup-error";
import type { ResourceContext } from "../run/context";
import type { EmbeddedBuilder } from "../run/embedded-builder";
import { remoteEndpoints, unreachable } from "../../lib/buildkit/builder-endpoint";

/**
 * Returns which of an image's builders do not answer; a run asks each once, and an update starts
 * the embedded one. The official provider says only that its time is over, after 20 seconds.
 *
 * @param builders builder of each platform
 * @returns one line for each that does not, naming image, platforms, builder and endpoint
 */
export async function silentBuilders(
  { run, services }: ResourceContext,
  image: string,
  builders: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const embedded = services.builder;
  const names = [...new Set(Object.values(builders))];
  const lines = names.map(async (name) => {
    const platforms = Object.keys(builders).filter((platform) => builders[platform] === name);
    if (name === embedded.name) return startFailure(image, platforms, embedded);
    const reasons = await run.once(`builder: ${name}`, () => unanswered(name));
    return reasons.map(
      (reason) =>
        `image ${image} for ${platforms.join(" and ")}: the builder ${JSON.stringify(name)} does not answer at ${reason}. ` +
        `Start it, or create it anew: docker buildx create --name ${name} --driver remote ENDPOINT`,
    );
  });
  return (await Promise.all(lines)).flat();
}

async function startFailure(
  image: string,
  platforms: readonly string[],
  embedded: EmbeddedBuilder,
): Promise<string[]> {
  try {
    await embedded.ensure();
    return [];
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return [`image ${image} for ${platforms.join(" and ")}: ${error.message}`];
  }
}

/** Endpoints of a builder that do not answer, each with the reason. */
async function unanswered(name: string): Promise<string[]> {
  const endpoints = await remoteEndpoints(name);
  const reasons = await Promise.all(endpoints.map(unreachable));
  return endpoints.flatMap((endpoint, index) =>
    reasons[index] === undefined ? [] : [`${endpoint} (${reasons[index]})`],
  );
}

import { SetupError } from "../../lib/machine/setup-error";
import type { EmbeddedBuilder } from "../run/embedded-builder";
import { remoteEndpoints, unreachable } from "../../lib/buildkit/builder-endpoint";

/** What was found out about builders in this run; a run asks each once. */
const asked = new Map<string, Promise<string[]>>();

/**
 * Which of an image's builders do not answer; the embedded one is started. The official provider says only that its time is over, after 20 seconds.
 *
 * @param builders builder of each platform
 * @returns one line for each that does not, naming image, platforms, builder and endpoint
 */
export async function silentBuilders(
  image: string,
  builders: Readonly<Record<string, string>> = {},
  embedded: EmbeddedBuilder,
): Promise<string[]> {
  const names = [...new Set(Object.values(builders))];
  const lines = names.map(async (name) => {
    const platforms = Object.keys(builders).filter((platform) => builders[platform] === name);
    if (name === embedded.name) return startFailure(image, platforms, embedded);
    const reasons = await (asked.get(name) ?? ask(name));
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
    await embedded.start();
    return [];
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return [`image ${image} for ${platforms.join(" and ")}: ${error.message}`];
  }
}

function ask(name: string): Promise<string[]> {
  const answer = remoteEndpoints(name).then(async (endpoints) => {
    const reasons = await Promise.all(endpoints.map(unreachable));
    return endpoints.flatMap((endpoint, index) =>
      reasons[index] === undefined ? [] : [`${endpoint} (${reasons[index]})`],
    );
  });
  asked.set(name, answer);
  return answer;
}

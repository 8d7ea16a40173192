import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { crane } from "../support/clients";
import type { LoggedRequest, TestRegistry } from "../support/registries";

/** What tests see of a registry, without Slipway. */

/** How long a line of the access log may take to arrive, in milliseconds. */
const patienceMs = 5_000;

/**
 * Digests by tag, as crane reads them; none where there is no such repository. Lists of referrers,
 * which registries without the referrers API have under tags, are left out.
 */
export async function tagDigests(
  repository: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Record<string, string>> {
  const names = await crane(["ls", repository], env).catch((error: Error) => {
    if (/NAME_UNKNOWN/.test(error.message)) return "";
    throw error;
  });
  const tags = names
    .split("\n")
    .filter((tag) => tag !== "" && !/^sha256-[0-9a-f]{64}$/.test(tag))
    .sort();
  const digests = await Promise.all(tags.map((tag) => crane(["digest", `${repository}:${tag}`], env)));
  return Object.fromEntries(tags.map((tag, index) => [tag, digests[index] ?? ""]));
}

/** The access log of a registry, piece by piece. */
export class RequestRecord {
  private taken = 0;
  private marks = 0;

  constructor(private readonly registry: TestRegistry) {}

  /**
   * The requests since the last call. The log comes through a pipe, so a request of the record's
   * own marks its end: what was asked before is there when the mark is.
   */
  async take(): Promise<LoggedRequest[]> {
    const mark = `/v2/?mark=${++this.marks}`;
    await (await request(`http://${this.registry.host}${mark}`)).body.dump();
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const all = this.registry.requests();
      const end = all.findIndex(({ path }, index) => index >= this.taken && path === mark);
      if (end >= 0) {
        const found = all.slice(this.taken, end);
        this.taken = end + 1;
        return found;
      }
      if (Date.now() > deadline) throw new Error(`${mark} is not in the access log of ${this.registry.host}`);
      await sleep(20);
    }
  }

  /** The requests since the last call that can change something. */
  async takeWrites(): Promise<LoggedRequest[]> {
    return (await this.take()).filter(({ method }) => ["POST", "PUT", "PATCH", "DELETE"].includes(method));
  }
}

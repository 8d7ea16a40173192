import { CredentialsError, isUnauthorized, RegistryError } from "../../lib/oci/errors";
import { errorCode } from "../../lib/oci/transport/retry";

/** One thing that an update will need. Rejects with what is missing, and what to do about it. */
export type Requirement = () => Promise<void>;

/**
 * What an update will need once it has begun to publish: it is looked at before the first content
 * goes out, all together, so that a run does not stop halfway for what could be known before.
 */
export class Preflight {
  private readonly requirements = new Map<string, Requirement>();
  private readonly observed = new Set<string>();
  private outcome: Promise<void> | undefined;
  private isTold = false;

  /** Notes a requirement. @param key the same for what is the same thing */
  needs(key: string, requirement: Requirement): void {
    if (!this.requirements.has(key)) this.requirements.set(key, requirement);
  }

  /** Notes a mirror that was there before: where it is down, the others are published all the same. */
  observes(mirror: string): void {
    this.observed.add(mirror);
  }

  wasObserved(mirror: string): boolean {
    return this.observed.has(mirror);
  }

  /** Waits for the look at all requirements, which is made once. @throws Error with all that is missing */
  async pass(): Promise<void> {
    this.outcome ??= this.look();
    try {
      await this.outcome;
    } catch (error) {
      // The others stop for the same reasons, which one of them tells.
      // eslint-disable-next-line preserve-caught-error -- what was told is not told again
      if (this.isTold) throw new Error("nothing is published: what is missing is told beside another image");
      this.isTold = true;
      throw error;
    }
  }

  private async look(): Promise<void> {
    const results = await Promise.allSettled([...this.requirements.values()].map((look) => look()));
    const missing = results.flatMap((result) =>
      result.status === "rejected" ? [textOf(result.reason)] : [],
    );
    if (missing.length === 0) return;
    throw new Error(
      `nothing is published yet, for this run could not come to its end:\n` +
        [...new Set(missing)].map((text) => `- ${text.replaceAll("\n", "\n  ")}`).join("\n"),
    );
  }
}

/** Returns whether a registry will not answer as it is declared, however often it is asked. */
export function isMisdeclared(error: unknown): boolean {
  if (error instanceof CredentialsError || isUnauthorized(error)) return true;
  return error instanceof RegistryError && errorCode(error) === "ENOTFOUND";
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

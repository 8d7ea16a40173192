import type { EngineLog, Severity } from "./engine-log";
import type { Services } from "./services";

/** What a handler has at hand while it works on one resource. */
export class ResourceContext {
  constructor(
    readonly services: Services,
    readonly urn: string,
    /** True while nothing may be changed outside of caches. */
    readonly preview: boolean,
    private readonly log: EngineLog,
    readonly signal: AbortSignal,
  ) {}

  /** A message that stays, beside the resource. */
  say(severity: Severity, message: string): void {
    this.log.write(severity, message, this.urn);
  }

  /** That what left the program is still published (rule 4: only a declared retention deletes). */
  sayRetained(reference: string): void {
    this.say(
      "info",
      `${reference} stays in the registry: it left the program, and only a declared retention deletes`,
    );
  }

  /** A text without the secrets that came in, for what goes into the state in clear. */
  blot(text: string): string {
    return this.log.blot(text);
  }

  /** A text of others for what goes into the state and is shown from there: without secrets and control characters. */
  shown(text: string): string {
    return this.log.shown(text);
  }

  /** What is being done right now; the next status replaces it. */
  status(message: string): void {
    this.log.write("info", message, this.urn, true);
  }
}

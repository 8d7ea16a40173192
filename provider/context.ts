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

  /** What is being done right now; the next status replaces it. */
  status(message: string): void {
    this.log.write("info", message, this.urn, true);
  }
}

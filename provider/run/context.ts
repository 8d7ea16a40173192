import type { ProgramObserver } from "../../lib/command/command-spec";
import type { EngineLog, Severity } from "../base/engine-log";
import { Progress } from "../base/progress";
import type { SecretPaths } from "../base/properties";
import type { Run } from "./run";
import type { Services } from "./services";

/** The context in which a handler works on one resource. */
export class ResourceContext {
  private readonly progress: Progress;

  constructor(
    readonly services: Services,
    readonly urn: string,
    /** True while nothing may be changed outside of caches. */
    readonly preview: boolean,
    private readonly log: EngineLog,
    readonly signal: AbortSignal,
    private readonly secrets: SecretPaths = new Set(),
  ) {
    this.progress = new Progress(services.display, (line) => log.write("info", line, urn, true));
  }

  /** Memory that the resources of this run share. */
  get run(): Run {
    return this.services.run;
  }

  /** Returns whether an input is secret, or below one that is; known while inputs are checked. */
  isSecret(path: readonly string[]): boolean {
    return path.some((_, index) => this.secrets.has(JSON.stringify(path.slice(0, index + 1))));
  }

  /** Takes note of a secret, which is kept out of messages, and encrypted in the state. */
  addSecret(text: string): void {
    this.log.addSecret(text);
  }

  /** A message that stays, beside the resource. */
  say(severity: Severity, message: string): void {
    this.log.write(severity, message, this.urn);
  }

  /**
   * Tells the user that the removed resource stays published (rule 4: only a declared retention
   * deletes).
   */
  sayRetained(reference: string): void {
    this.say(
      "info",
      `${reference} stays in the registry: it was removed from the program, and only a ` +
        "declared retention deletes",
    );
  }

  /** A text without the secrets that came in, for what goes into the state in clear. */
  blot(text: string): string {
    return this.log.blot(text);
  }

  /**
   * A text of others for what goes into the state and is shown from there: without secrets and
   * control characters.
   */
  shown(text: string): string {
    return this.log.shown(text);
  }

  /** Shows what a program prints while it runs. */
  get observer(): ProgramObserver & { signal: AbortSignal } {
    return {
      onLine: (line) => this.status(line),
      filter: (emit) => this.log.lines(emit),
      signal: this.signal,
    };
  }

  /** Variables that a declaration passes on to a program. Their values count as secrets. */
  inherited(names: readonly string[] | undefined): { inherit: readonly string[] } {
    for (const name of names ?? []) this.log.addSecret(process.env[name] ?? "");
    return { inherit: names ?? [] };
  }

  /** What is being done; shown where it takes long, and then now and then. */
  status(message: string): void {
    this.progress.note(message);
  }

  /** The work is done: nothing is shown of it any more. */
  end(): void {
    this.progress.end();
  }
}

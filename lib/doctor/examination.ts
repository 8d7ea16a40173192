import type { RefreshedLock } from "../bases/refreshed-lock";
import type { Finding } from "./finding";

/** How something is looked at before a release. */
export interface ExaminationOptions {
  /** Absolute folder of the project. */
  readonly project: string;
  /** What the CLI says of its version; undefined where it says nothing. */
  readonly pulumi: string | undefined;
  /** Time that each question has, in seconds. */
  readonly limitSeconds: number;
  /** What was found already, which comes before everything else. */
  readonly before: readonly Finding[];
}

/** Listens in the provider's place to what a preview of a program declares. */
export interface Listener {
  /** Port that the engine is told, as PULUMI_DEBUG_PROVIDERS has it. */
  readonly port: number;
  /** Asks about all that was declared. No finding has a secret in it. */
  examine(options: ExaminationOptions): Promise<Finding[]>;
  /**
   * Takes the digests of all locks that were declared from their registries, and writes them.
   *
   * @throws Error that names each image that cannot be asked for: no lock is written then
   */
  refresh(): Promise<RefreshedLock[]>;
  close(): Promise<void>;
}

/** What the provider's bundle has for the command, which loads it when it is run: all clients are in there. */
export interface DoctorBundle {
  listen(project: string): Promise<Listener>;
}

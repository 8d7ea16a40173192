import type { Ended } from "./apt";

/** A machine of Alpine in a folder: what it installs, knows and believes is its own. */
export interface ApkMachine {
  /** Puts a public key in place, under the name that it is downloaded by. */
  trust(name: string, publicKey: string): Promise<void>;
  /** Adds the address of a repository. */
  repository(url: string): Promise<void>;
  /** Runs `add` or `upgrade`, which asks for the index anew. */
  apk(...args: string[]): Promise<Ended>;
  /** Text of a file that is installed. */
  file(path: string): Promise<string>;
}

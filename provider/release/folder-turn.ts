import * as path from "node:path";
import { withLock } from "../../lib/machine/lock.cjs";
import { digestHex, digestOf } from "../../lib/oci/digest";
import type { ResourceContext } from "../run/context";

/**
 * Works on a folder that releases are served from: one writer at a time in this process, and the
 * lock does the same between processes.
 *
 * @param base absolute folder
 */
export function inFolderTurn(
  { run, services, signal }: ResourceContext,
  base: string,
  work: () => Promise<void>,
): Promise<void> {
  const name = `releases-${digestHex(digestOf(base)).slice(0, 16)}`;
  const lock = path.join(services.project, ".slipway", "locks", name);
  return run.inTurn(`releases: ${base}`, () => withLock(lock, {}, work), signal);
}

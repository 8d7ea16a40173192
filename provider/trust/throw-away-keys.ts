import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isLocalRegistry, parseRepository } from "../../lib/oci/reference";
import type { Evidence } from "../../resources/definitions/evidence";
import { InputError } from "../../resources/definitions/input-findings";
import { throwAwayElsewhere, type SignerDeclaration } from "../../resources/definitions/signer";
import type { SignedBy } from "../../lib/sigstore";
import { isThrowAwayKey } from "../../lib/sigstore/key-file";
import { ofRun, type Run } from "../run/run";

/** Fingerprints of the keys that this run has met as throw-away keys. */
const metOf = ofRun(() => new Set<string>());

/** Notes that a key was made on the spot, so that every fact about a signature with it says so. */
export function noteThrowAwayKey(run: Run, fingerprint: string): void {
  metOf(run).add(fingerprint);
}

/**
 * Notes the throw-away keys that recorded evidence names: what reads it again need not meet the
 * key's file.
 */
export function noteThrowAwayKeysOf(run: Run, evidence: readonly Evidence[]): void {
  for (const { signer } of evidence) {
    if (signer?.generated && signer.key !== undefined) noteThrowAwayKey(run, signer.key);
  }
}

/** Returns who signed, as evidence has it: with the mark of a throw-away key. */
export function signerOf(run: Run, who: SignedBy): NonNullable<Evidence["signer"]> {
  return "key" in who && metOf(run).has(who.key) ? { ...who, generated: true } : { ...who };
}

/**
 * Refuses to sign with a throw-away key for a registry that is not on this machine, before anything
 * is made or sent.
 *
 * @param repository which is not known yet at some previews
 * @param project folder that the key's path is relative to
 * @throws InputError about `signer`
 */
export async function refuseThrowAwayElsewhere(
  signer: SignerDeclaration | undefined,
  repository: unknown,
  project: string,
): Promise<void> {
  if (signer === undefined || typeof repository !== "string") return;
  const host = parseRepository(repository).registry;
  if (isLocalRegistry(host) || signer.generateFor?.includes(host)) return;
  if (signer.generate !== true && !(await isMarked(signer.key, project))) return;
  const property = signer.generate === true ? "signer.generate" : "signer.key";
  throw new InputError([{ property, reason: throwAwayElsewhere(host) }]);
}

/**
 * Returns whether a key file is that of a throw-away key. What is wrong with it otherwise is told
 * by whoever opens it.
 */
async function isMarked(key: unknown, project: string): Promise<boolean> {
  if (typeof key !== "string") return false;
  return isThrowAwayKey(await readFile(path.resolve(project, key), "utf8").catch(() => ""));
}

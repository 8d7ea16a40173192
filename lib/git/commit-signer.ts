import { detachedSignature, openPrivateKey, SigningKeyError } from "../channels/openpgp/private-key";
import { isSshKey, SshKey, SshKeyError } from "./ssh-key";

/** Signs commits. */
export interface CommitSigner {
  /**
   * @param commit the object as it is without a signature
   * @param at the time that the commit has
   * @returns the signature, armored
   */
  sign(commit: Buffer, at: Date): Promise<string>;
}

/** Why a key cannot sign commits. The message has nothing of what is secret in it. */
export class CommitKeyError extends Error {
  override readonly name = "CommitKeyError";
}

/**
 * Reads a private key that signs commits, and opens it: one of OpenPGP, armored, or one of SSH as
 * `ssh-keygen` writes it.
 *
 * @throws CommitKeyError for what is none, and for one that cannot be opened or cannot sign now
 */
export async function readCommitSigner(key: string, passphrase: string | undefined): Promise<CommitSigner> {
  try {
    if (isSshKey(key)) {
      const ssh = SshKey.read(key);
      return { sign: (commit) => Promise.resolve(ssh.signature(commit, "git")) };
    }
    if (!key.includes("-----BEGIN PGP PRIVATE KEY BLOCK-----")) {
      throw new CommitKeyError(
        "is neither an armored OpenPGP private key (what `gpg --armor --export-secret-keys FINGERPRINT` prints) nor a " +
          "private key of SSH (what `ssh-keygen -t ed25519` writes)",
      );
    }
    const { key: opened } = await openPrivateKey(key, passphrase, new Date());
    return { sign: (commit, at) => detachedSignature(opened, commit, at) };
  } catch (error) {
    if (!(error instanceof SigningKeyError) && !(error instanceof SshKeyError)) throw error;
    throw new CommitKeyError(error.message);
  }
}

/** The time of a commit, by its committer's line. */
export function commitTime(commit: Buffer): Date {
  const [, seconds = ""] = /^committer .*> (\d+) [+-]\d{4}$/m.exec(headersOf(commit)) ?? [];
  return new Date(Number(seconds) * 1000);
}

/** The commit with a signature among its headers, as git writes and verifies it (gitformat-signature(5)). */
export function withSignature(commit: Buffer, signature: string): Buffer {
  const length = Buffer.byteLength(headersOf(commit), "latin1");
  const header = `gpgsig ${signature.trimEnd().replaceAll("\n", "\n ")}\n`;
  return Buffer.concat([commit.subarray(0, length), Buffer.from(header), commit.subarray(length)]);
}

/** Its headers, with the line feed of the last one. */
function headersOf(commit: Buffer): string {
  const text = commit.toString("latin1");
  return text.slice(0, text.indexOf("\n\n") + 1);
}

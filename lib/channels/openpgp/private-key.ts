import type { PrivateKey } from "openpgp";

/** Why a key cannot sign. The message has nothing of the key but its fingerprint. */
export class SigningKeyError extends Error {
  override readonly name = "SigningKeyError";
}

/** What to do about a key that is not taken. */
export const validKey =
  "Give an Ed25519 key (gpg --quick-generate-key NAME ed25519 sign never) or one of RSA with 4096 bits";

/** An OpenPGP key that is open, and the key of it that signs: the primary key, or one of its subkeys. */
export interface OpenedKey {
  readonly key: PrivateKey;
  readonly signer: Awaited<ReturnType<PrivateKey["getSigningKey"]>>;
  /** Of the primary key, 40 capital hexadecimal digits. */
  readonly fingerprint: string;
}

/**
 * Reads an armored private key and opens it.
 *
 * @param passphrase of a key that is protected by one
 * @param now signatures are not older than the key; null for one that may have expired
 * @throws SigningKeyError for what is no key that gpg verifies signatures of
 */
export async function openPrivateKey(
  armored: string,
  passphrase: string | undefined,
  now: Date | null,
): Promise<OpenedKey> {
  const { readPrivateKey } = await import("openpgp");
  const read = await readPrivateKey({ armoredKey: armored }).catch((error: unknown) => {
    throw new SigningKeyError(
      `is not an armored OpenPGP private key (${(error as Error).message}). Give what ` +
        "`gpg --armor --export-secret-keys FINGERPRINT` prints",
    );
  });
  const fingerprint = read.getFingerprint().toUpperCase();
  const key = await opened(read, passphrase, fingerprint);
  const signer = await key.getSigningKey(undefined, now).catch((error: unknown) => {
    throw new SigningKeyError(
      `${fingerprint} cannot sign: ${(error as Error).message}. It may have expired, be revoked or be for ` +
        `encryption only. ${validKey}`,
    );
  });
  if (signer.getAlgorithmInfo().algorithm === "ed25519") {
    throw new SigningKeyError(
      `${fingerprint} is an Ed25519 key in the form of RFC 9580, which the gpg and gpgv of Debian 12 and Ubuntu 24.04 do ` +
        `not know. ${validKey}, in the form that gpg makes`,
    );
  }
  return { key, signer, fingerprint };
}

/** A detached signature of bytes, armored. The same bytes, key and time give the same signature. */
export async function detachedSignature(
  signingKeys: PrivateKey | PrivateKey[],
  bytes: Uint8Array,
  at: Date,
): Promise<string> {
  const { createMessage, sign } = await import("openpgp");
  const message = await createMessage({ binary: bytes });
  const options = { message, signingKeys, detached: true, date: at, config: deterministic };
  return withLineFeeds(String(await sign(options)));
}

/** The same text, key and time give the same signature. */
export const deterministic = {
  nonDeterministicSignaturesViaNotation: false,
  showVersion: false,
  showComment: false,
};

/** Line ends as on this system's files: an armored text of the library has those of RFC 9580, or none at its end. */
export function withLineFeeds(armored: string): string {
  return `${armored.replaceAll("\r\n", "\n").trimEnd()}\n`;
}

async function opened(
  key: PrivateKey,
  passphrase: string | undefined,
  fingerprint: string,
): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  if (passphrase === undefined) {
    throw new SigningKeyError(`${fingerprint} is protected by a passphrase: give that too, as a secret`);
  }
  const { decryptKey } = await import("openpgp");
  try {
    return await decryptKey({ privateKey: key, passphrase });
  } catch (error) {
    throw new SigningKeyError(
      `${fingerprint} is not opened by the passphrase that is given (${(error as Error).message})`,
    );
  }
}

import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** Why a key cannot sign packages of Alpine. The message has nothing of the key. */
export class ApkKeyError extends Error {
  override readonly name = "ApkKeyError";
}

/** Fewest bits: what abuild-keygen made before 2021, and what OpenSSL takes. */
const fewestBits = 2048;

const valid = "Give what `openssl genrsa 4096` prints";

/** An RSA key that signs packages and indexes of Alpine. */
export class ApkKey {
  private constructor(
    private readonly key: KeyObject,
    /** Digest of the public key, hexadecimal. */
    readonly fingerprint: string,
    /** The public key as PEM, which users put in `/etc/apk/keys`. */
    readonly publicKey: string,
  ) {}

  /**
   * Reads a private key.
   *
   * @param pem PKCS #1 or PKCS #8
   * @param passphrase of a key that is protected by one
   * @throws ApkKeyError
   */
  static read(pem: string, passphrase: string | undefined): ApkKey {
    const key = opened(pem, passphrase);
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType !== "rsa")
      throw new ApkKeyError(`is a key of ${key.asymmetricKeyType}, and apk knows RSA. ${valid}`);
    if (bits < fewestBits)
      throw new ApkKeyError(
        `is an RSA key of ${bits} bits, and ${fewestBits} or more are expected. ${valid}`,
      );
    const publicKey = createPublicKey(key);
    const der = publicKey.export({ type: "spki", format: "der" });
    const text = publicKey.export({ type: "spki", format: "pem" }).toString();
    return new ApkKey(key, createHash("sha256").update(der).digest("hex"), text);
  }

  /** A signature with SHA-256 (RFC 8017, RSASSA-PKCS1-v1_5): the same bytes have the same one. */
  signature(bytes: Uint8Array): Buffer {
    return sign("sha256", bytes, this.key);
  }

  /** Whether a signature is one of these bytes by this key. */
  verifies(bytes: Uint8Array, signature: Uint8Array): boolean {
    return verify("sha256", bytes, createPublicKey(this.key), signature);
  }
}

function opened(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    // What OpenSSL says is about the form of the key, and has no part of it.
    const { code } = error as NodeJS.ErrnoException;
    if (passphrase === undefined && /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED$/m.test(pem))
      throw new ApkKeyError("is protected by a passphrase: give it as `passphrase`, a secret");
    throw new ApkKeyError(
      `is not a private key as PEM, or its passphrase is another one (${code}). ${valid}`,
    );
  }
}

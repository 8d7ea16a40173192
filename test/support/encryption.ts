import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

/**
 * Rounds of PBKDF2 that Pulumi's passphrase secrets provider uses
 * (sdk/go/common/resource/config/crypt.go).
 */
const ROUNDS = 1_000_000;

/**
 * The key that Pulumi's passphrase secrets provider derives from a passphrase and a salt, for
 * {@link encrypted}.
 */
export function encryptionKey(passphrase: string, salt: Buffer): Buffer {
  return pbkdf2Sync(passphrase, salt, ROUNDS, 32, "sha256");
}

/**
 * A text as that provider keeps it, e.g. under `secure` in a stack file: `v1:NONCE:CIPHERTEXT`,
 * AES-256-GCM.
 */
export function encrypted(text: string, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

/**
 * The value of `encryptionsalt` for a salt, `v1:SALT:v1:NONCE:CIPHERTEXT`
 * (pkg/secrets/passphrase/manager.go); by it the CLI recognizes a wrong passphrase.
 */
export function encryptionSalt(salt: Buffer, key: Buffer): string {
  return `v1:${salt.toString("base64")}:${encrypted("pulumi", key)}`;
}

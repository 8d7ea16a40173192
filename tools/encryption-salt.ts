import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

/** Rounds of PBKDF2 that Pulumi's passphrase secrets provider uses (sdk/go/common/resource/config/crypt.go). */
const ROUNDS = 1_000_000;

/**
 * A new `encryptionsalt` for a passphrase, in the form in which Pulumi's passphrase secrets provider writes one
 * (pkg/secrets/passphrase/manager.go): `v1:SALT:v1:NONCE:CIPHERTEXT`, where the ciphertext is the word "pulumi" under
 * AES-256-GCM with the key that PBKDF2-HMAC-SHA-256 derives; by it the CLI recognises a wrong passphrase.
 */
export function newEncryptionSalt(passphrase: string): string {
  const salt = randomBytes(8);
  const key = pbkdf2Sync(passphrase, salt, ROUNDS, 32, "sha256");
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update("pulumi", "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${salt.toString("base64")}:v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

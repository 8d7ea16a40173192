import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { seal, unseal } from "./encrypted-key";
import { KeyError } from "./errors";
import { readPem, writePem } from "./pem";

/** Labels of encrypted keys: the one that cosign writes, and that of its first versions. */
const encryptedLabels: ReadonlySet<string> = new Set([
  "ENCRYPTED SIGSTORE PRIVATE KEY",
  "ENCRYPTED COSIGN PRIVATE KEY",
]);

/** A key pair as two files hold it. */
export interface KeyPairFiles {
  /** `cosign.key`: the private key, encrypted with the password. */
  privateKey: string;
  /** `cosign.pub`: the public key (SPKI PEM). */
  publicKey: string;
}

/** Returns whether the text of a key file is encrypted, so that a password is needed. */
export function isEncryptedKey(text: string): boolean {
  return encryptedLabels.has(readPem(text)?.label ?? "");
}

/**
 * Reads a private key: `cosign.key`, or an unencrypted PKCS#8 PEM.
 *
 * @param name of the file, for messages
 * @throws KeyError; no message holds the password or a part of the key
 */
export async function readPrivateKey(
  text: string,
  password: string | undefined,
  name: string,
): Promise<KeyObject> {
  const pem = readPem(text);
  if (!pem) {
    throw new KeyError(
      `${name} holds no private key (PEM). Make a key pair with \`cosign generate-key-pair\` and give the path of cosign.key.`,
    );
  }
  if (pem.label === "PUBLIC KEY") {
    throw new KeyError(`${name} holds a public key; to sign, the private one is needed, e.g. cosign.key`);
  }
  if (encryptedLabels.has(pem.label) && password === undefined) {
    throw new KeyError(
      `${name} is encrypted, and there is no password: set \`signer.password\` (a secret) or the environment variable COSIGN_PASSWORD`,
    );
  }
  if (!encryptedLabels.has(pem.label) && pem.label !== "PRIVATE KEY") {
    throw new KeyError(
      `${name} holds a "${pem.label}": expected is a key of cosign, or "PRIVATE KEY" (PKCS#8). ` +
        "Convert it with `cosign import-key-pair --key FILE`.",
    );
  }
  const der = encryptedLabels.has(pem.label) ? await unseal(pem.bytes, password ?? "", name) : pem.bytes;
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch {
    // The reason of the library may quote the key.
    throw new KeyError(`${name} holds no usable private key (PKCS#8)`);
  } finally {
    der.fill(0);
  }
  return checkCurve(key, name);
}

/** Reads a public key (SPKI PEM). @throws KeyError */
export function readPublicKey(text: string, name: string): KeyObject {
  const pem = readPem(text);
  if (pem?.label !== "PUBLIC KEY") {
    throw new KeyError(
      `${name} holds no public key: a PEM block "PUBLIC KEY" is expected, as in cosign.pub` +
        (pem ? `, and there is a "${pem.label}"` : ""),
    );
  }
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem.bytes, format: "der", type: "spki" });
  } catch (error) {
    throw new KeyError(`${name} holds no usable public key: ${(error as Error).message}`);
  }
  return checkCurve(key, name);
}

/** The public key of a private one. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}

/** A public key as SPKI PEM, as `cosign.pub` has it. */
export function publicKeyPem(publicKey: KeyObject): string {
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

/** Hint by which a bundle names its key: base64 of the SHA-256 of the SPKI DER. */
export function keyHint(publicKey: KeyObject): string {
  return spkiHash(publicKey).toString("base64");
}

/** Fingerprint of a key: `sha256:<hex of the SPKI DER's hash>`. */
export function keyFingerprint(publicKey: KeyObject): string {
  return `sha256:${spkiHash(publicKey).toString("hex")}`;
}

/** Makes a key pair in the format of `cosign generate-key-pair`. */
export async function generateKeyPairFiles(password: string): Promise<KeyPairFiles> {
  const pair = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const der = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const sealed = await seal(der, password);
  der.fill(0);
  return {
    privateKey: writePem("ENCRYPTED SIGSTORE PRIVATE KEY", sealed),
    publicKey: publicKeyPem(pair.publicKey),
  };
}

function spkiHash(publicKey: KeyObject): Buffer {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

/**
 * With another curve or algorithm cosign uses another hash; P-256 is what
 * `cosign generate-key-pair` makes.
 */
function checkCurve(key: KeyObject, name: string): KeyObject {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "ec" && curve === "prime256v1") return key;
  const found = [key.asymmetricKeyType, curve].filter(Boolean).join(" ");
  throw new KeyError(
    `${name} is a key of type ${found}; ECDSA with P-256 is expected, as \`cosign generate-key-pair\` makes it`,
  );
}

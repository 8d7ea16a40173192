import { randomBytes, scrypt, type ScryptOptions } from "node:crypto";
import { secretbox } from "tweetnacl";
import { KeyError } from "./errors";

/**
 * The encryption of cosign's private keys: scrypt makes a key of the password, NaCl's secretbox
 * seals the PKCS#8 DER.
 *
 * Source: sigstore/sigstore, pkg/cryptoutils/privatekey.go; secure-systems-lab/go-securesystemslib,
 * encrypted/.
 */

/** JSON in the PEM block. Binary values are base64. */
interface Sealed {
  kdf: { name: "scrypt"; params: ScryptParameters; salt: string };
  cipher: { name: "nacl/secretbox"; nonce: string };
  ciphertext: string;
}

interface ScryptParameters {
  N: number;
  r: number;
  p: number;
}

/** Parameters that cosign writes (OWASP's recommendation). */
const parameters: ScryptParameters = { N: 65536, r: 8, p: 1 };

/**
 * Largest memory that a key file may ask for, in bytes: a hostile file must not exhaust the
 * machine.
 */
const maximumMemory = 512 * 1024 * 1024;

/** Opens a sealed key. @throws KeyError where the password is wrong or the content damaged */
export async function unseal(content: Buffer, password: string, name: string): Promise<Buffer> {
  const sealed = parse(content, name);
  const key = await derive(password, Buffer.from(sealed.kdf.salt, "base64"), sealed.kdf.params);
  const nonce = Buffer.from(sealed.cipher.nonce, "base64");
  const ciphertext = Buffer.from(sealed.ciphertext, "base64");
  if (nonce.length !== secretbox.nonceLength) throw damaged(name);
  const opened = secretbox.open(ciphertext, nonce, key);
  if (!opened) {
    throw new KeyError(
      `${name} cannot be decrypted: the password is wrong, or the file is damaged. ` +
        "Set the password in `signer.password` or in the environment variable COSIGN_PASSWORD.",
    );
  }
  return Buffer.from(opened);
}

/** Seals a key as `cosign generate-key-pair` does. */
export async function seal(plain: Buffer, password: string): Promise<Buffer> {
  const salt = randomBytes(32);
  const nonce = randomBytes(secretbox.nonceLength);
  const key = await derive(password, salt, parameters);
  const sealed: Sealed = {
    kdf: { name: "scrypt", params: parameters, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(secretbox(plain, nonce, key)).toString("base64"),
  };
  return Buffer.from(JSON.stringify(sealed));
}

function parse(content: Buffer, name: string): Sealed {
  let sealed: Partial<Sealed> | null;
  try {
    sealed = JSON.parse(content.toString("utf8")) as Partial<Sealed> | null;
  } catch {
    throw damaged(name);
  }
  const texts = [sealed?.kdf?.salt, sealed?.cipher?.nonce, sealed?.ciphertext];
  const numbers = [sealed?.kdf?.params?.N, sealed?.kdf?.params?.r, sealed?.kdf?.params?.p];
  if (
    sealed?.kdf?.name !== "scrypt" ||
    sealed.cipher?.name !== "nacl/secretbox" ||
    !texts.every((text) => typeof text === "string") ||
    !numbers.every((number) => Number.isSafeInteger(number) && (number ?? 0) > 0)
  ) {
    throw damaged(name);
  }
  const { N, r, p } = sealed.kdf.params;
  if (128 * r * (N + p) > maximumMemory || (N & (N - 1)) !== 0) {
    throw new KeyError(
      `${name} asks for scrypt parameters that no key of cosign has (N=${N}, r=${r}, p=${p})`,
    );
  }
  return sealed as Sealed;
}

function damaged(name: string): KeyError {
  return new KeyError(
    `${name} is not a key that cosign encrypted: scrypt and nacl/secretbox are expected. ` +
      "Make a key pair with `cosign generate-key-pair`, or import one with `cosign import-key-pair`.",
  );
}

function derive(password: string, salt: Buffer, { N, r, p }: ScryptParameters): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 2 * maximumMemory };
  return new Promise((resolve, reject) =>
    scrypt(password, salt, secretbox.keyLength, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

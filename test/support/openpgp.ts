import { generateKey, readPrivateKey } from "openpgp";

/** Kinds of keys that tests sign with, or are refused. */
const kinds = {
  ed25519: { type: "ecc", curve: "ed25519Legacy" },
  "rsa-2048": { type: "rsa", rsaBits: 2048 },
  "rsa-4096": { type: "rsa", rsaBits: 4096 },
  /** In the form of RFC 9580. */
  "new-ed25519": { type: "curve25519" },
  "nist-p256": { type: "ecc", curve: "nistP256" },
} as const;

/**
 * A new OpenPGP key, armored, made an hour ago so that signatures of any time since are of it.
 *
 * @param expires after how many seconds it expires; never by default
 */
export async function openPgpKey(
  kind: keyof typeof kinds,
  passphrase?: string,
  expires = 0,
): Promise<string> {
  const { privateKey } = await generateKey({
    ...kinds[kind],
    userIDs: [{ name: "Acme", email: "releases@acme.example" }],
    date: new Date(Date.now() - 3_600_000),
    format: "armored",
    keyExpirationTime: expires,
    ...(passphrase !== undefined && { passphrase }),
  });
  return privateKey;
}

/** The public key of an armored private one, armored. */
export async function openPgpPublicKey(armored: string): Promise<string> {
  return (await readPrivateKey({ armoredKey: armored })).toPublic().armor();
}

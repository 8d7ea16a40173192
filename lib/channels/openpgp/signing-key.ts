import type { AlgorithmInfo, PrivateKey } from "openpgp";
import {
  detachedSignature,
  deterministic,
  openPrivateKey,
  SigningKeyError,
  validKey,
  withLineFeeds,
} from "./private-key";

/** Fewest bits of an RSA key: apt warns of 2048 from 2029 and refuses them from February 2030. */
const fewestRsaBits = 3072;

/** A signature as the library has looked at it. */
interface CheckedSignature {
  readonly keyID: { toHex(): string };
  /** Rejected where it does not hold, or is that of another key. */
  readonly verified: Promise<true>;
}

/** Whose signatures a text has to have: that of one of the keys, or those of all of them and no others. */
export type SignedBy = "any" | "all";

/**
 * An OpenPGP key that signs a repository of packages. While clients change from one key to another, the
 * former one signs beside it.
 */
export class SigningKey {
  private constructor(
    private readonly key: PrivateKey,
    /** Of the primary key, 40 capital hexadecimal digits, as `Signed-By` and people have it. */
    readonly fingerprint: string,
    /** The public key, armored, with a line feed at its end. */
    readonly publicKey: string,
    /** Kind of the key that signs. */
    readonly kind: "eddsa" | "rsa",
    /** Fingerprint of the key that signs: the primary key, or one of its subkeys. */
    private readonly signer: string,
    /** The key that clients have from before; undefined where there is one key alone. */
    readonly former?: SigningKey,
    /** Whether the former one signs too. */
    readonly formerSigns = former !== undefined,
  ) {}

  /**
   * The same key, beside which there is a former one.
   *
   * @param signs whether it signs too; else clients are to have it for what it has signed before
   */
  beside(former: SigningKey, signs = true): SigningKey {
    return new SigningKey(this.key, this.fingerprint, this.publicKey, this.kind, this.signer, former, signs);
  }

  /** The public keys, armored, in one text: what clients are to have. */
  get publicKeys(): string {
    return `${this.publicKey}${this.former?.publicKey ?? ""}`;
  }

  private get keys(): PrivateKey[] {
    return [this.key, ...(this.former && this.formerSigns ? [this.former.key] : [])];
  }

  /**
   * The earliest time of which this key's own signatures say that it signs. It is in the key, so that
   * a signature with this time is the same in every run.
   *
   * @throws SigningKeyError
   */
  async earliest(): Promise<Date> {
    const { users, subkeys } = this.key;
    const signatures = [
      ...users.flatMap(({ selfCertifications }) => selfCertifications),
      ...subkeys.flatMap(({ bindingSignatures }) => bindingSignatures),
    ];
    const times = [
      this.key.getCreationTime(),
      ...subkeys.map((subkey) => subkey.getCreationTime()),
      ...signatures.flatMap(({ created }) => created ?? []),
    ].sort((a, b) => a.getTime() - b.getTime());
    for (const time of times) {
      const signer = await this.key.getSigningKey(undefined, time).catch(() => undefined);
      if (signer?.getFingerprint().toUpperCase() === this.signer) return time;
    }
    throw new SigningKeyError(`${this.fingerprint} has no time at which it could sign. ${validKey}`);
  }

  /**
   * Reads an armored private key and opens it.
   *
   * @param passphrase of a key that is protected by one
   * @param now signatures are not older than the key; null for one that may have expired
   * @throws SigningKeyError for what is no key that apt and rpm take
   */
  static async read(
    armored: string,
    passphrase: string | undefined,
    now: Date | null = new Date(),
  ): Promise<SigningKey> {
    const { key, signer, fingerprint } = await openPrivateKey(armored, passphrase, now);
    const kind = kindOf(signer.getAlgorithmInfo(), fingerprint);
    const publicKey = withLineFeeds(key.toPublic().armor());
    return new SigningKey(key, fingerprint, publicKey, kind, signer.getFingerprint().toUpperCase());
  }

  /** The text with its signature (RFC 9580, 7): what `InRelease` is. */
  async clearsigned(text: string, now: Date): Promise<string> {
    const { createCleartextMessage, sign } = await import("openpgp");
    const message = await createCleartextMessage({ text });
    const signed = await sign({ message, signingKeys: this.keys, date: now, config: deterministic });
    return withLineFeeds(signed);
  }

  /** A detached signature, armored: what `Release.gpg` and `repomd.xml.asc` are. */
  detached(text: string, now: Date): Promise<string> {
    return detachedSignature(this.keys, Buffer.from(text, "utf8"), now);
  }

  /** The packet of a detached signature of bytes, as packages of rpm have it. */
  async packet(bytes: Uint8Array, now: Date): Promise<Uint8Array> {
    const { createMessage, sign } = await import("openpgp");
    const message = await createMessage({ binary: bytes });
    const options = { message, signingKeys: this.key, detached: true, date: now, config: deterministic };
    const signed: unknown = await sign({ ...options, format: "binary" });
    if (signed instanceof Uint8Array) return signed;
    throw new SigningKeyError(`${this.fingerprint}: the signature is not the packet that was asked for`);
  }

  /** Whether a detached signature is one of this text. */
  async verifiesDetached(text: string, armored: string, by: SignedBy = "any"): Promise<boolean> {
    const { createMessage, readSignature, verify } = await import("openpgp");
    try {
      const message = await createMessage({ binary: Buffer.from(text, "utf8") });
      const signature = await readSignature({ armoredSignature: armored });
      const { signatures } = await verify({
        message,
        signature,
        verificationKeys: this.keys.map((key) => key.toPublic()),
        format: "binary",
      });
      return await this.isSigned(signatures, by);
    } catch {
      return false;
    }
  }

  /** The text of a clear-signed message, if it is signed so; undefined for any other. */
  async verified(clearsigned: string, by: SignedBy = "any"): Promise<string | undefined> {
    const { readCleartextMessage, verify } = await import("openpgp");
    try {
      const message = await readCleartextMessage({ cleartextMessage: clearsigned });
      const verificationKeys = this.keys.map((key) => key.toPublic());
      const { data, signatures } = await verify({ message, verificationKeys });
      return (await this.isSigned(signatures, by)) ? data : undefined;
    } catch {
      return undefined;
    }
  }

  private async isSigned(signatures: readonly CheckedSignature[], by: SignedBy): Promise<boolean> {
    const holds = await Promise.all(signatures.map(({ verified }) => verified.catch(() => false)));
    if (by === "any") return holds.includes(true);
    const signers = new Set(signatures.map(({ keyID }) => keyID.toHex()));
    return holds.every(Boolean) && signers.size === this.keys.length;
  }
}

/** What verifiers of today's distributions take. */
function kindOf({ algorithm, bits = 0, curve }: AlgorithmInfo, fingerprint: string): "eddsa" | "rsa" {
  if (algorithm === "eddsaLegacy" && curve === "ed25519Legacy") return "eddsa";
  if (algorithm === "rsaEncryptSign" || algorithm === "rsaSign") {
    if (bits >= fewestRsaBits) return "rsa";
    throw new SigningKeyError(
      `${fingerprint} is an RSA key of ${bits} bits: apt warns of those below ${fewestRsaBits} from 2029 and refuses ` +
        `them from February 2030, and a key that clients have is hard to change. ${validKey}`,
    );
  }
  throw new SigningKeyError(`${fingerprint} is a key of ${curve ?? algorithm}. ${validKey}`);
}

import type { AlgorithmInfo, PrivateKey, PublicKey } from "openpgp";

/** Why a key cannot sign a repository. The message has nothing of the key but its fingerprint. */
export class SigningKeyError extends Error {
  override readonly name = "SigningKeyError";
}

/** Fewest bits of an RSA key: apt warns of 2048 from 2029 and refuses them from February 2030. */
const fewestRsaBits = 3072;

const valid =
  "Give an Ed25519 key (gpg --quick-generate-key NAME ed25519 sign never) or one of RSA with 4096 bits";

/** An OpenPGP key that signs a repository of packages. */
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
  ) {}

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
    throw new SigningKeyError(`${this.fingerprint} has no time at which it could sign. ${valid}`);
  }

  /**
   * Reads an armored private key and opens it.
   *
   * @param passphrase of a key that is protected by one
   * @param now signatures are not older than the key
   * @throws SigningKeyError for what is no key that apt and rpm take
   */
  static async read(armored: string, passphrase: string | undefined, now = new Date()): Promise<SigningKey> {
    const { readPrivateKey, decryptKey } = await import("openpgp");
    const read = await readPrivateKey({ armoredKey: armored }).catch((error: unknown) => {
      throw new SigningKeyError(
        `is not an armored OpenPGP private key (${(error as Error).message}). Give what ` +
          "`gpg --armor --export-secret-keys FINGERPRINT` prints",
      );
    });
    const fingerprint = read.getFingerprint().toUpperCase();
    const key = await opened(read, passphrase, fingerprint, decryptKey);
    const signer = await key.getSigningKey(undefined, now).catch((error: unknown) => {
      throw new SigningKeyError(
        `${fingerprint} cannot sign: ${(error as Error).message}. It may have expired, be revoked or be for ` +
          `encryption only. ${valid}`,
      );
    });
    const kind = kindOf(signer.getAlgorithmInfo(), fingerprint);
    // Line ends as on this system's files: an armored key of the library has those of RFC 9580, or none at its end.
    const publicKey = `${key.toPublic().armor().replaceAll("\r\n", "\n").trimEnd()}\n`;
    return new SigningKey(key, fingerprint, publicKey, kind, signer.getFingerprint().toUpperCase());
  }

  /** The text with its signature (RFC 9580, 7): what `InRelease` is. */
  async clearsigned(text: string, now: Date): Promise<string> {
    const { createCleartextMessage, sign } = await import("openpgp");
    const message = await createCleartextMessage({ text });
    const signed = await sign({ message, signingKeys: this.key, date: now, config: deterministic });
    return withLineFeeds(signed);
  }

  /** A detached signature, armored: what `Release.gpg` and `repomd.xml.asc` are. */
  async detached(text: string, now: Date): Promise<string> {
    const { createMessage, sign } = await import("openpgp");
    const message = await createMessage({ binary: Buffer.from(text, "utf8") });
    const signed: unknown = await sign({
      message,
      signingKeys: this.key,
      detached: true,
      date: now,
      config: deterministic,
    });
    return withLineFeeds(String(signed));
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

  /** Whether a detached signature is one of this text by this key. */
  async verifiesDetached(text: string, armored: string): Promise<boolean> {
    const { createMessage, readSignature, verify } = await import("openpgp");
    try {
      const message = await createMessage({ binary: Buffer.from(text, "utf8") });
      const signature = await readSignature({ armoredSignature: armored });
      const { signatures } = await verify({
        message,
        signature,
        verificationKeys: this.key.toPublic(),
        format: "binary",
      });
      await Promise.any(signatures.map(({ verified }) => verified));
      return true;
    } catch {
      return false;
    }
  }

  /** The text of a clear-signed message, if this key has signed it; undefined for any other. */
  async verified(clearsigned: string): Promise<string | undefined> {
    const { readCleartextMessage, verify } = await import("openpgp");
    try {
      const message = await readCleartextMessage({ cleartextMessage: clearsigned });
      const key: PublicKey = this.key.toPublic();
      const { data, signatures } = await verify({ message, verificationKeys: key });
      await Promise.any(signatures.map(({ verified }) => verified));
      return data;
    } catch {
      return undefined;
    }
  }
}

/** The same text, key and time give the same signature. */
const deterministic = {
  nonDeterministicSignaturesViaNotation: false,
  showVersion: false,
  showComment: false,
};

async function opened(
  key: PrivateKey,
  passphrase: string | undefined,
  fingerprint: string,
  decrypt: (options: { privateKey: PrivateKey; passphrase: string }) => Promise<PrivateKey>,
): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  if (passphrase === undefined) {
    throw new SigningKeyError(
      `${fingerprint} is protected by a passphrase: give it as \`passphrase\`, a secret`,
    );
  }
  try {
    return await decrypt({ privateKey: key, passphrase });
  } catch (error) {
    throw new SigningKeyError(
      `${fingerprint} is not opened by the passphrase that is given (${(error as Error).message})`,
    );
  }
}

/** What verifiers of today's distributions take. */
function kindOf({ algorithm, bits = 0, curve }: AlgorithmInfo, fingerprint: string): "eddsa" | "rsa" {
  if (algorithm === "eddsaLegacy" && curve === "ed25519Legacy") return "eddsa";
  if (algorithm === "rsaEncryptSign" || algorithm === "rsaSign") {
    if (bits >= fewestRsaBits) return "rsa";
    throw new SigningKeyError(
      `${fingerprint} is an RSA key of ${bits} bits: apt warns of those below ${fewestRsaBits} from 2029 and refuses ` +
        `them from February 2030, and a key that clients have is hard to change. ${valid}`,
    );
  }
  if (algorithm === "ed25519") {
    throw new SigningKeyError(
      `${fingerprint} is an Ed25519 key in the form of RFC 9580, which the gpgv of Debian 12 and Ubuntu 24.04 does not ` +
        `know. ${valid}, in the form that gpg makes`,
    );
  }
  throw new SigningKeyError(`${fingerprint} is a key of ${curve ?? algorithm}. ${valid}`);
}

function withLineFeeds(armored: string): string {
  return `${armored.replaceAll("\r\n", "\n").trimEnd()}\n`;
}

import { createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";

/** Why a key of OpenSSH cannot sign. The message has nothing of what is secret in it. */
export class SshKeyError extends Error {
  override readonly name = "SshKeyError";
}

const begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
const end = "-----END OPENSSH PRIVATE KEY-----";
const magic = "openssh-key-v1\0";

/** Fewest bits of an RSA key that GitHub takes. */
const fewestRsaBits = 2048;

const valid = "Give an Ed25519 key (ssh-keygen -t ed25519 -N '' -f release_key) or one of RSA";

/** Whether a text is a private key in OpenSSH's own form, as far as its first line says. */
export function isSshKey(text: string): boolean {
  return text.trimStart().startsWith(begin);
}

/** A private key of OpenSSH, for signatures that `ssh-keygen -Y verify` takes. */
export class SshKey {
  private constructor(
    private readonly key: KeyObject,
    /** The public key as SSH sends it. */
    private readonly publicKey: Buffer,
    /** Name of the algorithm of signatures. */
    private readonly algorithm: "ssh-ed25519" | "rsa-sha2-512",
  ) {}

  /**
   * Reads a key as `ssh-keygen` writes it (OpenSSH, PROTOCOL.key).
   *
   * @throws SshKeyError for what is none, for one under a passphrase, and for kinds other than Ed25519 and RSA
   */
  static read(text: string): SshKey {
    const fields = new Fields(bodyOf(text));
    if (fields.bytes(magic.length).toString("latin1") !== magic) throw damaged();
    const cipher = fields.text();
    fields.string(); // name of the key derivation
    fields.string(); // its options
    if (cipher !== "none") {
      throw new SshKeyError(
        `is an SSH key under a passphrase (${cipher}), which is opened by ssh alone: as a secret of the stack it needs ` +
          "none (ssh-keygen -p -N '' -f FILE takes it away from a copy)",
      );
    }
    if (fields.number() !== 1) throw damaged();
    const publicKey = fields.string();
    const own = new Fields(fields.string());
    if (own.number() !== own.number()) throw damaged();
    const kind = own.text();
    if (kind === "ssh-ed25519") return new SshKey(ed25519(own), publicKey, kind);
    if (kind === "ssh-rsa") return new SshKey(rsa(own), publicKey, "rsa-sha2-512");
    throw new SshKeyError(`is an SSH key of the kind ${JSON.stringify(kind)}. ${valid}`);
  }

  /**
   * A signature of bytes, armored (OpenSSH, PROTOCOL.sshsig). The same bytes give the same signature.
   *
   * @param namespace what it is for, e.g. `git`: it is valid for nothing else
   */
  signature(bytes: Uint8Array, namespace: string): string {
    const hash = createHash("sha512").update(bytes).digest();
    const common = [string(namespace), string(""), string("sha512")];
    const signed = Buffer.concat([Buffer.from("SSHSIG"), ...common, string(hash)]);
    const made = sign(this.algorithm === "ssh-ed25519" ? null : "sha512", signed, this.key);
    const blob = Buffer.concat([
      Buffer.from("SSHSIG"),
      number(1),
      string(this.publicKey),
      ...common,
      string(Buffer.concat([string(this.algorithm), string(made)])),
    ]);
    const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
    return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
  }
}

function damaged(): SshKeyError {
  return new SshKeyError(`is not a whole private key of OpenSSH. ${valid}`);
}

function bodyOf(text: string): Buffer {
  const trimmed = text.trim();
  if (!trimmed.startsWith(begin) || !trimmed.endsWith(end)) throw damaged();
  return Buffer.from(trimmed.slice(begin.length, -end.length), "base64");
}

function ed25519(fields: Fields): KeyObject {
  const x = fields.string();
  const d = fields.string().subarray(0, 32);
  return keyOf({ kty: "OKP", crv: "Ed25519", x: base64(x), d: base64(d) });
}

function rsa(fields: Fields): KeyObject {
  const [n, e, d, qi, p, q] = [0, 1, 2, 3, 4, 5].map(() => fields.integer()) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const bits = n.toString(2).length;
  if (bits < fewestRsaBits) {
    throw new SshKeyError(
      `is an RSA key of ${bits} bits, and hosts take ${fewestRsaBits} and more. ${valid}`,
    );
  }
  const numbers = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi };
  const shown = Object.entries(numbers).map(([name, value]) => [name, base64(bytesOf(value))] as const);
  return keyOf({ kty: "RSA", ...Object.fromEntries(shown) });
}

function keyOf(key: Record<string, string>): KeyObject {
  try {
    return createPrivateKey({ format: "jwk", key });
  } catch {
    // What the library says of a key could have some of it.
    throw damaged();
  }
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64url");
}

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** Fields of SSH's messages, one after another (RFC 4251, 5). */
class Fields {
  private at = 0;

  constructor(private readonly all: Buffer) {}

  bytes(length: number): Buffer {
    if (this.at + length > this.all.length) throw damaged();
    return this.all.subarray(this.at, (this.at += length));
  }

  number(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.number());
  }

  text(): string {
    return this.string().toString("latin1");
  }

  /** A number that is not negative. */
  integer(): bigint {
    const hex = this.string().toString("hex");
    return hex === "" ? 0n : BigInt(`0x${hex}`);
  }
}

import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { checkArguments, inputText } from "./declaration/call-arguments";
import type { SigningIdentity } from "./declaration/signing-identity";

/** A key pair of `cosign generate-key-pair`. */
export interface CosignKeyArgs {
  /** File with the private key, relative to the project's folder. Default: `cosign.key`. */
  key?: string;
  /**
   * Password of the private key; kept a secret. Default: the environment variable COSIGN_PASSWORD.
   */
  password?: pulumi.Input<string>;
  /** Public key (PEM), or the file that has it. Default: `cosign.pub`. */
  publicKey?: string;
}

const file = z.string().min(1, "the name of a file is expected");

const cosignKeyArguments = z.strictObject({
  key: file.optional(),
  password: inputText.optional(),
  publicKey: file.optional(),
});

/** Signs with a key pair in files. */
export function cosignKey(args: CosignKeyArgs = {}): SigningIdentity {
  checkArguments("cosignKey()", cosignKeyArguments, args);
  const { key = "cosign.key", password, publicKey = "cosign.pub" } = args;
  return {
    signer: { key, password: password === undefined ? undefined : pulumi.secret(password), publicKey },
    verifier: { publicKey },
  };
}

const throwAwayArguments = z.strictObject({
  folder: z.string().min(1, "a folder is expected"),
  generateFor: z.array(z.string()).meta({ examples: [["registry.test:5000"]] }),
});

/**
 * Signs with a key pair that is made where there is none: for development, and for nothing else.
 * What it signs is published on this machine only.
 *
 * @param generateFor hosts of a test network, as `host[:port]`, that take it all the same
 */
export function throwAwayKey(folder = ".slipway/keys", generateFor: readonly string[] = []): SigningIdentity {
  checkArguments("throwAwayKey()", throwAwayArguments, { folder, generateFor });
  const elsewhere = generateFor.length === 0 ? {} : { generateFor: [...generateFor] };
  return {
    signer: { key: `${folder}/cosign.key`, generate: true, ...elsewhere },
    verifier: { publicKey: `${folder}/cosign.pub` },
    throwAwayFor: generateFor,
  };
}

/** A key in a key management service. */
export interface KmsKeyArgs {
  /** URI of cosign, e.g. `awskms:///alias/release`. */
  uri: string;
  /** Public key (PEM), or the file that has it: `cosign public-key --key URI`. */
  publicKey: string;
}

const kmsKeyArguments = z.strictObject({
  uri: z.string().meta({ examples: ["awskms:///alias/release"] }),
  publicKey: file.meta({ examples: ["cosign.pub"] }),
});

/** Signs with a key in a key management service, through cosign. */
export function kmsKey(args: KmsKeyArgs): SigningIdentity {
  checkArguments("kmsKey()", kmsKeyArguments, args);
  const { uri, publicKey } = args;
  return { signer: { kms: uri }, verifier: { publicKey } };
}

/** An identity that an OIDC issuer vouches for, as CI services have one. */
export interface KeylessArgs {
  /** OIDC issuer, e.g. `https://token.actions.githubusercontent.com`. */
  issuer: string;
  /** Identity in the certificate, exactly. */
  identity?: string;
  /** Regular expression that the whole identity must match, instead of `identity`. */
  identityPattern?: string;
  /** File with the trusted root of the Sigstore instance: `cosign trusted-root create`. */
  trustedRoot: string;
  /** Certificate authority. Default: the public one of Sigstore. */
  fulcioUrl?: string;
  /** Transparency log. Default: the public one of Sigstore. */
  rekorUrl?: string;
  /** Identity token, kept a secret. Default: that of the CI service. */
  token?: pulumi.Input<string>;
}

const keylessArguments = z.strictObject({
  issuer: z.string().meta({ examples: ["https://token.actions.githubusercontent.com"] }),
  identity: z.string().optional(),
  identityPattern: z.string().optional(),
  trustedRoot: file.meta({ examples: ["trusted_root.json"] }),
  fulcioUrl: z.string().optional(),
  rekorUrl: z.string().optional(),
  token: inputText.optional(),
});

/** Signs with a short-lived certificate, without a key to keep. */
export function keyless(args: KeylessArgs): SigningIdentity {
  checkArguments("keyless()", keylessArguments, args);
  const { token, fulcioUrl, rekorUrl, ...identity } = args;
  return {
    signer: {
      keyless: {
        ...identity,
        fulcioUrl,
        rekorUrl,
        token: token === undefined ? undefined : pulumi.secret(token),
      },
    },
    verifier: identity,
  };
}

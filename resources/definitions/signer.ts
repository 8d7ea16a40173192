import * as z from "zod";
import { checkRegistryHost } from "../../lib/oci/reference";
import { checked } from "./definition";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";

/** Who signs, and who is trusted to have signed: shapes that all trust resources share. */

const url = z.url({ protocol: /^https?$/, error: "an address starting with https:// is expected" });

/** A service that an identity token is sent to. */
const service = url.refine(
  (address) => !isInTheClear(address),
  "is plain HTTP to another machine, and the identity token would travel in the clear: an " +
    "https address is expected",
);

const identityFields = {
  identity: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: "Identity in the certificate, exactly.",
      examples: ["https://github.com/acme/hello/.github/workflows/release.yml@refs/heads/main"],
    }),
  identityPattern: z
    .string()
    .min(1)
    .superRefine((value, context) => {
      try {
        new RegExp(value);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
      }
    })
    .optional()
    .meta({
      description: "Regular expression that the whole identity must match, instead of `identity`.",
      examples: ["https://github\\.com/acme/hello/\\.github/workflows/release\\.yml@refs/tags/v.*"],
    }),
  trustedRoot: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        "File with the trusted root of the Sigstore instance (`cosign trusted-root create`), " +
        "relative to the project's folder.",
      examples: ["trusted_root.json"],
    }),
};

/** A short-lived certificate for an identity, as CI services have one. */
const keyless = z
  .strictObject({
    issuer: url.meta({
      description: "OIDC issuer that vouches for the identity.",
      examples: ["https://token.actions.githubusercontent.com"],
    }),
    ...identityFields,
    trustedRoot: identityFields.trustedRoot.unwrap(),
    fulcioUrl: service.optional().describe("Certificate authority. Default: https://fulcio.sigstore.dev."),
    rekorUrl: service.optional().describe("Transparency log. Default: https://rekor.sigstore.dev."),
    token: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Identity token, a secret. Default: the environment variable SIGSTORE_ID_TOKEN, else " +
          "that of the CI service.",
      ),
    tokenFile: z.string().min(1).optional().describe("File with the identity token, instead of `token`."),
  })
  .superRefine(oneIdentity)
  .meta({
    id: "KeylessSigner",
    description: "Signing with a short-lived certificate for an identity (Sigstore's Fulcio and Rekor).",
  });

/** Who signs. */
export const signer = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "File with the private key, relative to the project's folder: `cosign.key`, or " +
          "PKCS#8 PEM; ECDSA P-256.",
        examples: ["cosign.key"],
      }),
    password: z
      .string()
      .optional()
      .describe("Password of the key, a secret. Default: the environment variable COSIGN_PASSWORD."),
    publicKey: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Public key (PEM) that belongs to `key`, or a file with it: what only compares, such as a preview, needs " +
          "no more. Default: the file beside `key` that ends with `.pub`.",
        examples: ["cosign.pub"],
      }),
    generate: z
      .boolean()
      .optional()
      .describe(
        "Makes a throw-away key pair if `key` does not exist, with the public key beside it " +
          "(`.pub`). For development; keep it below `.slipway/`. Its password is " +
          "`password`, else empty. What it signs goes to registries on this machine only.",
      ),
    generateFor: z
      .array(checked(checkRegistryHost))
      .optional()
      .meta({
        description:
          "Other registries that may get what a throw-away key signs, as `host[:port]`: " +
          "those of a test network. Default: none.",
        examples: [["registry.test:5000"]],
      }),
    kms: z
      .string()
      .regex(/^[a-z0-9+.-]+:\/\/\S+$/, "a URI of cosign is expected")
      .optional()
      .meta({
        description: "Key in a key management service, as a URI of cosign, whose program is used.",
        examples: ["awskms:///alias/release"],
      }),
    keyless: keyless.optional(),
  })
  .superRefine((value, context) => {
    const given = [value.key, value.kms, value.keyless].filter((one) => one !== undefined).length;
    if (given !== 1) {
      context.addIssue({
        code: "custom",
        message: 'one of `key`, `kms` and `keyless` is expected (a valid example: {"key": "cosign.key"})',
      });
    }
    for (const name of ["password", "publicKey", "generate", "generateFor"] as const) {
      if (value[name] === undefined || value.key !== undefined) continue;
      context.addIssue({ code: "custom", path: [name], message: "belongs to `key`, which is not given" });
    }
  })
  .meta({ id: "Signer", description: "Signer: a key in a file, a key in a service, or an identity." });

/** Who is trusted to have signed. */
export const verifier = z
  .strictObject({
    publicKey: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Public key (PEM), or a file with it, relative to the project's folder.",
        examples: ["cosign.pub"],
      }),
    issuer: url.optional().meta({
      description: "OIDC issuer that vouches for the identity.",
      examples: ["https://token.actions.githubusercontent.com"],
    }),
    ...identityFields,
  })
  .superRefine((value, context) => {
    if (value.publicKey !== undefined) {
      for (const name of ["issuer", "identity", "identityPattern", "trustedRoot"] as const) {
        if (value[name] === undefined) continue;
        context.addIssue({
          code: "custom",
          path: [name],
          message: "has no effect with `publicKey`",
        });
      }
      return;
    }
    oneIdentity(value, context);
    for (const name of ["issuer", "trustedRoot"] as const) {
      if (value[name] !== undefined) continue;
      context.addIssue({ code: "custom", path: [name], message: "is needed to verify an identity" });
    }
  })
  .meta({
    id: "Verifier",
    description: "Trusted signer: a public key, or an identity with its issuer and a trusted root.",
  });

export type SignerDeclaration = z.infer<typeof signer>;
export type KeylessDeclaration = z.infer<typeof keyless>;
export type VerifierDeclaration = z.infer<typeof verifier>;

/** Returns why a throw-away key does not sign for a host, and what to do. */
export function throwAwayElsewhere(host: string): string {
  return (
    `${host} is not on this machine, and a throw-away key signs: a signature with it says ` +
    "nothing about who signed. Sign with a key that is kept, e.g. of `cosign " +
    "generate-key-pair`, or an identity; a test network is named in `generateFor` (a valid " +
    'example: ["registry.test:5000"]; throwAwayKey(".slipway/keys", ["registry.test:5000"]) of ' +
    "a distribution)"
  );
}

function oneIdentity(
  value: { identity?: string; identityPattern?: string },
  context: z.core.$RefinementCtx,
): void {
  if ((value.identity === undefined) !== (value.identityPattern === undefined)) return;
  context.addIssue({
    code: "custom",
    path: ["identity"],
    message: "one of `identity` and `identityPattern` is expected",
  });
}

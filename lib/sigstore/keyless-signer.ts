import { readFile } from "node:fs/promises";
import { bundleToJSON } from "@sigstore/bundle";
import {
  CIContextProvider,
  DSSEBundleBuilder,
  FulcioSigner,
  MessageSignatureBundleBuilder,
  RekorWitness,
  type BundleBuilder,
} from "@sigstore/sign";
import type { Bundle } from "./bundle";
import { KeyError, SigningError } from "./errors";
import { openIdentityVerifier, type IdentityOptions } from "./identity-verifier";
import type { Signer } from "./signer";
import { encodeStatement, statementPayloadType } from "./statement";
import { readWholeFile } from "./whole-file";

/** How to get a certificate, and which identity it has to be for. */
export interface KeylessOptions extends IdentityOptions {
  fulcioUrl?: string;
  rekorUrl?: string;
  /**
   * Identity token (JWT). Default: `tokenFile`, the variable SIGSTORE_ID_TOKEN, or that of the CI
   * service.
   */
  token?: string;
  tokenFile?: string;
  /** Gets the token before it is sent. */
  onSecret?: (text: string) => void;
  env: NodeJS.ProcessEnv;
}

/** Where the identity token comes from. */
type TokenSources = Pick<KeylessOptions, "token" | "tokenFile" | "issuer" | "env" | "onSecret">;

/** Audience that Fulcio expects in a token. */
const audience = "sigstore";
const timeoutMs = 30_000;

/**
 * A signer with a key that exists for one signature, and a certificate of Fulcio that ties it to an
 * identity; Rekor logs each signature. What is made is verified, so that a token for another
 * identity than declared is noticed at once.
 *
 * @throws KeyError where the trusted root cannot be read
 */
export async function openKeylessSigner(options: KeylessOptions): Promise<Signer> {
  const verifier = await openIdentityVerifier(options);
  const common = {
    signer: new FulcioSigner({
      identityProvider: { getToken: () => identityToken(options) },
      fulcioBaseURL: options.fulcioUrl ?? "https://fulcio.sigstore.dev",
      timeout: timeoutMs,
      retry: 2,
    }),
    witnesses: [
      new RekorWitness({
        rekorBaseURL: options.rekorUrl ?? "https://rekor.sigstore.dev",
        entryType: "dsse",
        timeout: timeoutMs,
        retry: 2,
      }),
    ],
  };
  return {
    id: verifier.name,
    verifier,
    signStatement: async (statement) => {
      const artifact = { data: encodeStatement(statement), type: statementPayloadType };
      const bundle = await build(
        new DSSEBundleBuilder({ ...common, certificateChain: false }),
        artifact,
        options,
      );
      await verifier.verifyEnvelope(bundle).catch(asSigningError);
      return bundle;
    },
    signFile: async (path) => {
      const bundle = await build(
        new MessageSignatureBundleBuilder(common),
        { data: await readWholeFile(path) },
        options,
      );
      await verifier.verifyFile(bundle, path).catch(asSigningError);
      return bundle;
    },
  };
}

async function build(
  builder: BundleBuilder,
  artifact: { data: Buffer; type?: string },
  options: KeylessOptions,
): Promise<Bundle> {
  // The library quotes a token that it cannot read in its error.
  claimsOf(await identityToken(options));
  try {
    const bundle = bundleToJSON(await builder.create({ type: "", ...artifact })) as Bundle;
    for (const signature of bundle.dsseEnvelope?.signatures ?? []) signature.keyid = "";
    return bundle;
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause;
    const said = [error, cause].filter((one) => one instanceof Error).map((one) => one.message);
    throw new SigningError(
      `signing as ${options.identity ?? options.identityPattern ?? ""} failed: ` +
        `${said.join(": ")}\nCheck whether ${options.fulcioUrl ?? "Fulcio"} accepts tokens of ` +
        `${options.issuer}, and whether the token is still valid.`,
    );
  }
}

/** What an identity token says of itself. */
export interface IdentityClaims {
  /** Who has issued it. */
  readonly issuer: string | undefined;
  /** When it ends, in milliseconds. */
  readonly expiresAt: number | undefined;
}

/**
 * What the identity token says that a signature would be made with; it is sent to nobody.
 *
 * @throws KeyError where there is none, or it is none; no message holds it
 */
export async function identityClaims(options: TokenSources): Promise<IdentityClaims> {
  const { iss, exp } = claimsOf(await identityToken(options));
  return {
    issuer: typeof iss === "string" ? iss : undefined,
    expiresAt: typeof exp === "number" ? exp * 1000 : undefined,
  };
}

/** A CI service gives another one each time. @throws KeyError; it never holds the token */
async function identityToken(options: TokenSources): Promise<string> {
  const token = await findToken(options);
  options.onSecret?.(token);
  return token;
}

async function findToken({ token, tokenFile, issuer, env }: TokenSources): Promise<string> {
  if (token !== undefined) return token;
  if (tokenFile !== undefined) {
    try {
      return (await readFile(tokenFile, "utf8")).trim();
    } catch (error) {
      throw new KeyError(`the identity token cannot be read: ${(error as Error).message}`);
    }
  }
  if (env.SIGSTORE_ID_TOKEN) return env.SIGSTORE_ID_TOKEN;
  try {
    return await new CIContextProvider(audience).getToken();
  } catch {
    throw new KeyError(
      `there is no identity token of ${issuer}: set \`keyless.token\`, \`keyless.tokenFile\` ` +
        "or SIGSTORE_ID_TOKEN, or run where the CI service gives one (GitHub Actions: " +
        "`permissions: id-token: write`)",
    );
  }
}

/** @throws KeyError for what is no token */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"),
    ) as unknown;
    if (typeof claims === "object" && claims !== null && token.split(".").length === 3) {
      return claims as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  throw new KeyError("the identity token is not a JSON web token");
}

function asSigningError(error: unknown): never {
  throw new SigningError(`what was signed ${(error as Error).message}`);
}

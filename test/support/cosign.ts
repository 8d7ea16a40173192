import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { runClient } from "./clients";
import { atExit } from "./processes";

/** cosign as a judge of signatures, in the two generations that are in use, without any service. */

export type CosignProgram = "cosign" | "cosign-v2";
export const cosignPrograms: readonly CosignProgram[] = ["cosign", "cosign-v2"];

const folder = mkdtempSync(path.join(tmpdir(), "slipway-cosign-"));
atExit(() => rmSync(folder, { recursive: true, force: true }));

/**
 * A trusted root that trusts nobody: version 2 wants one to verify a bundle, whatever signed it.
 */
const noTrustedRoot = path.join(folder, "trusted_root.json");
writeFileSync(noTrustedRoot, '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}');

/** The options of a verification by a key alone. */
function offline(program: CosignProgram): string[] {
  return [
    "--insecure-ignore-tlog",
    "--allow-http-registry",
    ...(program === "cosign-v2" ? ["--trusted-root", noTrustedRoot] : []),
  ];
}

/** `cosign verify --key`; fails where it refuses. @param more further options */
export function cosignVerify(
  reference: string,
  publicKeyFile: string,
  program: CosignProgram = "cosign",
  more: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  return runClient(program, ["verify", "--key", publicKeyFile, ...offline(program), ...more, reference], env);
}

/**
 * `cosign verify-attestation --key`; fails where it refuses.
 *
 * @param type a short name of cosign, e.g. `spdxjson`
 */
export function cosignVerifyAttestation(
  reference: string,
  type: string,
  publicKeyFile: string,
  program: CosignProgram = "cosign",
): Promise<string> {
  const format = program === "cosign-v2" ? ["--new-bundle-format"] : [];
  return runClient(program, [
    ...["verify-attestation", "--key", publicKeyFile, "--type", type],
    ...offline(program),
    ...format,
    reference,
  ]);
}

/** `cosign verify-blob --key --bundle`; fails where it refuses. */
export function cosignVerifyBlob(
  file: string,
  bundle: string,
  publicKeyFile: string,
  program: CosignProgram = "cosign",
): Promise<string> {
  const options = ["--insecure-ignore-tlog", "--trusted-root", noTrustedRoot];
  const format = program === "cosign-v2" ? ["--new-bundle-format"] : [];
  return runClient(program, [
    "verify-blob",
    ...["--key", publicKeyFile, "--bundle", bundle],
    ...options,
    ...format,
    file,
  ]);
}

/**
 * `cosign sign --key` without a log. Version 3 attaches a bundle, version 2 writes the tag `.sig`.
 */
export function cosignSign(
  reference: string,
  keyFile: string,
  password: string,
  program: CosignProgram = "cosign",
): Promise<string> {
  const options = [
    "--yes",
    "--tlog-upload=false",
    "--allow-http-registry",
    ...(program === "cosign" ? ["--use-signing-config=false"] : []),
  ];
  return runClient(program, ["sign", "--key", keyFile, ...options, reference], { COSIGN_PASSWORD: password });
}

/** An identity, and the trusted root by which it holds. */
export interface CertificateSigner {
  issuer: string;
  identity: string;
  trustedRoot: string;
  /** Whether time stamps are asked for. */
  timestamps?: boolean;
}

/**
 * `cosign verify-blob-attestation` of a bundle about a digest, without the artifact; fails where it
 * refuses.
 *
 * @param signer the file of a public key, or an identity
 */
export function cosignVerifyStatement(
  bundle: string,
  digest: string,
  predicateType: string,
  signer: string | CertificateSigner,
): Promise<string> {
  const by =
    typeof signer === "string"
      ? ["--key", signer, "--insecure-ignore-tlog"]
      : [
          ...["--certificate-oidc-issuer", signer.issuer, "--certificate-identity", signer.identity],
          ...["--trusted-root", signer.trustedRoot],
          ...(signer.timestamps ? ["--use-signed-timestamps"] : []),
        ];
  const [algorithm = "", hex = ""] = digest.split(":");
  const about = ["--digestAlg", algorithm, "--digest", hex, "--type", predicateType];
  return runClient("cosign", ["verify-blob-attestation", "--bundle", bundle, ...about, ...by]);
}

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { plainEnvironment } from "../../lib/machine/child-environment";
import { encodeBundle, PredicateType, type Bundle, type SignatureVerifier } from "../../lib/sigstore";
import type { VerifierDeclaration } from "../../resources/definitions/signer";
import type { ResourceContext } from "../run/context";

/** It reads files of this machine alone, and answers at once, in milliseconds. */
const deadlineMs = 60_000;

/**
 * The cosign that judges bundles on this machine, e.g. `cosign v3.1.3`; undefined where there is
 * none, or one of a version before 3, which reads bundles with other options.
 */
export function cosignJudge({ run }: ResourceContext): Promise<string | undefined> {
  return run.once("cosign: version", async () => {
    try {
      const { gitVersion } = JSON.parse(await cosign(["version", "--json"])) as { gitVersion?: unknown };
      return typeof gitVersion === "string" && /^v([3-9]|\d{2,})\./.test(gitVersion)
        ? `cosign ${gitVersion}`
        : undefined;
    } catch {
      return undefined;
    }
  });
}

/**
 * Has cosign verify a bundle that was found, without a registry or another service.
 *
 * @returns why it refuses it; undefined where it does not
 */
export async function cosignRefusal(
  context: ResourceContext,
  bundle: Bundle,
  digest: string,
  verifier: SignatureVerifier,
  declaration: VerifierDeclaration,
): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-cosign-"));
  try {
    const [file, key] = [path.join(folder, "bundle.json"), path.join(folder, "cosign.pub")];
    await writeFile(file, encodeBundle(bundle));
    if (verifier.publicKey !== undefined) await writeFile(key, verifier.publicKey);
    const { issuer = "", identity, identityPattern, trustedRoot = "" } = declaration;
    const by =
      verifier.publicKey !== undefined
        ? ["--key", key, "--insecure-ignore-tlog"]
        : [
            ...["--certificate-oidc-issuer", issuer],
            ...(identity !== undefined
              ? ["--certificate-identity", identity]
              : ["--certificate-identity-regexp", `^(?:${identityPattern ?? ""})$`]),
            ...["--trusted-root", path.resolve(context.services.project, trustedRoot)],
          ];
    const [algorithm = "", hex = ""] = digest.split(":");
    const about = ["--digestAlg", algorithm, "--digest", hex, "--type", PredicateType.cosignSign];
    await cosign(["verify-blob-attestation", "--bundle", file, ...about, ...by]);
    return undefined;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? (error as Error).message;
    return said.trim().split("\n").at(-1) ?? "";
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cosign(args: readonly string[]): Promise<string> {
  const options = { env: plainEnvironment(process.env), timeout: deadlineMs };
  return (await promisify(execFile)("cosign", args, options)).stdout;
}

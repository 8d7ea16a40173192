import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { parseBundle } from "./bundle";
import { SigningError } from "./errors";
import { readPublicKey } from "./key";
import { signerWith } from "./key-signer";
import type { Signer } from "./signer";
import { keyServiceEnvironment } from "../machine/child-environment";

/** A key management service answers within seconds; after this it is down, in milliseconds. */
const deadlineMs = 120_000;

/**
 * A signing configuration without log and time stamps, and a root that trusts nobody: both are for
 * the key alone.
 */
const signingConfig = `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}`;
const trustedRoot = `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`;

/**
 * A signer with a key in a key management service, by a URI of cosign (`awskms://`, `azurekms://`,
 * `gcpkms://`, `hashivault://`, `k8s://`, `pkcs11:`, or a plug-in). cosign itself, version 3 or
 * newer, speaks with the service; it takes the credentials where the service's own tools do, from
 * the environment.
 *
 * @throws SigningError where cosign is missing, or the service refuses; KeyError for a key that is
 * not ECDSA P-256
 */
export async function openKmsSigner(uri: string, env: NodeJS.ProcessEnv = process.env): Promise<Signer> {
  const publicKey = readPublicKey(await cosign(["public-key", "--key", uri], uri, env), uri);
  const signFile = async (file: string): Promise<Buffer> => {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-kms-"));
    try {
      const [config, root, bundle] = ["config.json", "root.json", "bundle.json"].map((name) =>
        path.join(folder, name),
      ) as [string, string, string];
      await writeFile(config, signingConfig);
      await writeFile(root, trustedRoot);
      const options = ["--signing-config", config, "--trusted-root", root, "--bundle", bundle];
      await cosign(["sign-blob", "--yes", "--key", uri, ...options, file], uri, env);
      const { messageSignature } = parseBundle(await readFile(bundle));
      return Buffer.from(messageSignature?.signature ?? "", "base64");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return signerWith({
    publicKey,
    signBytes: async (bytes) => {
      const folder = await mkdtemp(path.join(tmpdir(), "slipway-kms-"));
      try {
        const file = path.join(folder, "payload");
        await writeFile(file, bytes);
        return await signFile(file);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    signFile: async (file) => {
      const hash = createHash("sha256");
      await pipeline(createReadStream(file), hash);
      return { sha256: hash.digest(), signature: await signFile(file) };
    },
  });
}

function cosign(args: readonly string[], uri: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "cosign",
      args,
      { env: keyServiceEnvironment(env), timeout: deadlineMs },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        if (error.code === "ENOENT") {
          return reject(
            new SigningError(
              `the key ${uri} needs the program cosign, version 3 or newer, on PATH: ` +
                "https://docs.sigstore.dev/cosign/system_config/installation/ (or `go install " +
                "github.com/sigstore/cosign/v3/cmd/cosign@latest`)",
            ),
          );
        }
        const said = stderr.trim().split("\n").slice(-3).join("\n");
        reject(
          new SigningError(
            `cosign ${args[0] ?? ""} with the key ${uri} failed: ${said || error.message}\n` +
              "Check whether the key exists, and whether the environment has credentials that may use it.",
          ),
        );
      },
    );
  });
}

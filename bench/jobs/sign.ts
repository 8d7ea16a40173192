import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Readable } from "node:stream";
import { digestOf } from "../../lib/oci/digest";
import { MediaType } from "../../lib/oci/media-types";
import { RegistryClient } from "../../lib/oci/registry/client";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { cosignSign, cosignVerify } from "../../test/support/cosign";
import { ProviderProcess, secret } from "../../test/support/provider-process";
import { startDistribution, type TestRegistry } from "../../test/support/registries";
import type { Contest, Job } from "../contest";
import { timed } from "../empty-program";

const digestCount = 100;
const peersAtOnce = 4;
const password = "of the benchmark";

/** Signing many digests with a key, against `cosign sign`, which is a process for each. */
export const sign: Job = {
  name: "sign",
  description: `${digestCount} digests signed with an encrypted key, by a provider that is started for it, against \`cosign sign\`, ${peersAtOnce} at a time`,
  async prepare() {
    const registry = await startDistribution();
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-sign-"));
    const pair = await generateKeyPairFiles(password);
    await writeFile(path.join(folder, "cosign.key"), pair.privateKey, { mode: 0o600 });
    await writeFile(path.join(folder, "cosign.pub"), pair.publicKey);
    let open = 2;
    const close = async () => {
      open -= 1;
      if (open > 0) return;
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return [contest("new", registry, folder, close), contest("signed already", registry, folder, close)];
  },
};

function contest(
  variant: "new" | "signed already",
  registry: TestRegistry,
  folder: string,
  close: () => Promise<void>,
): Contest {
  const keyFile = path.join(folder, "cosign.key");
  let requests = 0;
  const prepared = async (side: string, round: number) => {
    const name = `bench/${variant.replaceAll(" ", "-")}-${side}-${round}`;
    const digests = await pushManifests(registry.host, name);
    if (variant === "signed already") await signWithProvider(folder, `${registry.host}/${name}`, digests);
    return { repository: `${registry.host}/${name}`, digests };
  };
  return {
    variant,
    runs: 3,
    ours: {
      name: "slipway:trust:Signature",
      run: async (round) => {
        const { repository, digests } = await prepared("ours", round);
        const before = registry.requests().length;
        const seconds = await timed(() => signWithProvider(folder, repository, digests));
        requests = registry.requests().length - before;
        await cosignVerify(`${repository}@${digests[0] ?? ""}`, path.join(folder, "cosign.pub"));
        return seconds;
      },
    },
    peers: [
      {
        name: "cosign sign",
        run: async (round) => {
          const { repository, digests } = await prepared("cosign", round);
          const rest = [...digests];
          const worker = async () => {
            for (let digest = rest.pop(); digest !== undefined; digest = rest.pop()) {
              await cosignSign(`${repository}@${digest}`, keyFile, password);
            }
          };
          return timed(() => Promise.all(Array.from({ length: peersAtOnce }, worker)));
        },
      },
    ],
    notes: async () => [`requests of the provider in the last run: ${requests} for ${digestCount} digests`],
    close,
  };
}

/** Starts a provider, has all digests signed, and ends it. @throws where one is not signed */
async function signWithProvider(
  folder: string,
  repository: string,
  digests: readonly string[],
): Promise<void> {
  const provider = await ProviderProcess.start(folder);
  try {
    const held = await provider.create("slipway:trust:Signature", {
      repository,
      subjects: digests.map((digest) => ({ digest })),
      signer: { key: "cosign.key", password: secret(password) },
    });
    const { signatures, missing } = held.state as { signatures: unknown[]; missing: string[] };
    if (signatures.length !== digests.length || missing.length > 0) throw new Error(missing.join("\n"));
  } finally {
    await provider.stop();
  }
}

/** Pushes small images that differ, and gives their digests. */
async function pushManifests(host: string, name: string): Promise<string[]> {
  const client = new RegistryClient({ credentials: [] });
  try {
    const repository = client.repository({ registry: host, path: name });
    return await Promise.all(
      Array.from({ length: digestCount }, async () => {
        const content = Buffer.from(
          JSON.stringify({ architecture: "amd64", os: "linux", salt: randomBytes(8).toString("hex") }),
        );
        const config = { mediaType: MediaType.ociConfig, digest: digestOf(content), size: content.length };
        await repository.putBlob(config, () => Readable.from([content]));
        const manifest = { schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: [] };
        return (await repository.putManifest(Buffer.from(JSON.stringify(manifest)), MediaType.ociManifest))
          .digest;
      }),
    );
  } finally {
    await client.close();
  }
}

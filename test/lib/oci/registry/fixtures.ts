import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { digestOf } from "../../../../lib/oci/digest";
import { MediaType } from "../../../../lib/oci/media-types";
import { RegistryClient, type RegistryClientOptions } from "../../../../lib/oci/registry/client";
import type { BlobSource, Repository } from "../../../../lib/oci/repository";
import type { Descriptor } from "../../../../lib/oci/types";
import { atExit } from "../../../support/processes";

/** Bytes of a source's chunks: small, so that a blob is many of them. */
const chunkBytes = 64 * 1024;

/** A blob of random bytes. */
export interface TestBlob {
  digest: string;
  size: number;
  bytes: Buffer;
  source: BlobSource;
  /** Offsets at which the source was opened. */
  opened: number[];
}

export function randomBlob(size: number): TestBlob {
  return blobOf(randomBytes(size));
}

export function blobOf(bytes: Buffer): TestBlob {
  const opened: number[] = [];
  const source = (offset: number) => {
    opened.push(offset);
    return Readable.from(chunks(bytes.subarray(offset)), { objectMode: false });
  };
  return { digest: digestOf(bytes), size: bytes.length, bytes, source, opened };
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** Digest and length of everything a stream gives. */
export async function drain(stream: Readable): Promise<{ digest: string; size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

/** A manifest and its bytes, to be pushed. */
export interface TestManifest {
  bytes: Buffer;
  digest: string;
  descriptor: Descriptor;
}

/** Pushes an artifact's blobs and gives its manifest, unpushed. */
export async function artifact(
  repository: Repository,
  change: {
    subject?: Descriptor;
    artifactType?: string;
    annotations?: Record<string, string>;
    layers?: Descriptor[];
  } = {},
): Promise<TestManifest> {
  const config = blobOf(Buffer.from("{}"));
  await repository.putBlob(config, config.source);
  const { artifactType = "application/vnd.example.test", ...rest } = change;
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      artifactType,
      config: { mediaType: MediaType.ociEmpty, digest: config.digest, size: config.size },
      layers: [{ mediaType: MediaType.ociEmpty, digest: config.digest, size: config.size }],
      ...rest,
      annotations: { "org.example.serial": randomBytes(8).toString("hex"), ...rest.annotations },
    }),
  );
  const digest = digestOf(bytes);
  return { bytes, digest, descriptor: { mediaType: MediaType.ociManifest, digest, size: bytes.length } };
}

/** Waits that tests do not feel. */
export const quickRetry = {
  attempts: 4,
  baseDelayMs: 5,
  maxDelayMs: 20,
  maxRetryAfterMs: 2000,
  maxArrivalMs: 300,
};

/** Clients of one test, and an empty Docker configuration, so that the machine's own has no say. */
export class TestClients {
  readonly folder = mkdtempSync(join(tmpdir(), "slipway-client-"));
  private readonly clients: RegistryClient[] = [];
  private readonly remove = () => rmSync(this.folder, { recursive: true, force: true });
  private readonly callOff = atExit(this.remove);
  private readonly saved = {
    DOCKER_CONFIG: process.env.DOCKER_CONFIG,
    REGISTRY_AUTH_FILE: process.env.REGISTRY_AUTH_FILE,
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR,
    PATH: process.env.PATH,
  };

  constructor() {
    process.env.DOCKER_CONFIG = this.folder;
    delete process.env.REGISTRY_AUTH_FILE;
    delete process.env.XDG_RUNTIME_DIR;
  }

  open(options: RegistryClientOptions = {}): RegistryClient {
    const client = new RegistryClient({ ...options, retry: { ...quickRetry, ...options.retry } });
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    for (const [name, value] of Object.entries(this.saved)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    this.remove();
    this.callOff();
  }
}

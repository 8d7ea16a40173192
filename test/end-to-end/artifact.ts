import { Readable } from "node:stream";
import { digestOf } from "../../lib/oci/digest";
import { MediaType } from "../../lib/oci/media-types";
import { parseRepository } from "../../lib/oci/reference";
import { RegistryClient } from "../../lib/oci/registry/client";
import type { RegistryHost } from "../../lib/oci/registry/options";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";

/**
 * Pushes a small artifact that refers to a digest, as a tool that signs would.
 *
 * @param repository `host:port/path`, without access control
 * @returns its digest
 */
export async function pushReferrer(repository: string, subjectDigest: string, text: string): Promise<string> {
  return withRepository(repository, [], async (target) => {
    const subject = await target.headManifest(subjectDigest);
    if (!subject) throw new Error(`${repository} has no ${subjectDigest}`);
    const manifest = {
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      artifactType: "application/vnd.example.note",
      config: await putBlob(target, MediaType.ociEmpty, "{}"),
      layers: [await putBlob(target, "text/plain", text)],
      subject,
    };
    const { digest } = await target.putManifest(Buffer.from(JSON.stringify(manifest)), MediaType.ociManifest);
    return digest;
  });
}

/** Digests of what refers to a digest in a repository `host:port/path`. */
export async function referrersOf(
  repository: string,
  subjectDigest: string,
  access: readonly RegistryHost[] = [],
): Promise<string[]> {
  return withRepository(repository, access, async (target) =>
    (await target.listReferrers(subjectDigest)).map(({ digest }) => digest),
  );
}

async function putBlob(target: Repository, mediaType: string, text: string): Promise<Descriptor> {
  const bytes = Buffer.from(text);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await target.putBlob(descriptor, (offset) => Readable.from([bytes.subarray(offset)]));
  return descriptor;
}

async function withRepository<T>(
  repository: string,
  access: readonly RegistryHost[],
  work: (target: Repository) => Promise<T>,
): Promise<T> {
  const client = new RegistryClient({ credentials: access });
  try {
    return await work(client.repository(parseRepository(repository)));
  } finally {
    await client.close();
  }
}

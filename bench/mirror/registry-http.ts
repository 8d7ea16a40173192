import { createHash } from "node:crypto";
import { MediaType } from "../../lib/oci/media-types";
import { fixtureTag, type FixtureImage } from "./fixture-image";

/*
 * Plain requests to a registry, of which nothing is shared with the client that is measured: what
 * is right is not decided by the code that made it.
 */

/** Uploads a blob, or mounts it from a repository of the same registry that has it. */
export async function putBlob(
  host: string,
  repository: string,
  bytes: Buffer,
  digest: string,
  mountFrom: string | undefined,
): Promise<void> {
  const uploads = `http://${host}/v2/${repository}/blobs/uploads/`;
  if (mountFrom !== undefined) {
    await expectStatus(201, `${uploads}?mount=${digest}&from=${mountFrom}`, "POST");
    return;
  }
  const { headers } = await expectStatus(202, uploads, "POST");
  const place = new URL(headers.get("location") ?? "", uploads);
  place.searchParams.set("digest", digest);
  await expectStatus(201, place.href, "PUT", { "content-type": "application/octet-stream" }, bytes);
}

/** Puts a manifest under a tag or digest. */
export async function putManifest(
  host: string,
  repository: string,
  reference: string,
  bytes: Buffer,
  mediaType: string,
): Promise<void> {
  const url = `http://${host}/v2/${repository}/manifests/${reference}`;
  await expectStatus(201, url, "PUT", { "content-type": mediaType }, bytes);
}

/**
 * Requires that a repository has an image, under its tag and whole: the index with its digest, the
 * manifests and every blob with its size.
 *
 * @throws Error that names what is missing or other
 */
export async function expectImage(host: string, repository: string, image: FixtureImage): Promise<void> {
  const base = `http://${host}/v2/${repository}`;
  const accept = { accept: `${MediaType.ociIndex}, ${MediaType.ociManifest}` };
  for (const reference of [fixtureTag, ...image.manifests]) {
    const url = `${base}/manifests/${reference}`;
    const response = await fetch(url, { headers: accept });
    const bytes = Buffer.from(await response.arrayBuffer());
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const expected = reference === fixtureTag ? image.digest : reference;
    if (response.status !== 200 || digest !== expected) {
      throw new Error(`${url}: status ${response.status}, ${digest}, not ${expected}`);
    }
  }
  for (const [digest, size] of image.blobs) {
    const { headers } = await expectStatus(200, `${base}/blobs/${digest}`, "HEAD");
    if (Number(headers.get("content-length")) !== size) {
      throw new Error(`${base}/blobs/${digest}: ${headers.get("content-length")} bytes, not ${size}`);
    }
  }
}

async function expectStatus(
  status: number,
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Response> {
  const response = await fetch(url, { method, headers, ...(body ? { body: new Uint8Array(body) } : {}) });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${method} ${url}: status ${response.status} ${text}`);
  return response;
}

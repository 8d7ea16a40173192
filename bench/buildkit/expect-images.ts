import { createHash } from "node:crypto";
import { MediaType } from "../../lib/oci/media-types";
import { baseOf, imageNames, namespace, platforms, tags } from "./fixture";

/** Digests of the platforms' manifests, by image. */
export type BuiltDigests = Readonly<Record<string, readonly string[]>>;

interface Index {
  manifests: { digest: string; platform: { os: string; architecture: string } }[];
}

interface Manifest {
  config: { digest: string; size: number };
  layers: { digest: string; size: number }[];
}

/**
 * Requires that a registry has all images: each tag an index of exactly the platforms, whose
 * manifests and blobs are there, and the layers of its base first. By plain requests, of which
 * nothing is shared with either side.
 *
 * @throws Error that names what is missing or other
 */
export async function expectImages(host: string): Promise<BuiltDigests> {
  const digests: Record<string, readonly string[]> = {};
  const layers: Record<string, readonly string[][]> = {};
  for (const name of imageNames) {
    const repository = `http://${host}/v2/${namespace}/${name}`;
    const found = await Promise.all(tags.map((tag) => platformDigests(repository, tag)));
    const [first = []] = found;
    if (found.some((list) => list.join() !== first.join())) {
      throw new Error(`${repository}: the tags ${tags.join(", ")} are not of one image`);
    }
    digests[name] = first;
    layers[name] = await Promise.all(first.map((digest) => layersOf(repository, digest)));
  }
  for (const name of imageNames) {
    for (const [index, base = []] of (layers[baseOf(name) ?? ""] ?? []).entries()) {
      const own = layers[name]?.[index] ?? [];
      if (own.slice(0, base.length).join() !== base.join())
        throw new Error(`${name} for ${platforms[index]} does not start with the layers of ${baseOf(name)}`);
    }
  }
  return digests;
}

async function platformDigests(repository: string, tag: string): Promise<string[]> {
  const { manifests } = JSON.parse((await manifest(repository, tag)).toString("utf8")) as Index;
  const found = manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`);
  if (found.join() !== platforms.join())
    throw new Error(`${repository}:${tag} is for ${found.join(", ")}, not for ${platforms.join(", ")}`);
  return manifests.map(({ digest }) => digest);
}

/** Digests of the layers of an image that is whole. */
async function layersOf(repository: string, digest: string): Promise<string[]> {
  const bytes = await manifest(repository, digest);
  const actual = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (actual !== digest) throw new Error(`${repository}@${digest}: has ${actual}`);
  const { config, layers } = JSON.parse(bytes.toString("utf8")) as Manifest;
  for (const blob of [config, ...layers]) {
    const response = await fetch(`${repository}/blobs/${blob.digest}`, { method: "HEAD" });
    const size = Number(response.headers.get("content-length"));
    if (response.status !== 200 || size !== blob.size) {
      throw new Error(`${repository}: ${blob.digest}: status ${response.status}, ${size} bytes`);
    }
  }
  return layers.map((layer) => layer.digest);
}

async function manifest(repository: string, reference: string): Promise<Buffer> {
  const url = `${repository}/manifests/${reference}`;
  const response = await fetch(url, {
    headers: { accept: `${MediaType.ociIndex}, ${MediaType.ociManifest}` },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${url}: status ${response.status}`);
  return bytes;
}

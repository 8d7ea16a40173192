import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { digestOf } from "../../../../lib/oci/digest";
import { MediaType } from "../../../../lib/oci/media-types";
import { legacyReferrerTags } from "../../../../lib/oci/mirror";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor, Platform } from "../../../../lib/oci/types";
import { blobOf, drain, randomBlob, type TestBlob } from "../registry/fixtures";

/** A waiting time that tests do not feel. */
export const quickPatience = { firstMs: 5, longestMs: 20, totalMs: 400 };

/** A layer: a compressed archive of one file. */
export interface TestLayer extends TestBlob {
  /** Digest of the archive before compression. */
  diffId: string;
}

/** A layer of random content, so that its size is about the one that is asked for. */
export async function randomLayer(size: number): Promise<TestLayer> {
  const archive = pack();
  archive.entry({ name: `data/${randomBytes(4).toString("hex")}`, mtime: new Date(0) }, randomBytes(size));
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) parts.push(part);
  const bytes = Buffer.concat(parts);
  return { ...blobOf(gzipSync(bytes, { level: 0 })), diffId: digestOf(bytes) };
}

/** An image or index that was published for a test. */
export interface PublishedImage {
  digest: string;
  /** The images, in the order of the index. */
  children: Descriptor[];
  /** Everything that refers to the index or an image by `subject`: [subject, referrer]. */
  referrers: [subject: string, referrer: string][];
  /** Tags of cosign's kind and what they point to. */
  legacyTags: [tag: string, digest: string][];
  /** Digests of all manifests. */
  manifests: string[];
  /** All blobs by digest. */
  blobs: Map<string, number>;
}

/** How an image is made. */
export interface ImagePlan {
  platforms?: readonly string[];
  /** Layers of each platform. */
  layers?: readonly TestLayer[];
  /** Layers of its own that each platform has in addition. */
  ownLayerBytes?: readonly number[];
  /** Whether SBOM-like and signature-like artifacts refer to it; true unless given. */
  referrers?: boolean;
  tags?: readonly string[];
  annotations?: Record<string, string>;
}

/**
 * Publishes an index with referrers of several kinds: of the index, of an image, of a referrer, and
 * by a tag.
 */
export async function publishImage(repository: Repository, plan: ImagePlan = {}): Promise<PublishedImage> {
  const published = new ImagePublisher(repository);
  return published.publish(plan);
}

class ImagePublisher {
  private readonly manifests: string[] = [];
  private readonly blobs = new Map<string, number>();

  constructor(private readonly repository: Repository) {}

  async publish(plan: ImagePlan): Promise<PublishedImage> {
    const children: Descriptor[] = [];
    for (const text of plan.platforms ?? ["linux/amd64", "linux/arm64"]) {
      const [os = "", architecture = ""] = text.split("/");
      const own = await Promise.all((plan.ownLayerBytes ?? [20_000, 70_000]).map(randomLayer));
      children.push(await this.image({ os, architecture }, [...(plan.layers ?? []), ...own]));
    }
    const index = await this.put({
      schemaVersion: 2,
      mediaType: MediaType.ociIndex,
      manifests: children,
      annotations: { "org.example.serial": randomBytes(8).toString("hex"), ...plan.annotations },
    });
    const referrers: [string, string][] = [];
    const legacyTags: [string, string][] = [];
    if (plan.referrers !== false) {
      const refer = async (subject: Descriptor, artifactType: string) => {
        const artifact = await this.artifact(artifactType, subject);
        referrers.push([subject.digest, artifact.digest]);
        return artifact;
      };
      const sbom = await refer(index, "application/spdx+json");
      await refer(sbom, "application/vnd.example.signature");
      await refer(index, "application/vnd.example.signature");
      if (children[0]) await refer(children[0], "application/spdx+json");
      const signature = await this.artifact("application/vnd.dev.cosign.simplesigning.v1+json");
      const [tag = ""] = legacyReferrerTags(index.digest);
      await this.tag(signature.digest, tag);
      legacyTags.push([tag, signature.digest]);
    }
    for (const tag of plan.tags ?? []) await this.tag(index.digest, tag);
    const { manifests, blobs } = this;
    return { digest: index.digest, children, referrers, legacyTags, manifests, blobs };
  }

  private async image(platform: Platform, layers: readonly TestLayer[]): Promise<Descriptor> {
    const diffIds = layers.map(({ diffId }) => diffId);
    const config = blobOf(
      Buffer.from(JSON.stringify({ ...platform, rootfs: { type: "layers", diff_ids: diffIds }, config: {} })),
    );
    for (const blob of [config, ...layers]) await this.upload(blob);
    const descriptor = await this.put({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: MediaType.ociConfig, digest: config.digest, size: config.size },
      layers: layers.map(({ digest, size }) => ({ mediaType: MediaType.ociLayerGzip, digest, size })),
    });
    return { ...descriptor, platform };
  }

  private async artifact(artifactType: string, subject?: Descriptor): Promise<Descriptor> {
    const config = blobOf(Buffer.from("{}"));
    const content = randomBlob(3000);
    for (const blob of [config, content]) await this.upload(blob);
    return this.put({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      artifactType,
      config: { mediaType: MediaType.ociEmpty, digest: config.digest, size: config.size },
      layers: [{ mediaType: artifactType, digest: content.digest, size: content.size }],
      ...(subject ? { subject: plain(subject) } : {}),
      annotations: { "org.example.kind": artifactType },
    });
  }

  private async upload(blob: TestBlob): Promise<void> {
    await this.repository.putBlob(blob, blob.source);
    this.blobs.set(blob.digest, blob.size);
  }

  private async put(manifest: { mediaType: string; [field: string]: unknown }): Promise<Descriptor> {
    const descriptor = await this.repository.putManifest(
      Buffer.from(JSON.stringify(manifest)),
      manifest.mediaType,
    );
    this.manifests.push(descriptor.digest);
    return plain(descriptor);
  }

  private async tag(digest: string, tag: string): Promise<void> {
    const { bytes, descriptor } = await this.repository.getManifest(digest);
    await this.repository.putManifest(bytes, descriptor.mediaType, { tag });
  }
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/**
 * What of an image a repository does not have, or has otherwise: empty where everything is there.
 */
export async function absences(repository: Repository, image: PublishedImage): Promise<string[]> {
  const absent: string[] = [];
  for (const digest of image.manifests) {
    if (!(await repository.headManifest(digest))) absent.push(`manifest ${digest}`);
    else if (digestOf((await repository.getManifest(digest)).bytes) !== digest)
      absent.push(`bytes ${digest}`);
  }
  for (const [digest, size] of image.blobs) {
    const found = await repository.blobSize(digest);
    if (found === undefined) absent.push(`blob ${digest}`);
    else if ((await drain(await repository.getBlob({ digest, size }))).digest !== digest)
      absent.push(`content ${digest}`);
  }
  for (const [subject, referrer] of image.referrers) {
    const listed = await repository.listReferrers(subject);
    if (!listed.some(({ digest }) => digest === referrer)) absent.push(`referrer ${referrer} of ${subject}`);
  }
  for (const [tag, digest] of image.legacyTags) {
    if ((await repository.headManifest(tag))?.digest !== digest) absent.push(`tag ${tag}`);
  }
  return absent;
}

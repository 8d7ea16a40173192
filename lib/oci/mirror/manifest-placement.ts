import { isUnknownContent } from "../errors";
import type { Repository } from "../repository";
import type { Descriptor } from "../types";
import type { GraphManifest } from "./graph";
import type { BlobDescriptor } from "./manifest-links";
import { Waits, type Patience } from "./patience";

/** Interface of a placement to its delivery. */
export interface PlacementContent {
  /** A manifest of the same graph. */
  manifest(digest: string): GraphManifest | undefined;
  /** Sends a blob although it has been sent or seen before. @throws what went wrong */
  resendBlob(blob: BlobDescriptor): Promise<void>;
}

/** Puts manifests whose content is in the target, and waits until the target sees both. */
export class ManifestPlacement {
  constructor(
    private readonly target: Repository,
    private readonly content: PlacementContent,
    private readonly patience: Patience,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * Puts a manifest by its digest or, where given, under a tag. Where the registry does not see
   * content that has just been put or seen, it is looked for, sent again if it is gone, and the
   * manifest is put again, within the patience.
   *
   * @throws RegistryError
   */
  async put(
    manifest: GraphManifest,
    tag?: string,
    waits = new Waits(this.patience, this.signal),
  ): Promise<Descriptor> {
    for (;;) {
      this.signal?.throwIfAborted();
      try {
        return await this.target.putManifest(
          manifest.bytes,
          manifest.mediaType,
          tag === undefined ? {} : { tag },
        );
      } catch (error) {
        if (!isUnknownContent(error) || waits.over) throw error;
        await waits.wait();
        await this.restore(manifest, waits);
      }
    }
  }

  /**
   * Waits until a tag or digest that was put can be read.
   *
   * @throws Error where it cannot within the patience; RegistryError
   */
  async awaitVisible(reference: string, digest: string): Promise<void> {
    const waits = new Waits(this.patience, this.signal);
    for (;;) {
      this.signal?.throwIfAborted();
      const seen = await this.target.headManifest(reference);
      if (seen?.digest === digest) return;
      if (waits.over) {
        throw new Error(
          `${this.target.name} accepted ${digest}, but ${this.patience.totalMs} ms later ${reference} ` +
            `${seen ? `is ${seen.digest}` : "cannot be read there"}: if somebody else writes it too, let only one do so`,
        );
      }
      await waits.wait();
    }
  }

  /** Sends again what the target lost of a manifest's content. */
  private async restore(manifest: GraphManifest, waits: Waits): Promise<void> {
    await Promise.all([
      ...manifest.blobs.map(async (blob) => {
        const found = await this.target.blobSize(blob.digest, blob.size);
        if (found !== blob.size) await this.content.resendBlob(blob);
      }),
      ...manifest.children.map(async (digest) => {
        const child = this.content.manifest(digest);
        if (child && !(await this.target.headManifest(digest))) await this.put(child, undefined, waits);
      }),
    ]);
  }
}

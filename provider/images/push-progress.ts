import type { Descriptor } from "../../lib/oci/types";

/** Adds up what is sent of an image's blobs. Never goes back, where a blob is sent once more. */
export class PushProgress {
  private readonly sentBytes = new Map<string, number>();
  private readonly finished = new Set<string>();
  private readonly total: number;
  private most = 0;

  /** @param show told how far it is, with each change */
  constructor(
    private readonly blobs: readonly { descriptor: Descriptor }[],
    private readonly show: (text: string) => void,
  ) {
    this.total = blobs.reduce((sum, blob) => sum + blob.descriptor.size, 0);
  }

  /** Bytes sent so far of one blob. */
  sent(digest: string, bytes: number): void {
    this.sentBytes.set(digest, bytes);
    const sum = [...this.sentBytes.values()].reduce((a, b) => a + b, 0);
    this.most = Math.max(this.most, sum);
    const share = this.total === 0 ? 100 : Math.floor((this.most / this.total) * 100);
    this.show(
      `pushing ${megabytes(this.most)} of ${megabytes(this.total)} MB (${share} %), ${this.finished.size} of ${this.blobs.length} blobs done`,
    );
  }

  /** One blob is in the registry. */
  done(digest: string): void {
    this.finished.add(digest);
    this.sent(digest, this.blobs.find((blob) => blob.descriptor.digest === digest)?.descriptor.size ?? 0);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

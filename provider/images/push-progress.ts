import type { BlobTransfer } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";

/** Least time between two status lines, in milliseconds: the engine's display is for people. */
const intervalMilliseconds = 500;

/** Adds up what is sent of an image's blobs, and says so now and then. */
export class PushProgress {
  private readonly sentBytes = new Map<string, number>();
  private readonly transfers: BlobTransfer[] = [];
  private readonly total: number;
  private lastShown = 0;

  constructor(
    private readonly blobs: readonly { descriptor: Descriptor }[],
    private readonly show: (text: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.total = blobs.reduce((sum, blob) => sum + blob.descriptor.size, 0);
  }

  /** Bytes sent so far of one blob. */
  sent(digest: string, bytes: number): void {
    this.sentBytes.set(digest, bytes);
    const time = this.now();
    if (time - this.lastShown < intervalMilliseconds) return;
    this.lastShown = time;
    const sum = [...this.sentBytes.values()].reduce((a, b) => a + b, 0);
    const share = this.total === 0 ? 100 : Math.floor((sum / this.total) * 100);
    this.show(
      `pushing ${megabytes(sum)} of ${megabytes(this.total)} MB (${share} %), ${this.transfers.length} of ${this.blobs.length} blobs done`,
    );
  }

  /** One blob is in the registry. */
  done(digest: string, transfer: BlobTransfer): void {
    const size = this.blobs.find((blob) => blob.descriptor.digest === digest)?.descriptor.size ?? 0;
    this.sentBytes.set(digest, size);
    this.transfers.push(transfer);
  }

  /** Returns how the blobs came there, e.g. `2 uploaded, 1 present`. */
  summary(): string {
    const kinds: BlobTransfer[] = ["uploaded", "mounted", "present"];
    return kinds
      .map((kind) => ({ kind, count: this.transfers.filter((transfer) => transfer === kind).length }))
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${count} ${kind}`)
      .join(", ");
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

import type { BlobTransfer } from "../repository";

/** Time between two reports while bytes flow, in milliseconds. */
const reportIntervalMs = 100;

/** How far a mirror is. Numbers can go back where a transfer was interrupted. */
export interface MirrorProgress {
  /** Name of the repository that is written to. */
  target: string;
  /** Bytes of blobs sent. */
  sentBytes: number;
  /** Bytes of blobs to send: all but those found in the target, or mounted there, so far. */
  totalBytes: number;
  blobsDone: number;
  blobsTotal: number;
}

/** Adds up the progress of the blobs of one mirror. */
export class ProgressMeter {
  private readonly sent = new Map<string, number>();
  private totalBytes: number;
  private sentBytes = 0;
  private blobsDone = 0;
  private reportedAt = 0;

  constructor(
    private readonly target: string,
    private readonly blobs: readonly { size: number }[],
    private readonly onProgress?: (progress: MirrorProgress) => void,
  ) {
    this.totalBytes = blobs.reduce((sum, { size }) => sum + size, 0);
  }

  /** Notes how many bytes of a blob have been sent. */
  advance(digest: string, sentBytes: number): void {
    this.sentBytes += sentBytes - (this.sent.get(digest) ?? 0);
    this.sent.set(digest, sentBytes);
    if (Date.now() - this.reportedAt >= reportIntervalMs) this.report();
  }

  /** Notes that a blob is in the target, and how it came there. */
  finish(digest: string, size: number, transfer: BlobTransfer): void {
    this.blobsDone += 1;
    if (transfer !== "uploaded") this.totalBytes -= size;
    this.sentBytes += (transfer === "uploaded" ? size : 0) - (this.sent.get(digest) ?? 0);
    this.sent.delete(digest);
    this.report();
  }

  private report(): void {
    this.reportedAt = Date.now();
    this.onProgress?.({
      target: this.target,
      sentBytes: this.sentBytes,
      totalBytes: this.totalBytes,
      blobsDone: this.blobsDone,
      blobsTotal: this.blobs.length,
    });
  }
}

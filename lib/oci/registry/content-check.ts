import { createHash } from "node:crypto";
import { DigestMismatchError } from "../errors";
import type { Descriptor } from "../types";

/**
 * Checks content against its digest and size while it goes by. Bytes that come a second time, after
 * an interruption, are skipped.
 */
export class ContentCheck {
  private hash = createHash("sha256");
  private position = 0;

  /** @param artifact what is checked, and where, for messages */
  constructor(
    private readonly artifact: string,
    private readonly descriptor: Pick<Descriptor, "digest" | "size">,
  ) {}

  /**
   * Takes the bytes that start at `offset`.
   *
   * @throws DigestMismatchError once there are more bytes than the size says
   */
  take(offset: number, bytes: Uint8Array): void {
    if (offset > this.position)
      throw new RangeError(`content from ${this.position} to ${offset} was not seen`);
    const end = offset + bytes.length;
    if (end > this.descriptor.size) throw this.wrongSize(`at least ${end} bytes`);
    if (end <= this.position) return;
    this.hash.update(bytes.subarray(this.position - offset));
    this.position = end;
  }

  /**
   * Says that the content has ended.
   *
   * @throws DigestMismatchError
   */
  finish(): void {
    const { digest, size } = this.descriptor;
    if (this.position !== size) throw this.wrongSize(`${this.position} bytes`);
    const actual = `sha256:${this.hash.copy().digest("hex")}`;
    if (actual !== digest) throw new DigestMismatchError(this.artifact, digest, actual);
  }

  private wrongSize(actual: string): DigestMismatchError {
    const { digest, size } = this.descriptor;
    return new DigestMismatchError(this.artifact, `${size} bytes of ${digest}`, actual);
  }
}

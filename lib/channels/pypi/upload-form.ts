import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { CoreMetadata } from "./core-metadata";
import type { DistributionFile } from "./distribution-file";

/** Bytes of a file that are read at once. */
const pieceBytes = 256 * 1024;

/** A file that is uploaded, with what is said of it. */
export interface UploadedFile {
  /** Path on this machine. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** `sha256:HEX`. */
  readonly digest: string;
  readonly file: DistributionFile;
  readonly metadata: CoreMetadata;
}

/**
 * The legacy upload form of an index with a file in it, as a stream: memory does not grow with the
 * size of the file. Source: docs.pypi.org/api/upload, and RFC 7578.
 */
export class UploadForm {
  readonly contentType: string;
  /** Size in bytes. */
  readonly length: number;
  private readonly before: Buffer;
  private readonly after: Buffer;
  private hash = createHash("sha256");

  constructor(private readonly uploaded: UploadedFile) {
    const { digest, file, size } = uploaded;
    const boundary = `slipway-${digest.slice("sha256:".length)}`;
    this.contentType = `multipart/form-data; boundary=${boundary}`;
    const part = (disposition: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
    const fields = fieldsOf(uploaded).map(([name, value]) => `${part(`name="${name}"`)}\r\n${value}\r\n`);
    const content =
      part(`name="content"; filename="${file.name}"`) + "content-type: application/octet-stream\r\n\r\n";
    this.before = Buffer.from(fields.join("") + content, "utf8");
    this.after = Buffer.from(`\r\n--${boundary}--\r\n`, "utf8");
    this.length = this.before.length + size + this.after.length;
  }

  /** Digest of the file as the last try sent it, whole or not. */
  get sentDigest(): string {
    return `sha256:${this.hash.copy().digest("hex")}`;
  }

  /** The form from its start; for every try anew. */
  open(): Readable {
    return Readable.from(this.pieces(), { objectMode: false });
  }

  private async *pieces(): AsyncGenerator<Buffer> {
    const hash = createHash("sha256");
    this.hash = hash;
    yield this.before;
    const content = createReadStream(this.uploaded.path, { highWaterMark: pieceBytes });
    for await (const piece of content as AsyncIterable<Buffer>) {
      hash.update(piece);
      yield piece;
    }
    yield this.after;
  }
}

function fieldsOf({ digest, file, metadata }: UploadedFile): [string, string][] {
  return [
    [":action", "file_upload"],
    ["protocol_version", "1"],
    ["filetype", file.type],
    ["pyversion", file.pythonVersion],
    ["sha256_digest", digest.slice("sha256:".length)],
    ...metadata.fields.map(([field, value]): [string, string] => [field, value]),
  ];
}

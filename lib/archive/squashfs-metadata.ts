/** Bytes of a metadata block before it is compressed. */
const metadataBlock = 8192;
/** In the header of a block: it is stored as it is. */
const stored = 0x8000;

/** A table of a squashfs: metadata in blocks of one size, each with its compressed size before it. */
export class MetadataWriter {
  private readonly blocks: Buffer[] = [];
  private written = 0;
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly compressed: (bytes: Uint8Array) => Uint8Array) {}

  /** Where what is written next begins: of its block in the table, and in that once it is unpacked. */
  place(): { block: number; offset: number } {
    return { block: this.written, offset: this.rest.length };
  }

  write(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= metadataBlock) {
      this.add(this.rest.subarray(0, metadataBlock));
      this.rest = this.rest.subarray(metadataBlock);
    }
  }

  /** The table, to which nothing is added any more. */
  finish(): Buffer {
    if (this.rest.length > 0) this.add(this.rest);
    this.rest = Buffer.alloc(0);
    return Buffer.concat(this.blocks);
  }

  private add(block: Buffer): void {
    const small = this.compressed(block);
    const isSmaller = small.length < block.length;
    const content = isSmaller ? small : block;
    const header = Buffer.alloc(2);
    header.writeUInt16LE(isSmaller ? content.length : stored + content.length);
    this.blocks.push(header, Buffer.from(content));
    this.written += header.length + content.length;
  }
}

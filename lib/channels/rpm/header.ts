/** Types of values in a header (RPM format, "Header Structure"). */
const types = { int16: 3, int32: 4, string: 6, bin: 7, stringArray: 8, i18nString: 9 } as const;

/** A value of a header, by its tag. */
export type HeaderValue =
  | { readonly type: "int16" | "int32"; readonly value: readonly number[] }
  | { readonly type: "string" | "i18nString"; readonly value: string }
  | { readonly type: "stringArray"; readonly value: readonly string[] }
  | { readonly type: "bin"; readonly value: Uint8Array };

/** Values by tag. Arrays without members are left out: no header may have one. */
export type HeaderValues = ReadonlyMap<number, HeaderValue>;

const headerMagic = Buffer.from([0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0]);
const entrySize = 16;

/**
 * A header: an index sorted by tag, and a store. The first entry is a region, which says that all
 * others are as they were when the package was built; its trailer ends the store.
 *
 * Source: RPM format v4 (rpm.org, manual/format_v4, "Header Structure", "Immutable regions").
 *
 * @param region tag of the region: 62 for signatures, 63 for a package
 */
export function rpmHeader(region: number, values: HeaderValues): Buffer {
  const sorted = [...values].filter(([, { value }]) => value.length > 0 || typeof value === "string");
  sorted.sort(([a], [b]) => a - b);
  const entries: Buffer[] = [];
  const store: Buffer[] = [];
  let size = 0;
  for (const [tag, value] of sorted) {
    const { count, bytes, alignment } = stored(value);
    const padding = Buffer.alloc((alignment - (size % alignment)) % alignment);
    entries.push(entry(tag, types[value.type], size + padding.length, count));
    store.push(padding, bytes);
    size += padding.length + bytes.length;
  }
  const indexSize = (entries.length + 1) * entrySize;
  const trailer = entry(region, types.bin, -indexSize, entrySize);
  const first = entry(region, types.bin, size, entrySize);
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(entries.length + 1, 0);
  sizes.writeUInt32BE(size + trailer.length, 4);
  return Buffer.concat([headerMagic, sizes, first, ...entries, ...store, trailer]);
}

function entry(tag: number, type: number, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(entrySize);
  bytes.writeUInt32BE(tag, 0);
  bytes.writeUInt32BE(type, 4);
  bytes.writeInt32BE(offset, 8);
  bytes.writeUInt32BE(count, 12);
  return bytes;
}

function stored(value: HeaderValue): { count: number; bytes: Buffer; alignment: number } {
  switch (value.type) {
    case "int16":
    case "int32": {
      const width = value.type === "int16" ? 2 : 4;
      const bytes = Buffer.alloc(value.value.length * width);
      for (const [index, number] of value.value.entries()) bytes.writeUIntBE(number, index * width, width);
      return { count: value.value.length, bytes, alignment: width };
    }
    case "string":
    case "i18nString":
      return { count: 1, bytes: Buffer.from(`${value.value}\0`, "utf8"), alignment: 1 };
    case "stringArray": {
      const bytes = Buffer.from(value.value.map((text) => `${text}\0`).join(""), "utf8");
      return { count: value.value.length, bytes, alignment: 1 };
    }
    case "bin":
      return { count: value.value.length, bytes: Buffer.from(value.value), alignment: 1 };
  }
}

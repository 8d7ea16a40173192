import type { LayerEntry } from "../../oci/layer/entry";
import { readSize } from "../../oci/layer/file-content";
import { entryContent } from "../../oci/layer/tar";

const fileTypes: Readonly<Record<LayerEntry["type"], number>> = {
  file: 0o100000,
  symlink: 0o120000,
  directory: 0o040000,
};

/** Type and permission bits of an entry, as `stat` has them. */
export function statMode({ type, mode }: Pick<LayerEntry, "type" | "mode">): number {
  return fileTypes[type] | (type === "symlink" ? 0o777 : mode);
}

/** Bytes of an entry's content, the target of a link included. */
export function contentSize({ type, size, linkname = "" }: LayerEntry): number {
  return type === "symlink" ? Buffer.byteLength(linkname) : size;
}

/**
 * Entries as a cpio archive, the payload of a package.
 *
 * Source: cpio(5), "New ASCII Format".
 *
 * @throws DigestMismatchError where a file is no longer what its entry says
 */
export async function* cpioStream(entries: readonly LayerEntry[]): AsyncGenerator<Buffer, void, undefined> {
  const buffer = Buffer.allocUnsafeSlow(readSize);
  for (const [index, entry] of entries.entries()) {
    const size = contentSize(entry);
    yield header(`.${entry.path}`, index + 1, statMode(entry), size);
    if (entry.type === "symlink") yield Buffer.from(entry.linkname ?? "", "utf8");
    else if (entry.content) yield* entryContent(entry, entry.content, buffer);
    yield padding(size);
  }
  yield header("TRAILER!!!", 0, 0, 0);
}

function header(name: string, inode: number, mode: number, size: number): Buffer {
  const named = Buffer.from(`${name}\0`, "utf8");
  const [uid, gid, links, time, device, rawDevice, check] = [0, 0, 1, 0, 0, 0, 0];
  const fields = [
    inode,
    mode,
    uid,
    gid,
    links,
    time,
    size,
    device,
    device,
    rawDevice,
    rawDevice,
    named.length,
    check,
  ];
  const text = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  const bytes = Buffer.concat([Buffer.from(`070701${text}`, "latin1"), named]);
  return Buffer.concat([bytes, padding(bytes.length)]);
}

function padding(size: number): Buffer {
  return Buffer.alloc((4 - (size % 4)) % 4);
}

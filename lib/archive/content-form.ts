import { gunzip } from "../oci/layer/gzip-decompression";
import { unzstd } from "../oci/layer/zstd-decompression";
import { unbzip2 } from "./bzip2";
import { unxz } from "./xz";

/** How files of releases are packed. The names are those of their endings. */
export type ContentForm = "gz" | "zst" | "xz" | "bz2" | "zip" | "tar";

/** Bytes from the start of a content that tell its form: a header of tar. */
export const formBytes = 512;

/** First bytes of forms, in hexadecimal. */
const beginnings: readonly (readonly [bytes: string, form: ContentForm])[] = [
  ["1f8b", "gz"],
  ["28b52ffd", "zst"],
  ["fd377a585a00", "xz"],
  ["504b0304", "zip"],
  ["504b0506", "zip"],
];

/** First bytes of forms that are not read, in hexadecimal. */
const unread: readonly (readonly [bytes: string, name: string])[] = [
  ["377abcaf271c", "a 7z archive"],
  ["526172211a07", "a rar archive"],
  ["4c5a4950", "packed by lzip"],
  ["04224d18", "packed by lz4"],
  ["1f9d", "packed by compress"],
  ["213c617263683e0a", "an ar archive, as Debian packages are"],
  ["edabeedb", "an RPM package"],
  ["4d534346", "a cabinet"],
  ["78617221", "a xar archive, as macOS packages are"],
];

/** Endings of names that promise files in an archive. */
const archiveEnding = /\.(?:tar(?:\.(?:gz|zst|xz|bz2))?|tgz|tzst|txz|tbz2?|zip)$/i;

/** Returns whether a name says that there are several files in it. */
export function isArchiveName(name: string): boolean {
  return archiveEnding.test(name);
}

/** Form of a content by its first bytes; undefined for a file as it is. */
export function formOf(head: Buffer): ContentForm | undefined {
  const found = beginnings.find(([bytes]) => startsWith(head, bytes))?.[1];
  if (found !== undefined) return found;
  if (/^BZh[1-9]/.test(head.toString("latin1", 0, 4))) return "bz2";
  return isTarHeader(head) ? "tar" : undefined;
}

/** What a content is by its first bytes, in words, where it is of a form that is not read. */
export function unreadForm(head: Buffer): string | undefined {
  return unread.find(([bytes]) => startsWith(head, bytes))?.[1];
}

/** Content without the compression of a form; undefined for forms that are archives. */
export function unpack(
  form: ContentForm,
  source: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> | undefined {
  switch (form) {
    case "gz":
      return gunzip(source);
    case "zst":
      return unzstd(source);
    case "xz":
      return unxz(source);
    case "bz2":
      return unbzip2(source);
    case "tar":
    case "zip":
      return undefined;
  }
}

/** The first bytes of a stream, as many as were asked for unless there are fewer; the rest is not read. */
export async function headOf(source: AsyncIterable<Uint8Array>, size: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    // A copy: what a stream has given can be valid until the next is asked for only.
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length >= size) break;
  }
  return Buffer.concat(chunks).subarray(0, size);
}

/**
 * A header whose own checksum is right: of POSIX and GNU, and of the tar before them, which has no
 * magic number.
 */
function isTarHeader(head: Buffer): boolean {
  if (head.length < formBytes || head[0] === 0) return false;
  const declared = Number.parseInt(head.toString("latin1", 148, 156).replace(/[\0 ]+/g, ""), 8);
  let sum = 8 * 0x20;
  for (const [index, byte] of head.entries()) if (index < 148 || index >= 156) sum += byte;
  return declared === sum;
}

function startsWith(head: Buffer, bytes: string): boolean {
  return head.toString("hex", 0, bytes.length / 2) === bytes;
}

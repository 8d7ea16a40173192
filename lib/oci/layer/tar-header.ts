import type { LayerEntry } from "./entry";

/** Size of a tar block, in bytes. */
export const tarBlock = 512;

/** What a header says of an entry, and of what goes before one: extended records, and GNU's long names. */
type HeaderType = LayerEntry["type"] | "pax" | "long-name" | "long-link";

const typeFlags: Readonly<Record<HeaderType, string>> = {
  file: "0",
  symlink: "2",
  directory: "5",
  pax: "x",
  "long-name": "L",
  "long-link": "K",
};

/**
 * Largest values of the octal fields of a ustar header: 7 digits for an owner, 11 for size and
 * time.
 */
const maximumOwner = 0o7777777;
const maximumSize = 0o77777777777;

/** Name of the entry that holds extended records; readers that know them never show it. */
const paxName = "PaxHeader";

/** Name that GNU tar gives the entry with a long name (tar/header.h). */
const longLinkName = "././@LongLink";

/**
 * The header of an entry: a ustar header, and before it a header with PAX records for what does not
 * fit in one: names and link targets of more than 100 bytes or with other characters than ASCII,
 * sizes of 8 GiB and more, owners above
 * 2097151. User and group names are empty.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
 *
 * @param mtimeSeconds modification time in seconds since 1970, whole
 * @param more records of other programs, e.g. `APK-TOOLS.checksum.SHA1`
 */
export function tarHeader(
  entry: LayerEntry,
  mtimeSeconds: number,
  more: readonly (readonly [key: string, value: string])[] = [],
): Buffer {
  const name = `${entry.path.slice(1)}${entry.type === "directory" ? "/" : ""}`;
  const linkname = entry.linkname ?? "";
  const records = [...more];
  if (!fitsName(name)) records.push(["path", name]);
  if (!fitsName(linkname)) records.push(["linkpath", linkname]);
  if (entry.size > maximumSize) records.push(["size", String(entry.size)]);
  if (entry.uid > maximumOwner) records.push(["uid", String(entry.uid)]);
  if (entry.gid > maximumOwner) records.push(["gid", String(entry.gid)]);
  const header = ustarHeader({
    name: plainName(name),
    type: entry.type,
    mode: entry.mode,
    uid: entry.uid > maximumOwner ? 0 : entry.uid,
    gid: entry.gid > maximumOwner ? 0 : entry.gid,
    size: entry.size > maximumSize ? 0 : entry.size,
    linkname: plainName(linkname),
    mtimeSeconds,
  });
  if (records.length === 0) return header;
  const body = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(""), "utf8");
  const paxHeader = ustarHeader({
    name: paxName,
    type: "pax",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    linkname: "",
    mtimeSeconds,
  });
  return Buffer.concat([paxHeader, body, tarPadding(body.length), header]);
}

/**
 * The same for readers that know GNU's long names and no PAX records, as dpkg: names and link
 * targets that do not fit in a ustar header are entries of their own before it.
 *
 * Source: GNU tar, header.h, "GNUTYPE_LONGNAME" and "GNUTYPE_LONGLINK"; dpkg, lib/dpkg/tarfn.c.
 *
 * @throws RangeError for a size or an owner that the header cannot hold
 */
export function gnuTarHeader(entry: LayerEntry, mtimeSeconds: number): Buffer {
  if (entry.size > maximumSize || entry.uid > maximumOwner || entry.gid > maximumOwner) {
    throw new RangeError(
      `${entry.path} has a size or an owner that a tar header without extensions cannot hold`,
    );
  }
  const name = `${entry.path.slice(1)}${entry.type === "directory" ? "/" : ""}`;
  const linkname = entry.linkname ?? "";
  const plain = ustarHeader({
    ...entry,
    name: plainName(name),
    linkname: plainName(linkname),
    mtimeSeconds,
  });
  return Buffer.concat([
    ...(fitsName(name) ? [] : longEntry("long-name", name)),
    ...(fitsName(linkname) ? [] : longEntry("long-link", linkname)),
    plain,
  ]);
}

function longEntry(type: HeaderType, text: string): Buffer[] {
  const content = Buffer.from(`${text}\0`, "utf8");
  const header = ustarHeader({
    name: longLinkName,
    type,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    linkname: "",
    mtimeSeconds: 0,
  });
  return [header, content, tarPadding(content.length)];
}

/** The zeros that fill content of a size to a whole number of blocks. */
export function tarPadding(size: number): Buffer {
  return zeros.subarray(0, (tarBlock - (size % tarBlock)) % tarBlock);
}

/** The two blocks of zeros at the end of an archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * tarBlock);

const zeros = Buffer.alloc(tarBlock);

interface UstarFields {
  name: string;
  type: HeaderType;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  linkname: string;
  mtimeSeconds: number;
}

function ustarHeader(fields: UstarFields): Buffer {
  const block = Buffer.alloc(tarBlock);
  block.write(fields.name, 0, 100, "latin1");
  block.write(octal(fields.mode, 7), 100, "latin1");
  block.write(octal(fields.uid, 7), 108, "latin1");
  block.write(octal(fields.gid, 7), 116, "latin1");
  block.write(octal(fields.size, 11), 124, "latin1");
  block.write(octal(fields.mtimeSeconds, 11), 136, "latin1");
  block.fill(" ", 148, 156);
  block.write(typeFlags[fields.type], 156, "latin1");
  block.write(fields.linkname, 157, 100, "latin1");
  block.write("ustar\0" + "00", 257, "latin1");
  block.write(octal(0, 7), 329, "latin1");
  block.write(octal(0, 7), 337, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/**
 * Returns whether a name can stand in a ustar header as it is: up to 100 printable ASCII
 * characters.
 */
function fitsName(name: string): boolean {
  return /^[ -~]{0,100}$/.test(name);
}

/** Returns what a reader without PAX sees of a name. */
function plainName(name: string): string {
  return name.replace(/[^ -~]/g, "_").slice(0, 100);
}

/** A record: its own length in bytes, decimal, then key and value. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restLength = Buffer.byteLength(rest, "utf8");
  let length = restLength + String(restLength).length;
  length = restLength + String(length).length;
  return `${length}${rest}`;
}

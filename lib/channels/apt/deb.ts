import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { digestOf } from "../../oci/digest";
import { compressedPieces } from "../../oci/layer/compressed-pieces";
import type { LayerEntry } from "../../oci/layer/entry";
import { hashFile, readSize } from "../../oci/layer/file-content";
import { layerRecipe } from "../../oci/layer/recipe";
import { entryContent, tarStream } from "../../oci/layer/tar";
import { gnuTarHeader } from "../../oci/layer/tar-header";
import { arHeader, arMagic, arPadding } from "./ar";
import { controlText, type DebianControl } from "./control";
import { maintainerScripts, type MaintainerScript } from "./maintainer-scripts";

/** Everything that decides the bytes of a package. */
export interface DebianPackage {
  readonly control: DebianControl;
  /** What it installs, with the folders that it is in, sorted. */
  readonly entries: readonly LayerEntry[];
  /** Paths among them that dpkg keeps as the user has changed them. */
  readonly conffiles: readonly string[];
  readonly scripts: Partial<Record<MaintainerScript, string>>;
}

/** The package that was made. */
export interface WrittenPackage {
  readonly digest: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Raised whenever another release makes other bytes of the same package. */
const formatVersion = 1;

/** A digest of everything that decides the bytes of a package, without reading its files. */
export function packageRecipe(declared: DebianPackage): string {
  const { conffiles, scripts, entries } = declared;
  const content = layerRecipe(entries, "gzip");
  return digestOf(
    JSON.stringify({ debian: formatVersion, control: packageControl(declared), conffiles, scripts, content }),
  );
}

/** The `control` file of a package. @throws ChannelError */
export function packageControl({ control, entries }: DebianPackage): string {
  return controlText(control, installedSize(entries));
}

/**
 * Writes a package to a new file. Its bytes follow from what is declared alone: members and files
 * have no times, root owns them, and the compressor does not depend on the machine. Memory holds a
 * few pieces, however large the content is.
 *
 * Source: deb(5); Debian policy, appendix B.
 *
 * @throws DigestMismatchError where a source changed after it was hashed
 * @throws RangeError for content that the format cannot hold
 */
export async function writeDebianPackage(
  path: string,
  declared: DebianPackage,
  signal?: AbortSignal,
): Promise<WrittenPackage> {
  const file = await open(path, "wx");
  let size: number;
  try {
    const start = Buffer.concat([arMagic, arHeader("debian-binary", 4), Buffer.from("2.0\n", "latin1")]);
    await file.writeFile(start);
    const control = await controlEntries(declared);
    const controlEnd = await writeTar(file, start.length, "control.tar.gz", control, signal);
    size = await writeTar(file, controlEnd, "data.tar.gz", dottedEntries(declared.entries), signal);
  } finally {
    await file.close();
  }
  return { digest: (await hashFile(path)).digest, size };
}

/** @returns where the member ends */
async function writeTar(
  file: FileHandle,
  start: number,
  name: string,
  entries: readonly LayerEntry[],
  signal: AbortSignal | undefined,
): Promise<number> {
  // Its size is known afterwards, and has its place before it.
  const header = arHeader(name, 0).length;
  let end = start + header;
  for await (const piece of compressedPieces(tarStream(entries, 0, gnuTarHeader), "gzip", signal)) {
    await file.write(piece, 0, piece.length, end);
    end += piece.length;
  }
  const size = end - start - header;
  await file.write(arHeader(name, size), 0, header, start);
  const padding = arPadding(size);
  await file.write(padding, 0, padding.length, end);
  return end + padding.length;
}

async function controlEntries(declared: DebianPackage): Promise<LayerEntry[]> {
  const { conffiles, scripts } = declared;
  const files: [name: string, text: string, mode: number][] = [
    ["control", packageControl(declared), 0o644],
    ["md5sums", await md5sums(declared.entries), 0o644],
  ];
  if (conffiles.length > 0) files.push(["conffiles", conffiles.map((path) => `${path}\n`).join(""), 0o644]);
  for (const script of maintainerScripts) {
    const text = scripts[script];
    if (text !== undefined) files.push([script, text, 0o755]);
  }
  const entries = files
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text, mode]) => textEntry(`/${name}`, text, mode));
  return dottedEntries(entries);
}

function textEntry(path: string, text: string, mode: number): LayerEntry {
  const bytes = Buffer.from(text, "utf8");
  return {
    path,
    type: "file",
    mode,
    uid: 0,
    gid: 0,
    size: bytes.length,
    digest: digestOf(bytes),
    content: { bytes },
  };
}

/** Names begin with `./`, and the root is an entry, as dpkg-deb writes them. */
function dottedEntries(entries: readonly LayerEntry[]): LayerEntry[] {
  const root: LayerEntry = { path: "/.", type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0 };
  return [root, ...entries.map((entry) => ({ ...entry, path: `/.${entry.path}` }))];
}

/** For `dpkg --verify`: MD5 is what dpkg knows here, and decides nothing. */
async function md5sums(entries: readonly LayerEntry[]): Promise<string> {
  const lines: string[] = [];
  const buffer = Buffer.allocUnsafeSlow(readSize);
  for (const entry of entries) {
    if (entry.type !== "file" || !entry.content) continue;
    const hash = createHash("md5");
    for await (const piece of entryContent(entry, entry.content, buffer)) hash.update(piece);
    lines.push(`${hash.digest("hex")}  ${entry.path.slice(1)}\n`);
  }
  return lines.join("");
}

/** In KiB, each file rounded up, and one for each other entry (deb-substvars(5)). */
function installedSize(entries: readonly LayerEntry[]): number {
  return entries.reduce((sum, { type, size }) => sum + (type === "file" ? Math.ceil(size / 1024) : 1), 0);
}

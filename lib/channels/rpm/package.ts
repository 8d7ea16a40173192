import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson } from "../../oci/canonical-json";
import { digestHex, digestOf } from "../../oci/digest";
import { compressedPieces } from "../../oci/layer/compressed-pieces";
import type { LayerEntry } from "../../oci/layer/entry";
import { hashFile } from "../../oci/layer/file-content";
import { layerRecipe } from "../../oci/layer/recipe";
import type { SigningKey } from "../openpgp/signing-key";
import { contentSize, cpioStream, statMode } from "./cpio";
import type { RpmDescription } from "./description";
import { rpmHeader, type HeaderValue } from "./header";
import { rpmRelations, type Comparison, type RpmRelation, type RpmRelationKind } from "./relation";
import { rpmScripts, type RpmScriptName, type RpmScripts } from "./scripts";

/** Everything that decides the bytes of a package but its key. */
export interface RpmPackage {
  readonly description: RpmDescription;
  /** Files and links that it installs, sorted. */
  readonly entries: readonly LayerEntry[];
  /** Paths among them that an upgrade keeps as the user has changed them. */
  readonly configFiles: readonly string[];
  readonly scripts: RpmScripts;
}

/** The package that was made. */
export interface WrittenRpm {
  readonly digest: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Raised whenever another release makes other bytes of the same package. */
const formatVersion = 1;

/** Flags of relations (rpmds.h). */
const comparisons: Readonly<Record<Comparison, number>> = { "<": 2, ">": 4, "=": 8, "<=": 10, ">=": 12 };
const rpmlibFlags = 0x0100_000a;
/** Kept on an upgrade as the user has changed it: `%config(noreplace)` (rpmfiles.h). */
const configFlags = 1 | 16;

/** What rpm itself has to know, by the rpm that learned it (rpmds.c). */
const everyRequires: readonly RpmRelation[] = [
  { name: "rpmlib(CompressedFileNames)", version: "3.0.4-1" },
  { name: "rpmlib(FileDigests)", version: "4.6.0-1" },
  { name: "rpmlib(PayloadFilesHavePrefix)", version: "4.0-1" },
];
const tildeRequires: RpmRelation = { name: "rpmlib(TildeInVersions)", version: "4.10.0-1" };

/** Tags of relations (rpmtag.h): names, flags, versions. */
const relationTags: Readonly<Record<RpmRelationKind, readonly [number, number, number]>> = {
  provides: [1047, 1112, 1113],
  requires: [1049, 1048, 1050],
  conflicts: [1054, 1053, 1055],
  obsoletes: [1090, 1114, 1115],
  recommends: [5046, 5048, 5047],
  suggests: [5049, 5051, 5050],
  supplements: [5052, 5054, 5053],
  enhances: [5055, 5057, 5056],
};

/** Tags of scripts (rpmtag.h): text, interpreter; and what the interpreter is needed for (rpmds.h). */
const scriptTags: Readonly<
  Record<RpmScriptName, readonly [text: number, interpreter: number, need: number]>
> = {
  pre: [1023, 1085, 0x200],
  post: [1024, 1086, 0x400],
  preun: [1025, 1087, 0x800],
  postun: [1026, 1088, 0x1000],
};
/** Who runs a script: found out, not declared (rpmds.h). */
const interpreterFlag = 0x100;

/** Lead of a package (format v4): rpm looks at its magic and major version only. */
function lead({ name, version, release }: RpmDescription): Buffer {
  const bytes = Buffer.alloc(96);
  bytes.set([0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1]);
  bytes.write(`${name}-${version}-${release}`.slice(0, 65), 10, "utf8");
  bytes.writeUInt16BE(1, 76);
  bytes.writeUInt16BE(5, 78);
  return bytes;
}

/** A digest of everything that decides the bytes of a package, without reading its files. */
export async function rpmRecipe(declared: RpmPackage, key: SigningKey): Promise<string> {
  const { description, configFiles, entries, scripts } = declared;
  const signature = { fingerprint: key.fingerprint, time: (await key.earliest()).toISOString() };
  const content = layerRecipe(entries, "gzip");
  return digestOf(
    canonicalJson({
      rpm: formatVersion,
      description,
      configFiles,
      content,
      signature,
      // Packages without any are what they were before there were scripts.
      ...(Object.keys(scripts).length > 0 && { scripts }),
    }),
  );
}

/** Everything that it has of itself, which others can need. */
export function ownProvides({ name, version, release }: RpmDescription): RpmRelation {
  return { name, comparison: "=", version: `${version}-${release}` };
}

/** Bytes that entries take where they are installed. */
export function installedSize(entries: readonly LayerEntry[]): number {
  return entries.reduce((sum, entry) => sum + contentSize(entry), 0);
}

/**
 * Writes a signed package to a new file. Its bytes follow from what is declared and the key: the
 * signature has the earliest time that the key can have signed at.
 *
 * Source: RPM format v4 (rpm.org, manual/format_v4).
 *
 * @throws DigestMismatchError where a source changed after it was hashed
 */
export async function writeRpm(
  file: string,
  declared: RpmPackage,
  key: SigningKey,
  signal?: AbortSignal,
): Promise<WrittenRpm> {
  const temporary = `${file}.payload`;
  try {
    const payload = await writePayload(temporary, declared.entries, signal);
    const { description } = declared;
    const header = rpmHeader(63, headerValues(declared, payload));
    const signature = rpmHeader(62, await signatureValues(header, payload, key));
    const padding = Buffer.alloc((8 - (signature.length % 8)) % 8);
    const start = Buffer.concat([lead(description), signature, padding]);
    await pipeline(
      async function* () {
        yield start;
        yield header;
        yield* createReadStream(temporary);
      },
      createWriteStream(file, { flags: "wx" }),
    );
    const { digest } = await hashFile(file);
    return { digest, size: start.length + header.length + payload.size };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The compressed content of a package. */
interface Payload {
  readonly size: number;
  readonly sha256: string;
  /** Before compression. */
  readonly plainSize: number;
  readonly plainSha256: string;
}

async function writePayload(
  file: string,
  entries: readonly LayerEntry[],
  signal: AbortSignal | undefined,
): Promise<Payload> {
  const [plain, compressed] = [createHash("sha256"), createHash("sha256")];
  let [plainSize, size] = [0, 0];
  const counted = (async function* () {
    for await (const piece of cpioStream(entries)) {
      plain.update(piece);
      plainSize += piece.length;
      yield piece;
    }
  })();
  const output = await open(file, "wx");
  try {
    for await (const piece of compressedPieces(counted, "gzip", signal)) {
      compressed.update(piece);
      size += piece.length;
      await output.writeFile(piece);
    }
  } finally {
    await output.close();
  }
  if (plainSize > largestNumber || size > largestNumber) {
    throw new RangeError(`the package has ${plainSize} bytes: rpm's format here holds ${largestNumber}`);
  }
  return { size, sha256: compressed.digest("hex"), plainSize, plainSha256: plain.digest("hex") };
}

const largestNumber = 0xffff_ffff;

async function signatureValues(
  header: Buffer,
  payload: Payload,
  key: SigningKey,
): Promise<Map<number, HeaderValue>> {
  const signature = await key.packet(header, await key.earliest());
  return new Map<number, HeaderValue>([
    [key.kind === "rsa" ? 268 : 267, { type: "bin", value: signature }],
    [269, { type: "string", value: createHash("sha1").update(header).digest("hex") }],
    [273, { type: "string", value: createHash("sha256").update(header).digest("hex") }],
    [1000, { type: "int32", value: [header.length + payload.size] }],
    [1007, { type: "int32", value: [payload.plainSize] }],
  ]);
}

/** Tags of rpmtag.h. */
function headerValues(
  { description, entries, configFiles, scripts }: RpmPackage,
  payload: Payload,
): Map<number, HeaderValue> {
  const { name, version, release, architecture, summary, license, packager, url } = description;
  const text = (value: string): HeaderValue => ({ type: "string", value });
  const texts = (value: readonly string[]): HeaderValue => ({ type: "stringArray", value });
  const numbers = (value: readonly number[]): HeaderValue => ({ type: "int32", value });
  const short = (value: readonly number[]): HeaderValue => ({ type: "int16", value });
  const folders = [...new Set(entries.map(({ path: file }) => folderOf(file)))];
  const values = new Map<number, HeaderValue>([
    [100, texts(["C"])],
    [1000, text(name)],
    [1001, text(version)],
    [1002, text(release)],
    [1004, { type: "i18nString", value: summary }],
    [1005, { type: "i18nString", value: description.description }],
    [1006, numbers([0])],
    [1007, text("localhost")],
    [1009, numbers([installedSize(entries)])],
    [1014, text(license)],
    [1015, text(packager)],
    [1016, { type: "i18nString", value: "Unspecified" }],
    ...(url === undefined ? [] : [[1020, text(url)] as const]),
    [1021, text("linux")],
    [1022, text(architecture)],
    [1028, numbers(entries.map(contentSize))],
    [1030, short(entries.map(statMode))],
    [1033, short(entries.map(() => 0))],
    [1034, numbers(entries.map(() => 0))],
    [1035, texts(entries.map(({ type, digest }) => (type === "file" ? digestHex(digest ?? "") : "")))],
    [1036, texts(entries.map(({ linkname = "" }) => linkname))],
    [1037, numbers(entries.map(({ path: file }) => (configFiles.includes(file) ? configFlags : 0)))],
    [1039, texts(entries.map(() => "root"))],
    [1040, texts(entries.map(() => "root"))],
    [1044, text(`${name}-${version}-${release}.src.rpm`)],
    [1045, numbers(entries.map(() => 0xffff_ffff))],
    [1064, text("4.14.0")],
    [1095, numbers(entries.map(() => 1))],
    [1096, numbers(entries.map((_entry, index) => index + 1))],
    [1097, texts(entries.map(() => ""))],
    [1116, numbers(entries.map(({ path: file }) => folders.indexOf(folderOf(file))))],
    [1117, texts(entries.map(({ path: file }) => path.posix.basename(file)))],
    [1118, texts(folders)],
    [1124, text("cpio")],
    [1125, text("gzip")],
    [1126, text("9")],
    [5011, numbers([sha256Number])],
    [5062, text("utf-8")],
    [5092, texts([payload.sha256])],
    [5093, numbers([sha256Number])],
    [5097, texts([payload.plainSha256])],
  ]);
  for (const script of rpmScripts) {
    const declared = scripts[script];
    if (declared === undefined) continue;
    const [textTag, interpreterTag] = scriptTags[script];
    values.set(textTag, text(declared.text)).set(interpreterTag, text(declared.interpreter));
  }
  for (const kind of rpmRelations) {
    const [nameTag, flagsTag, versionTag] = relationTags[kind];
    const own = kind === "requires" ? ownRequires(description) : [];
    const provided = kind === "provides" ? [ownProvides(description)] : [];
    const all = [
      ...[...provided, ...(description.relations?.[kind] ?? [])].map((one) => ({ one, flags: flagsOf(one) })),
      ...(kind === "requires" ? interpretersOf(scripts) : []),
      ...own.map((one) => ({ one, flags: rpmlibFlags })),
    ];
    values.set(nameTag, texts(all.map(({ one }) => one.name)));
    values.set(flagsTag, numbers(all.map(({ flags }) => flags)));
    values.set(versionTag, texts(all.map(({ one }) => one.version ?? "")));
  }
  return values;
}

/** Who runs the scripts of a package, and for which of them they have to be there. */
export function interpretersOf(scripts: RpmScripts): { one: RpmRelation; flags: number }[] {
  const needs = new Map<string, number>();
  for (const script of rpmScripts) {
    const { interpreter } = scripts[script] ?? {};
    if (interpreter !== undefined)
      needs.set(interpreter, (needs.get(interpreter) ?? interpreterFlag) | scriptTags[script][2]);
  }
  return [...needs].map(([name, flags]) => ({ one: { name }, flags }));
}

/** What rpm itself has to know to install a package. */
function ownRequires({ version, relations = {} }: RpmDescription): RpmRelation[] {
  const versions = [
    version,
    ...Object.values(relations).flatMap((list) => list.map((one) => one.version ?? "")),
  ];
  return versions.some((one) => one.includes("~")) ? [...everyRequires, tildeRequires] : [...everyRequires];
}

/** Number of SHA-256 in OpenPGP, which rpm uses for digests of files too. */
const sha256Number = 8;

function flagsOf({ comparison }: RpmRelation): number {
  return comparison === undefined ? 0 : comparisons[comparison];
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/") + 1);
}

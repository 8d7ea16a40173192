import { createHash } from "node:crypto";
import { open, rm, type FileHandle } from "node:fs/promises";
import { digestHex, digestOf } from "../../oci/digest";
import type { LayerEntry } from "../../oci/layer/entry";
import { hashFile, readFileContent, readSize } from "../../oci/layer/file-content";
import { layerRecipe } from "../../oci/layer/recipe";
import { entryContent, tarStream } from "../../oci/layer/tar";
import { tarHeader } from "../../oci/layer/tar-header";
import type { ApkDescription } from "./description";
import type { ApkKey } from "./key";
import { apkScriptNames, apkScripts, type ApkScript } from "./scripts";
import { oneMember, smallSegment, textEntry } from "./segment";

/** Everything that decides the bytes of a package but its key. */
export interface ApkPackage {
  readonly description: ApkDescription;
  /** What it installs, with the folders that it is in, sorted. */
  readonly entries: readonly LayerEntry[];
  readonly scripts: Partial<Record<ApkScript, string>>;
}

/** Who signs: the key, and the name of its public part in `/etc/apk/keys`, without `.rsa.pub`. */
export interface ApkSigner {
  readonly key: ApkKey;
  readonly keyName: string;
  /** Who signs indexes beside it: the key that clients have from before. Packages have one signature. */
  readonly former?: ApkSigner;
}

/** Whose signatures an index has. */
export function indexSigners(signer: ApkSigner): ApkSigner[] {
  return [signer, ...(signer.former === undefined ? [] : [signer.former])];
}

/** The package that was made. */
export interface WrittenApk {
  readonly digest: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Raised whenever another release makes other bytes of the same package. */
const formatVersion = 1;

/** A digest of everything that decides the bytes of a package, without reading its files. */
export function apkRecipe({ description, entries, scripts }: ApkPackage, signer: ApkSigner): string {
  const content = layerRecipe(entries, "gzip");
  const by = [signer.key.fingerprint, signer.keyName];
  return digestOf(JSON.stringify({ apk: formatVersion, description, scripts, content, by }));
}

/** Name of the file of a signature with SHA-256. */
export function signatureName({ keyName }: ApkSigner): string {
  return `.SIGN.RSA256.${keyName}.rsa.pub`;
}

/**
 * The files of signatures, as the first segment. apk takes the first one whose key it has.
 *
 * Source: apk-tools, src/package.c of 2.14 and src/extract_v2.c of 3.0.
 */
export function signatureSegment(signed: Uint8Array, signers: readonly ApkSigner[]) {
  return smallSegment(
    signers.map((signer) => textEntry(signatureName(signer), signer.key.signature(signed))),
  );
}

/**
 * Writes a package to a new file. Its bytes follow from what is declared and the key alone: files
 * have no times, root owns them, and neither the compressor nor the signature depends on the
 * machine. Memory holds a few pieces, however large the content is.
 *
 * Source: apk-tools, doc/apk-v2.5 and doc/apk-package.5.
 *
 * @throws DigestMismatchError where a source changed after it was hashed
 */
export async function writeApk(
  path: string,
  declared: ApkPackage,
  signer: ApkSigner,
  signal?: AbortSignal,
): Promise<WrittenApk> {
  // The control segment has the digest of the data, and stands before it.
  const data = `${path}.data`;
  try {
    const dataDigest = await writeData(data, declared.entries, signal);
    const control = await smallSegment(controlEntries(declared, dataDigest));
    const file = await open(path, "wx");
    try {
      await file.writeFile(await signatureSegment(control, [signer]));
      await file.writeFile(control);
      for await (const piece of readFileContent(data)) await file.writeFile(piece);
    } finally {
      await file.close();
    }
  } finally {
    await rm(data, { force: true });
  }
  const { digest, stamp } = await hashFile(path);
  return { digest, size: stamp.size };
}

/** What the package installs, with what apk wants to know of each file; returns its digest. */
async function writeData(
  path: string,
  entries: readonly LayerEntry[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const sums = await checksums(entries);
  const header = (entry: LayerEntry, mtimeSeconds: number) => {
    const sum = sums.get(entry.path);
    return tarHeader(entry, mtimeSeconds, sum === undefined ? [] : [["APK-TOOLS.checksum.SHA1", sum]]);
  };
  const hash = createHash("sha256");
  const file: FileHandle = await open(path, "wx");
  try {
    for await (const piece of oneMember(tarStream(entries, 0, header), signal)) {
      hash.update(piece);
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  return `sha256:${hash.digest("hex")}`;
}

/** For `apk audit`: SHA-1 is what its list of installed files has, and decides nothing. */
async function checksums(entries: readonly LayerEntry[]): Promise<ReadonlyMap<string, string>> {
  const sums = new Map<string, string>();
  const buffer = Buffer.allocUnsafeSlow(readSize);
  for (const entry of entries) {
    const hash = createHash("sha1");
    if (entry.linkname !== undefined) hash.update(entry.linkname);
    else if (entry.type === "file" && entry.content)
      for await (const piece of entryContent(entry, entry.content, buffer)) hash.update(piece);
    else continue;
    sums.set(entry.path, hash.digest("hex"));
  }
  return sums;
}

function controlEntries(declared: ApkPackage, dataDigest: string): LayerEntry[] {
  const scripts = apkScriptNames.flatMap((name) => {
    const text = declared.scripts[name];
    return text === undefined ? [] : [textEntry(apkScripts[name], text, 0o755)];
  });
  return [textEntry(".PKGINFO", packageInfo(declared, dataDigest)), ...scripts];
}

/** Bytes of what is installed. */
export function installedSize(entries: readonly LayerEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

/** What the package depends on, and on what not to be there. */
export function dependencies({ depends, conflicts }: ApkDescription["relations"]): string[] {
  return [...depends, ...conflicts.map((one) => `!${one}`)];
}

/** What it provides: what is declared, and its programs, which apk finds by `cmd:NAME`. */
export function provided({ description, entries }: ApkPackage): string[] {
  const programs = entries.flatMap(({ path, type, mode }) => {
    const name = /^\/usr\/s?bin\/([A-Za-z0-9][A-Za-z0-9+._-]*)$/.exec(path)?.[1];
    return name !== undefined && (type === "symlink" || (mode & 0o111) !== 0) && type !== "directory"
      ? [`cmd:${name}=${description.version}`]
      : [];
  });
  return [...new Set([...description.relations.provides, ...programs])];
}

function packageInfo(declared: ApkPackage, dataDigest: string): string {
  const { description: about, entries } = declared;
  const fields: [string, string][] = [
    ["pkgname", about.name],
    ["pkgver", about.version],
    ["pkgdesc", about.description],
    ...(about.homepage === undefined ? [] : [["url", about.homepage] as [string, string]]),
    ["size", String(installedSize(entries))],
    ["arch", about.architecture],
    ["origin", about.name],
    ["maintainer", about.maintainer],
    ["license", about.license],
    ...each("depend", dependencies(about.relations)),
    ...each("provides", provided(declared)),
    ...each("replaces", about.relations.replaces),
    ...(about.relations.installIf.length === 0
      ? []
      : [["install_if", about.relations.installIf.join(" ")] as [string, string]]),
    ["datahash", digestHex(dataDigest)],
  ];
  return fields.map(([field, value]) => `${field} = ${value}\n`).join("");
}

function each(field: string, values: readonly string[]): [string, string][] {
  return values.map((value) => [field, value]);
}

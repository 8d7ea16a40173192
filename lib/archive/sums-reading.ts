import { matchesStars } from "../text/glob";
import { SumsError } from "./sums";

/** Sums that prove a content, the strongest last; MD5, SHA-1 and CRC do not. */
const algorithms = ["sha256", "sha384", "sha512"] as const;

/** Hexadecimal digits of each sum. */
const lengths: Readonly<Record<number, (typeof algorithms)[number]>> = {
  64: "sha256",
  96: "sha384",
  128: "sha512",
};

/** A line of a sums file. */
export interface ListedSum {
  /** Name as it is listed, without a leading `./`; undefined where the sum stands alone. */
  readonly name: string | undefined;
  /** `sha256:<hex>`, `sha384:<hex>` or `sha512:<hex>`, in lower case. */
  readonly digest: string;
}

/** A file of a release and everything that its sums say of it. */
export interface SummedAsset {
  readonly name: string;
  /** One of each algorithm at most. */
  readonly digests: readonly string[];
}

/**
 * Reads a sums file in the forms that tools write: GNU (`HASH  name`, `HASH *name`), BSD and OpenSSL
 * (`SHA256 (name) = HASH`), with any blanks between, name first, or the sum alone; also
 * clear-signed. Other lines are skipped, sums of other algorithms too.
 *
 * @throws SumsError where no line has a sum
 */
export function parseSums(text: string): ListedSum[] {
  const lines = signedText(text.replace(/^\uFEFF/, "").split(/\r?\n/));
  const listed = lines.flatMap((line) => sumOfLine(line.trim()) ?? []);
  if (listed.length > 0) return listed;
  const first = lines.find((line) => line.trim() !== "")?.slice(0, 100);
  const begin = first === undefined ? "it is empty" : `it begins with ${JSON.stringify(first)}`;
  const example = `"${"0".repeat(8)}…  hello.tar.gz"`;
  throw new SumsError(
    `there is no SHA-256, SHA-384 or SHA-512 sum in it, and others prove nothing; ${begin} ` +
      `(a valid example: ${example})`,
  );
}

/**
 * Returns the one file that an asset's name or pattern means, with its sums. Folders before names do
 * not matter, as long as one file is meant; a sum alone is that of the asset.
 *
 * @param asset name, where `*` stands for any characters
 * @param sums name of the sums file, which can name the asset of a sum alone
 * @throws SumsError where it is none, several, or one with two sums
 */
export function summedAsset(listed: readonly ListedSum[], asset: string, sums: string): SummedAsset {
  const named = listed.filter((sum): sum is ListedSum & { name: string } => sum.name !== undefined);
  if (named.length === 0) return sumAlone(listed, asset, sums);
  const exact = named.filter(({ name }) => matchesStars(asset, name, "name"));
  const found =
    exact.length > 0
      ? exact
      : named
          .filter(({ name }) => leadsTo(name, asset))
          .map(({ name, digest }) => ({ name: baseName(name), digest }));
  const names = [...new Set(found.map(({ name }) => name))];
  const [name, ...others] = names;
  if (name === undefined) {
    const all = [...new Set(named.map((sum) => sum.name))];
    throw new SumsError(`no file matches ${JSON.stringify(asset)}; it lists ${someOf(all)}`);
  }
  if (others.length > 0) {
    throw new SumsError(
      `${names.length} files match ${JSON.stringify(asset)}; they are ${someOf(names)}. Name one of them`,
    );
  }
  return { name, digests: oneOfEach(name, found) };
}

/**
 * Returns the name that a file has whose sum stands alone in a sums file of its own:
 * `hello.tar.gz` for `hello.tar.gz.sha256`.
 */
export function nameBySumsFile(sums: string): string | undefined {
  const name = sums.replace(/\.sha(?:256|384|512)(?:sums?)?(?:\.txt)?$/i, "");
  return name === sums || name === "" ? undefined : name;
}

function sumAlone(listed: readonly ListedSum[], asset: string, sums: string): SummedAsset {
  const name = asset.includes("*") ? nameBySumsFile(sums) : asset;
  if (name === undefined || !matchesStars(asset, name, "name")) {
    throw new SumsError(
      `its sum has no name, so ${JSON.stringify(asset)} can be any file: name the asset without "*"`,
    );
  }
  return { name, digests: oneOfEach(name, listed) };
}

function oneOfEach(name: string, listed: readonly ListedSum[]): string[] {
  const digests = [...new Set(listed.map(({ digest }) => digest))];
  for (const algorithm of algorithms) {
    const sums = digests.filter((digest) => digest.startsWith(`${algorithm}:`));
    if (sums.length <= 1) continue;
    throw new SumsError(`${name} has two different sums, ${sums.slice(0, 2).join(" and ")}: one is wrong`);
  }
  return digests;
}

/**
 * Returns whether a listed path ends with the name that is meant. A pattern is not led by a path that
 * is absolute or climbs: what it would choose is somebody else's word.
 */
function leadsTo(listed: string, asset: string): boolean {
  if (!listed.includes("/")) return false;
  if (!asset.includes("*")) return baseName(listed) === asset;
  if (listed.startsWith("/") || listed.split("/").includes("..")) return false;
  return matchesStars(asset, baseName(listed), "name");
}

function baseName(listed: string): string {
  return listed.slice(listed.lastIndexOf("/") + 1);
}

function someOf(names: readonly string[]): string {
  return names.slice(0, 20).join(", ");
}

/** Returns the lines that a clear-signed text is about (RFC 9580, 7); all where it is not signed. */
function signedText(lines: readonly string[]): readonly string[] {
  const begin = lines.findIndex((line) => line.trimEnd() === "-----BEGIN PGP SIGNED MESSAGE-----");
  if (begin === -1) return lines;
  const headersEnd = lines.findIndex((line, index) => index > begin && line.trim() === "");
  const text = headersEnd === -1 ? [] : lines.slice(headersEnd + 1);
  const end = text.findIndex((line) => line.trimEnd() === "-----BEGIN PGP SIGNATURE-----");
  return (end === -1 ? text : text.slice(0, end)).map((line) => line.replace(/^- /, ""));
}

/** Undefined for a line without a sum that counts. */
function sumOfLine(line: string): ListedSum | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  return sumWithLabel(line) ?? sumFirst(line) ?? sumLast(line);
}

/** `SHA256 (name) = HASH` of BSD and `SHA2-256(name)= HASH` of OpenSSL. */
function sumWithLabel(line: string): ListedSum | undefined {
  const open = /^sha-?(?:2-)?(256|384|512) ?\(/i.exec(line);
  const close = line.lastIndexOf(")");
  if (!open || close < open[0].length) return undefined;
  const [, hex] = /^ ?= ?([0-9a-f]+)$/i.exec(line.slice(close + 1)) ?? [];
  const digest = hex === undefined ? undefined : digestOfHex(hex);
  if (digest === undefined || !digest.startsWith(`sha${open[1]}:`)) return undefined;
  return listedSum(line.slice(open[0].length, close), digest);
}

/** `HASH  name`, `HASH *name` and `HASH`. */
function sumFirst(line: string): ListedSum | undefined {
  const end = line.search(/\s/);
  const digest = digestOfText(end === -1 ? line : line.slice(0, end));
  if (digest === undefined) return undefined;
  return listedSum(end === -1 ? "" : line.slice(end).trim().replace(/^\*/, ""), digest);
}

/** `name HASH`, `name: HASH`, `name = HASH` and `name sha256:HASH`. */
function sumLast(line: string): ListedSum | undefined {
  const cut = Math.max(...[" ", "\t", ":", "="].map((blank) => line.lastIndexOf(blank)));
  const digest = digestOfText(line.slice(cut + 1));
  if (digest === undefined) return undefined;
  let before = line.slice(0, cut).trimEnd();
  if (line[cut] === ":") {
    const label = Math.max(before.lastIndexOf(" "), before.lastIndexOf("\t"));
    if (before.slice(label + 1).toLowerCase() === algorithmOf(digest))
      before = before.slice(0, label + 1).trimEnd();
  }
  const name = /[:=]$/.test(before) ? before.slice(0, -1).trimEnd() : before;
  return name === "" ? undefined : listedSum(name, digest);
}

function listedSum(text: string, digest: string): ListedSum {
  const name = text.replace(/^(?:\.\/)+/, "");
  // What tools call the content that they were piped.
  return { name: ["", "-", "stdin"].includes(name) ? undefined : name, digest };
}

/** Digest that a text is, with or without the algorithm in front. */
function digestOfText(text: string): string | undefined {
  const [, algorithm, hex = text] = /^sha-?(256|384|512):([0-9a-f]+)$/i.exec(text) ?? [];
  const digest = digestOfHex(hex);
  return algorithm === undefined || digest?.startsWith(`sha${algorithm}:`) ? digest : undefined;
}

function digestOfHex(hex: string): string | undefined {
  const algorithm = lengths[hex.length];
  return algorithm && /^[0-9a-f]+$/i.test(hex) ? `${algorithm}:${hex.toLowerCase()}` : undefined;
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}

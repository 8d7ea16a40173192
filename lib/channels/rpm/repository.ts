import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { isMissingFile } from "../../machine/atomic-file";
import { digestHex, digestOf } from "../../oci/digest";
import { loadGzip } from "../../oci/layer/gzip";
import type { SigningKey } from "../openpgp/signing-key";
import { PublishedFileError, type SiteFile } from "../site/write-site";
import {
  listNames,
  listText,
  parseLists,
  parseRepomd,
  repomdText,
  type ListName,
  type NamedList,
  type RpmListed,
} from "./repodata";

/** What is declared of a repository. */
export interface RpmRepository {
  /** Name of its key and `.repo` file, and its id for dnf. */
  readonly name: string;
  /** What it is, as dnf shows it. */
  readonly title: string;
  /** Address at which the folder is served; without it there is no `.repo` file. */
  readonly url?: string;
}

/** A package with where its file is. */
export interface AddedRpm {
  readonly listed: RpmListed;
  /** Absolute path of the file. */
  readonly file: string;
}

/** A repository as a run has left it: digests of its files, by path. */
export interface RpmRecord {
  readonly seconds: number;
  readonly files: Readonly<Record<string, string>>;
}

/** A repository that cannot be added to: its lists are lost, or somebody else's. */
export class RpmRepositoryError extends Error {
  override readonly name = "RpmRepositoryError";
}

/** What is to be written, in this order, and what is left then. */
export interface RpmChange {
  readonly fixed: readonly SiteFile[];
  readonly pointers: readonly SiteFile[];
  readonly record: RpmRecord;
}

/** Longest list that is unpacked, in bytes: 100,000 packages of usual size. */
const longestList = 512 * 1024 * 1024;

/**
 * Adds signed packages to a repository in a folder. Nothing is written, and no package that is there
 * is read. Lists have their digest in their name, so that those which clients have just been told of
 * stay.
 *
 * @param folder absolute
 * @param left what the last run has left; undefined where none has
 * @throws PublishedFileError for a version that is there with other bytes
 * @throws RpmRepositoryError
 */
export async function addToRpmRepository(
  folder: string,
  declared: RpmRepository,
  added: readonly AddedRpm[],
  key: SigningKey,
  left: RpmRecord | undefined,
  now: Date,
): Promise<RpmChange> {
  const present = await presentPackages(folder, key, left);
  const packages = withRpms(present.packages, added);
  const lists = await Promise.all(listNames.map((name) => renderedList(name, packages)));
  const isKept =
    present.seconds !== undefined &&
    repomdText(
      lists.map(({ named }) => named),
      present.seconds,
    ) === present.repomd;
  const seconds = isKept
    ? (present.seconds ?? 0)
    : Math.max(Math.floor(now.getTime() / 1000), (present.seconds ?? left?.seconds ?? 0) + 1);
  const repomd = repomdText(
    lists.map(({ named }) => named),
    seconds,
  );
  const signature =
    isKept && present.signature !== undefined ? present.signature : await key.detached(repomd, now);
  const text = (file: string, content: string): SiteFile => {
    const bytes = Buffer.from(content, "utf8");
    return { path: file, digest: digestOf(bytes), content: { bytes } };
  };
  const fixed = [
    ...added.map(({ listed, file }): SiteFile => ({
      path: listed.file,
      digest: listed.digest,
      content: { path: file },
    })),
    ...lists.map(({ file }) => file),
  ];
  const pointers = [
    text(`${declared.name}.asc`, key.publicKey),
    ...(declared.url === undefined ? [] : [text(`${declared.name}.repo`, repoFile(declared, declared.url))]),
    text("repodata/repomd.xml.asc", signature),
    text("repodata/repomd.xml", repomd),
  ];
  const files = Object.fromEntries([...fixed, ...pointers].map((one) => [one.path, one.digest]));
  return { fixed, pointers, record: { seconds, files } };
}

/** The `.repo` file that users download: packages and lists have to be signed by the key beside it. */
export function repoFile({ name, title }: RpmRepository, url: string): string {
  const fields = [
    `name=${title}`,
    `baseurl=${url}`,
    "enabled=1",
    "gpgcheck=1",
    "repo_gpgcheck=1",
    `gpgkey=${url}/${name}.asc`,
  ];
  return `[${name}]\n${fields.join("\n")}\n`;
}

interface Present {
  readonly packages: readonly RpmListed[];
  readonly seconds?: number;
  readonly repomd?: string;
  readonly signature?: string;
}

async function presentPackages(
  folder: string,
  key: SigningKey,
  left: RpmRecord | undefined,
): Promise<Present> {
  const [repomd, signature] = await Promise.all(
    ["repomd.xml", "repomd.xml.asc"].map((name) => contentAt(path.join(folder, "repodata", name))),
  );
  const text = repomd?.toString("utf8");
  const signed = signature?.toString("utf8") ?? "";
  const isOwn = text !== undefined && (await key.verifiesDetached(text, signed));
  const found = isOwn ? parseRepomd(text) : undefined;
  if (found && found.seconds >= (left?.seconds ?? 0)) {
    return {
      packages: await listedAt(folder, found.lists),
      seconds: found.seconds,
      repomd: text,
      signature: signed,
    };
  }
  if (left) return { packages: await listedAt(folder, leftLists(left)), seconds: left.seconds };
  if (text === undefined) return { packages: [] };
  throw new RpmRepositoryError(
    `repodata/repomd.xml is there and was not signed by the key that is given (${key.fingerprint}): the repository is ` +
      "somebody else's, or its key is another one. Take another folder, or give the former key",
  );
}

function leftLists({ files }: RpmRecord): Map<ListName, { file: string; digest: string }> {
  const lists = listNames.flatMap((name) => {
    const [file, digest] = Object.entries(files).find(([one]) => one.endsWith(`-${name}.xml.gz`)) ?? [];
    return file === undefined || digest === undefined ? [] : [[name, { file, digest }] as const];
  });
  return new Map(lists);
}

async function listedAt(
  folder: string,
  lists: ReadonlyMap<ListName, { file: string; digest: string }>,
): Promise<RpmListed[]> {
  const texts = { primary: "", filelists: "", other: "" };
  for (const [name, { file, digest }] of lists) {
    const bytes = await contentAt(path.join(folder, file));
    if (bytes === undefined || digestOf(bytes) !== digest) {
      throw new RpmRepositoryError(
        `${file} (${digest}), which lists the versions that were published, is ${bytes ? "changed" : "gone"}. Bring the ` +
          "folder back from where it is served, and run it again: a new list would take every earlier version from those who install",
      );
    }
    texts[name] = gunzipSync(bytes, { maxOutputLength: longestList }).toString("utf8");
  }
  return parseLists(texts);
}

function withRpms(present: readonly RpmListed[], added: readonly AddedRpm[]): RpmListed[] {
  const packages = [...present];
  for (const { listed } of added) {
    const same = packages.find(({ file }) => file === listed.file);
    if (same && same.digest !== listed.digest)
      throw new PublishedFileError(listed.file, same.digest, listed.digest);
    if (!same) packages.push(listed);
  }
  return packages;
}

async function renderedList(
  name: ListName,
  packages: readonly RpmListed[],
): Promise<{ named: NamedList; file: SiteFile }> {
  const plain = Buffer.from(listText(name, packages), "utf8");
  const bytes = (await loadGzip())(plain);
  const digest = digestOf(bytes);
  const file = `repodata/${digestHex(digest)}-${name}.xml.gz`;
  const named = {
    name,
    file,
    digest,
    size: bytes.length,
    openDigest: digestOf(plain),
    openSize: plain.length,
  };
  return { named, file: { path: file, digest, content: { bytes } } };
}

async function contentAt(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: unknown) => {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  });
}

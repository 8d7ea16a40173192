import type { ListedCatalog } from "../channels/observed/listed-catalog";
import { defined } from "../objects/defined";

/** A release in one place. */
export interface PublishedRelease {
  /** Folder that it is in, relative to the project's; its name below it included. */
  readonly directory?: string | undefined;
  /** Repository of GitHub that it is in, as `owner/name`. */
  readonly github?: string | undefined;
  readonly tag: string;
  /** Digest of each file, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Size of each file in bytes, by name, as far as it was to be seen. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** What proves an image, attached to it as a referrer. */
export interface PublishedProof {
  readonly kind: "signature" | "provenance" | "sbom" | "attestation";
  /** Digest of the referrer. */
  readonly referrer: string;
}

/** What was published as one version. */
export interface PublishedVersion {
  /** When it was first noted, as an ISO 8601 time in UTC. */
  readonly published: string;
  /** Digest of each version tag, by `repository:tag`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Proofs of what the tags point to, by its digest. */
  readonly proofs?: Readonly<Record<string, readonly PublishedProof[]>>;
  readonly releases?: readonly PublishedRelease[];
  /** Catalogs that others fill, as they were declared then. */
  readonly catalogs?: readonly ListedCatalog[];
}

/** A release while its lines are read. */
type ReadRelease = PublishedRelease & { files: Record<string, string>; sizes?: Record<string, number> };

/**
 * One text a version, a line a fact, for the state: the engine, the provider and the program take a
 * state apart value by value several times in every run, and a stack may have thousands of versions.
 *
 * ```
 * 2026-01-31T00:00:00Z
 * tag ghcr.io/acme/hello:v1.0.0 sha256:…
 * proofs sha256:… signature sha256:… sbom sha256:…
 * release v1.0.0 github acme/hello
 * file hello_1.0.0_linux_amd64.tar.gz sha256:… 1234567
 * catalog {"name":"homebrew-core%20hello",…}
 * ```
 */
export function entryText({
  published,
  tags,
  proofs = {},
  releases = [],
  catalogs = [],
}: PublishedVersion): string {
  const lines = [
    [published],
    ...Object.entries(tags).map((tag) => ["tag", ...tag]),
    ...Object.entries(proofs).map(([subject, list]) => [
      "proofs",
      subject,
      ...list.flatMap(({ kind, referrer }) => [kind, referrer]),
    ]),
    ...releases.flatMap(({ directory, github, tag, files, sizes = {} }) => [
      github === undefined
        ? ["release", tag, "directory", directory ?? ""]
        : ["release", tag, "github", github],
      ...Object.entries(files).map(([name, digest]) => {
        const size = sizes[name];
        return ["file", name, digest, ...(size === undefined ? [] : [String(size)])];
      }),
    ]),
    ...catalogs.map((catalog) => ["catalog", JSON.stringify(catalog)]),
  ];
  return lines.map((words) => words.map(word).join(" ")).join("\n");
}

/**
 * Reads what {@link entryText} wrote.
 *
 * @param version that it is of, for messages
 * @throws Error for another text: somebody has edited the state
 */
export function parseEntry(text: string, version: string): PublishedVersion {
  const [published = "", ...lines] = text.split("\n");
  const tags: Record<string, string> = {};
  const proofs: Record<string, PublishedProof[]> = {};
  const releases: ReadRelease[] = [];
  const catalogs: ListedCatalog[] = [];
  for (const line of lines) {
    const [kind = "", name = "", ...more] = line.split(" ").map(plain);
    const release = releases.at(-1);
    const [first = "", second = ""] = more;
    if (kind === "tag") tags[name] = first;
    else if (kind === "proofs") proofs[name] = proofsOf(more);
    // This has written it.
    else if (kind === "catalog") catalogs.push(JSON.parse(name) as ListedCatalog);
    else if (kind === "release" && first === "github")
      releases.push({ github: second, tag: name, files: {} });
    else if (kind === "release") releases.push({ directory: second, tag: name, files: {} });
    else if (kind === "file" && release) {
      release.files[name] = first;
      if (second !== "") release.sizes = { ...release.sizes, [name]: Number(second) };
    } else
      throw new Error(
        `the state of the ledger has a line of ${version} that is none: ${JSON.stringify(line)}`,
      );
  }
  return defined({
    published,
    tags,
    proofs: Object.keys(proofs).length === 0 ? undefined : proofs,
    releases: releases.length === 0 ? undefined : releases,
    catalogs: catalogs.length === 0 ? undefined : catalogs,
  });
}

/** @param words kind and digest, in turns */
function proofsOf(words: readonly string[]): PublishedProof[] {
  return words.flatMap((kind, index) => {
    const referrer = words[index + 1];
    // What this wrote was such a kind.
    return index % 2 === 0 && referrer ? [{ kind: kind as PublishedProof["kind"], referrer }] : [];
  });
}

/** Characters that set words and lines apart, and the one that starts their replacement. */
const apart = /[%\s]/g;

function word(text: string): string {
  return text.replace(apart, (character) => encodeURIComponent(character));
}

function plain(text: string): string {
  return text.includes("%") ? decodeURIComponent(text) : text;
}

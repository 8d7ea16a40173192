import type { ledgerDefinition } from "../../resources/definitions/ledger";
import type { InputsOf } from "../run/resource";

export type PublishedRelease = NonNullable<InputsOf<typeof ledgerDefinition>["releases"]>[number];

/** What was published as one version. */
export interface PublishedVersion {
  /** When it was first noted, as an ISO 8601 time in UTC. */
  readonly published: string;
  /** Digest of each version tag, by `repository:tag`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly releases?: readonly PublishedRelease[];
}

/**
 * One text a version, a line a fact, for the state: the engine, the provider and the program take a
 * state apart value by value several times in every run, and a stack may have thousands of versions.
 *
 * ```
 * 2026-01-31T00:00:00Z
 * tag ghcr.io/acme/hello:v1.0.0 sha256:…
 * release v1.0.0 github acme/hello
 * file hello_1.0.0_linux_amd64.tar.gz sha256:…
 * ```
 */
export function entryText({ published, tags, releases = [] }: PublishedVersion): string {
  const lines = [
    [published],
    ...Object.entries(tags).map((tag) => ["tag", ...tag]),
    ...releases.flatMap(({ directory, github, tag, files }) => [
      github === undefined
        ? ["release", tag, "directory", directory ?? ""]
        : ["release", tag, "github", github],
      ...Object.entries(files).map((file) => ["file", ...file]),
    ]),
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
  const releases: (PublishedRelease & { files: Record<string, string> })[] = [];
  for (const line of lines) {
    const [kind = "", name = "", ...more] = line.split(" ").map(plain);
    const release = releases.at(-1);
    const [first = "", second = ""] = more;
    if (kind === "tag") tags[name] = first;
    else if (kind === "release" && first === "github")
      releases.push({ github: second, tag: name, files: {} });
    else if (kind === "release") releases.push({ directory: second, tag: name, files: {} });
    else if (kind === "file" && release) release.files[name] = first;
    else
      throw new Error(
        `the state of the ledger has a line of ${version} that is none: ${JSON.stringify(line)}`,
      );
  }
  return releases.length === 0 ? { published, tags } : { published, tags, releases };
}

/** Characters that set words and lines apart, and the one that starts their replacement. */
const apart = /[%\s]/g;

function word(text: string): string {
  return text.replace(apart, (character) => encodeURIComponent(character));
}

function plain(text: string): string {
  return text.includes("%") ? decodeURIComponent(text) : text;
}

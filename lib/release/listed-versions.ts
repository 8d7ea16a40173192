import { parseAddress } from "../oci/address";
import { digestHex } from "../oci/digest";
import { defined } from "../objects/defined";
import { releaseFolders, releasesFolder } from "./layout";
import type { ListedVersion } from "./release-list";
import type { PublishedRelease, PublishedVersion } from "./published-version";

/** What a ledger has noted, as the published list has it. */
export function listedVersions(versions: Readonly<Record<string, PublishedVersion>>): ListedVersion[] {
  return Object.entries(versions).map(([version, entry]) =>
    defined({
      version,
      published: entry.published,
      images: imagesOf(entry),
      releases: releasesOf(entry),
      catalogs: entry.catalogs?.map((catalog) => ({ ...catalog })),
    }),
  );
}

/** Images in registries: a layout on a disk is nobody else's to look for. */
function imagesOf({ tags, proofs = {} }: PublishedVersion): ListedVersion["images"] {
  const images = new Map<string, ListedVersion["images"][number]>();
  for (const [reference, digest] of Object.entries(tags).sort(byName)) {
    const colon = reference.lastIndexOf(":");
    const [repository, tag] = [reference.slice(0, colon), reference.slice(colon + 1)];
    if (parseAddress(repository).kind !== "registry") continue;
    const key = `${repository}@${digest}`;
    const known = images.get(key);
    if (known) known.tags.push(tag);
    else {
      const own = proofs[digest]?.map(({ kind, referrer }) => ({ kind, digest: referrer }));
      images.set(key, defined({ repository, digest, tags: [tag], proofs: own }));
    }
  }
  return [...images.values()];
}

/** Releases by place: two folders that are served alike are one. */
function releasesOf({ releases = [] }: PublishedVersion): ListedVersion["releases"] {
  const texts = releases.map((release) => JSON.stringify(releaseOf(release))).sort();
  return [...new Set(texts)].map((text) => JSON.parse(text) as ListedVersion["releases"][number]);
}

function releaseOf({ github, tag, files, sizes = {} }: PublishedRelease): ListedVersion["releases"][number] {
  const folder = github === undefined ? `${releasesFolder}/${releaseFolders.files}/${tag}` : undefined;
  const assets = Object.entries(files)
    .sort(byName)
    .map(([name, digest]) => defined({ name, sha256: digestHex(digest), size: sizes[name] }));
  return defined({ tag, github, folder, assets });
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

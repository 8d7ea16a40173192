import { shortDigest } from "../digest";
import { RegistryError } from "../errors";
import { pushScope } from "../transport/scope";
import type { RegistryConnection } from "./connection";

/** Tags of one request: as many as a registry should take at least. */
const mostTags = 10;

/**
 * Points several tags to a manifest that is in a repository, where the registry does so by one
 * request: a PUT of the manifest by digest with `tag` parameters, whose answer has the accepted ones
 * in `OCI-Tag` (distribution-spec after 1.1, "Pushing Manifests"). A registry is asked once a run.
 *
 * @returns the tags that it has accepted; those that are left are to be put one by one, which also
 * tells why one is refused
 * @throws RegistryError where it fails for a time
 */
export async function putManyTags(
  connection: RegistryConnection,
  path: string,
  manifest: { bytes: Uint8Array; digest: string; mediaType: string },
  tags: readonly string[],
): Promise<ReadonlySet<string>> {
  const accepted = new Set<string>();
  const facts = connection.manyTags;
  for (let start = 0; start + 1 < tags.length; start += mostTags) {
    if (facts.taken === false || (facts.taken === undefined && facts.isTried)) break;
    facts.isTried = true;
    const asked = tags.slice(start, start + mostTags);
    const set = await ask(connection, path, manifest, asked);
    facts.taken = set.length > 0;
    for (const tag of set) accepted.add(tag);
  }
  return accepted;
}

async function ask(
  connection: RegistryConnection,
  path: string,
  { bytes, digest, mediaType }: { bytes: Uint8Array; digest: string; mediaType: string },
  tags: readonly string[],
): Promise<string[]> {
  const query = new URLSearchParams(tags.map((tag): [string, string] => ["tag", tag]));
  try {
    const response = await connection.perform({
      operation: `pointing ${tags.join(", ")} of ${connection.registry}/${path} to ${shortDigest(digest)}`,
      method: "PUT",
      target: `/v2/${path}/manifests/${digest}?${query.toString()}`,
      scopes: [pushScope(path)],
      expect: [201, 200, 202],
      content: { path, references: [digest] },
      headers: { "content-type": mediaType },
      body: bytes,
    });
    const named = response.headerLines("oci-tag").flatMap((line) => line.split(",").map((tag) => tag.trim()));
    const set = tags.filter((tag) => named.includes(tag));
    if (set.length > 0) connection.notePut({ path, references: [digest, ...set] });
    return set;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.temporary) throw error;
    return [];
  }
}

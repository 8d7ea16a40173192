import * as z from "zod";
import { listedCatalog } from "../channels/observed/listed-catalog";
import { parseBoundedJson } from "../oci/bounded-json";
import { checkDigest } from "../oci/reference";
import { compareVersions, parseVersion } from "../version/version";

/**
 * The list of what was published, `releases.json`: machines read which versions there are, and by
 * which digests they are known.
 */

const digest = z
  .string()
  .regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/)
  .describe("A digest, `sha256:<hex>`.");

const proof = z.strictObject({
  kind: z.enum(["signature", "provenance", "sbom", "attestation"]).describe("What it is."),
  digest: digest.describe("Digest of the OCI 1.1 referrer that carries it."),
});

const image = z.strictObject({
  repository: z.string().describe("Repository, `host/path`."),
  digest: digest.describe("Digest that the tags were published with."),
  tags: z.array(z.string()).describe("Tags of the version, which never move. Aliases are not among them."),
  proofs: z.array(proof).optional().describe("What proves it, as it was when it was published."),
});

const asset = z.strictObject({
  name: z.string().describe("Name of the file."),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("SHA-256 of its content, in hexadecimal digits."),
  size: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe("Size in bytes; absent where the file was not to be seen when it was noted."),
});

const release = z.strictObject({
  tag: z.string().describe("Tag of the release."),
  github: z.string().optional().describe("Repository of GitHub that has it, `owner/name`."),
  folder: z
    .string()
    .optional()
    .describe("Folder of its files, relative to that of this list where that is in a release folder."),
  assets: z.array(asset).describe("Its files, by name."),
});

const version = z.strictObject({
  version: z.string().describe("The version, as it was declared."),
  published: z.iso.datetime().describe("When it was published first, as an RFC 3339 time in UTC."),
  images: z.array(image).describe("Its images, in each registry."),
  releases: z.array(release).describe("Its releases, in each place."),
  catalogs: z
    .array(listedCatalog)
    .optional()
    .describe("Catalogs that others fill, as they were declared when it was published."),
});

const list = z.strictObject({
  schemaVersion: z.literal(1).describe("Version of this format."),
  versions: z.array(version).describe("What was published, the newest first."),
});

export type ListedVersion = z.infer<typeof version>;

/** The JSON Schema of a list. */
export function releaseListSchema(): object {
  return { title: "What a distribution has published", ...z.toJSONSchema(list, { target: "draft-07" }) };
}

/** Bytes of a list: the same versions always have the same. */
export function releaseListBytes(versions: readonly ListedVersion[]): Buffer {
  const sorted = [...versions].sort(newestFirst);
  return Buffer.from(`${JSON.stringify({ schemaVersion: 1, versions: sorted }, undefined, 2)}\n`, "utf8");
}

/** The versions of a list; undefined for what is none. */
export function parseReleaseList(bytes: Uint8Array): readonly ListedVersion[] | undefined {
  try {
    const parsed = list.parse(parseBoundedJson(bytes));
    for (const { digest: one } of parsed.versions.flatMap(({ images }) => images)) checkDigest(one);
    return parsed.versions;
  } catch {
    return undefined;
  }
}

/**
 * Own versions, and those of a list that are not: another stack, of a branch for instance, may
 * release to the same place. What shares a tag or a release with an own version is an older form
 * of that.
 */
export function withOthers(
  own: readonly ListedVersion[],
  listed: readonly ListedVersion[],
): readonly ListedVersion[] {
  const places = new Set(own.flatMap(placesOf));
  return [...own, ...listed.filter((one) => !placesOf(one).some((place) => places.has(place)))];
}

/** Where a version is to be found: no two have a place in common. One that is nowhere is its name. */
function placesOf({ version: name, images, releases }: ListedVersion): string[] {
  const places = [
    ...images.flatMap(({ repository, tags }) => tags.map((tag) => `${repository}:${tag}`)),
    ...releases.map(({ tag, github, folder }) => JSON.stringify([github, folder, tag])),
  ];
  return places.length > 0 ? places : [name];
}

/** Compares versions by when they were published, and within one second by version. */
export function newestFirst(a: ListedVersion, b: ListedVersion): number {
  if (a.published !== b.published) return a.published < b.published ? 1 : -1;
  const [aVersion, bVersion] = [parseVersion(a.version), parseVersion(b.version)];
  const order = aVersion && bVersion ? compareVersions(bVersion, aVersion) : 0;
  if (order !== 0) return order;
  const [aText, bText] = [JSON.stringify(a), JSON.stringify(b)];
  return aText === bText ? 0 : aText < bText ? -1 : 1;
}

import { stat } from "node:fs/promises";
import * as path from "node:path";
import { inOrder, type ReleaseStatus, type StatusRow } from "../display/release-status";
import { Catalogs } from "../channels/observed/ask";
import type { ListedCatalog } from "../channels/observed/listed-catalog";
import { verdictOf } from "../channels/observed/verdict";
import { CredentialsError, RegistryError } from "../oci/errors";
import { parseReference } from "../oci/reference";
import { RegistryClient } from "../oci/registry/client";
import type { Repository } from "../oci/repository";
import { HttpTransport } from "../oci/transport/http";
import { sendWithRetry, withoutPatience } from "../oci/transport/retry";
import { briefRetryPolicy } from "../oci/transport/retry-policy";
import { WaitBudget } from "../oci/transport/wait-budget";
import { assetLocation, isUrl } from "../release/download";
import type { ListedVersion } from "../release/release-list";
import { compareVersions, parseVersion } from "../version/version";
import { answerMs } from "./patience";

/** How what a list names is asked for. */
export interface ListedOptions {
  /** Folder that the list is in, or its URL with a slash at the end. */
  readonly base: string;
  /** Host of GitHub's downloads. Default: `https://github.com`. */
  readonly github?: string | undefined;
}

/**
 * Asks whether what a list of versions names is served: each tag by the digest that it was published with, each file of a
 * release by its size, and catalogs that others fill for the highest stable version of them. The content of files is not
 * read. At most 8 requests to a host are under way.
 */
export async function listedStatus(
  versions: readonly ListedVersion[],
  { base, github = "https://github.com" }: ListedOptions,
): Promise<ReleaseStatus> {
  // A list of somebody else gets no credentials, nor does a helper of them run for a host that it names.
  const registries = new RegistryClient({ retry: briefRetryPolicy, anonymous: isUrl(base) });
  const http = new HttpTransport();
  const catalogs = new Catalogs();
  const highest = highestStable(versions);
  try {
    const asked = versions.map(async ({ version, published: released, images, releases }) => {
      const tags = images.map((image) => imageRows(registries, image));
      const files = releases.flatMap((release) => {
        const { place, locate } = placeOf(release, base, github);
        return release.assets.map((asset) => fileRow(http, locate(asset.name), place, asset));
      });
      const rows = (await Promise.all([...tags, ...files])).flat();
      return rows.map((row): StatusRow => ({ ...row, version, released }));
    });
    if (highest !== undefined)
      for (const catalog of highest.catalogs ?? []) asked.push(catalogRows(catalogs, catalog, highest));
    const rows = (await Promise.all(asked)).flat();
    return { rows: inOrder(rows), errors: [], looked: rows.length };
  } finally {
    await Promise.all([registries.close(), http.close(), catalogs.close()]);
  }
}

/** The version that catalogs are to have: nobody expects a former one or a pre-release there. */
function highestStable(versions: readonly ListedVersion[]): ListedVersion | undefined {
  const stable = versions.flatMap((one) => {
    const version = parseVersion(one.version);
    return version?.stable === true ? [{ one, version }] : [];
  });
  return stable.sort((a, b) => compareVersions(b.version, a.version))[0]?.one;
}

async function catalogRows(
  catalogs: Catalogs,
  { name, probe, expect = "live", grace = "7d" }: ListedCatalog,
  { version, published: since }: ListedVersion,
): Promise<StatusRow[]> {
  const answer = await catalogs.ask(probe);
  const verdict = verdictOf(answer, { version, expect, grace, since }, new Date());
  const { state, reason = "", found = "", awaitingSince } = verdict;
  return [
    {
      ...{ kind: "catalog", place: name, name, declared: version, served: found, state, reason },
      ...{ version, released: since },
      ...(awaitingSince !== undefined && { since: awaitingSince }),
    },
  ];
}

/** What a release is called, and where each of its files is: a URL, or a path. */
function placeOf(
  { github: repository, folder = ".", tag }: ListedRelease,
  base: string,
  github: string,
): { place: string; locate: (name: string) => string } {
  if (repository !== undefined) {
    const locate = (name: string) => assetLocation(`${github}/${repository}`, tag, name);
    return { place: `${repository} ${tag}`, locate };
  }
  const locate = (name: string) =>
    isUrl(base)
      ? new URL(`./${folder}/${encodeURIComponent(name)}`, base).href
      : path.join(base, folder, name);
  return { place: folder === "." ? tag : folder, locate };
}

type ListedRelease = ListedVersion["releases"][number];
type ListedImage = ListedVersion["images"][number];
type ListedAsset = ListedVersion["releases"][number]["assets"][number];

/** A row for each tag, and one for each proof that is gone. */
async function imageRows(registries: RegistryClient, image: ListedImage): Promise<StatusRow[]> {
  const { repository: place, digest, tags, proofs = [] } = image;
  const repository = registries.repository(parseReference(place).repository);
  const asked =
    tags.length === 0
      ? [{ kind: "image", reference: digest }]
      : tags.map((tag) => ({ kind: "tag", reference: tag }));
  const rows = asked.map(({ kind, reference }) =>
    manifestRow(repository, { kind, place, name: reference, declared: digest }, reference),
  );
  const proven = proofs.map(({ kind, digest: proof }) =>
    manifestRow(repository, { kind: "proof", place, name: kind, declared: proof }, proof),
  );
  const found = await Promise.all([...rows, ...proven]);
  return found.filter(({ kind, state }) => kind !== "proof" || state !== "served");
}

type Asked = Pick<StatusRow, "kind" | "place" | "name" | "declared">;

async function manifestRow(repository: Repository, asked: Asked, reference: string): Promise<StatusRow> {
  try {
    const found = await withoutPatience(() => repository.headManifest(reference));
    if (!found) return { ...asked, served: "", state: "missing", reason: "" };
    const state = found.digest === asked.declared ? "served" : "drifted";
    return { ...asked, served: found.digest, state, reason: "" };
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof CredentialsError)) throw error;
    return { ...asked, served: "", state: "unknown", reason: error.message };
  }
}

async function fileRow(
  http: HttpTransport,
  location: string,
  place: string,
  { name, sha256, size }: ListedAsset,
): Promise<StatusRow> {
  const asked = { kind: "file", place, name, declared: `sha256:${sha256}` };
  const found = isUrl(location) ? await remoteSize(http, location) : await localSize(location);
  if (typeof found === "string") return { ...asked, served: "", state: "unknown", reason: found };
  if (found === undefined) return { ...asked, served: "", state: "missing", reason: location };
  const isOther = size !== undefined && found.bytes !== undefined && found.bytes !== size;
  if (!isOther) return { ...asked, served: asked.declared, state: "served", reason: "" };
  const reason = `${location} has ${found.bytes} bytes, and ${size} were published`;
  return { ...asked, served: "", state: "drifted", reason };
}

/** Size of a file in bytes, which a host need not say; undefined where there is none, or why it is not known. */
type FoundSize = { readonly bytes: number | undefined } | undefined | string;

async function remoteSize(http: HttpTransport, location: string): Promise<FoundSize> {
  const url = new URL(location);
  const headers = { "accept-encoding": "identity" };
  try {
    const waits = new WaitBudget(briefRetryPolicy);
    const request = { method: "HEAD", url, headers, timeoutMs: answerMs } as const;
    const answer = await withoutPatience(() => sendWithRetry(http, request, briefRetryPolicy, waits));
    const length = answer.header("content-length");
    await answer.discard();
    if (answer.status === 404 || answer.status === 410) return undefined;
    if (answer.status !== 200) return `${location} answers with HTTP ${answer.status}`;
    return { bytes: length === undefined ? undefined : Number(length) };
  } catch (error) {
    return `${location}: ${(error as Error).message}`;
  }
}

async function localSize(location: string): Promise<FoundSize> {
  try {
    return { bytes: (await stat(location)).size };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? undefined
      : `${location}: ${(error as Error).message}`;
  }
}

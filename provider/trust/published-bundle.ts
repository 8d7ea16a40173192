import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { GitHubError } from "../../lib/github/errors";
import { parseGitHubRepository } from "../../lib/github/names";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { collectBytes } from "../../lib/oci/collected-bytes";
import { assetLocation, downloadLimits } from "../../lib/release/download";
import type { fileSignatureDefinition } from "../../resources/definitions/file-signature";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";

type ReleasePlace = NonNullable<InputsOf<typeof fileSignatureDefinition>["published"]>[number];

/** Answers of GitHub that say no more than that there is nothing to take. */
const nothingToSee: readonly (number | undefined)[] = [401, 403, 404];

/**
 * Returns what releases have under a name, in the order in which they are declared; a release that
 * is not there, or not to be seen, has nothing.
 *
 * @throws GitHubError where it cannot be told
 */
export async function* publishedBundles(
  context: ResourceContext,
  places: readonly ReleasePlace[],
  name: string,
): AsyncGenerator<Buffer> {
  for (const place of places) {
    const found =
      place.directory === undefined
        ? await ofRepository(context, place.repository ?? "", place.tag, name)
        : await ofFolder(path.resolve(context.services.project, place.directory), place.tag, name);
    if (found) yield found;
  }
}

async function ofFolder(folder: string, tag: string, name: string): Promise<Buffer | undefined> {
  return readFile(assetLocation(folder, tag, name)).catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw error;
  });
}

async function ofRepository(
  { services, signal }: ResourceContext,
  repository: string,
  tag: string,
  name: string,
): Promise<Buffer | undefined> {
  const client = await services.github.client(signal);
  // Octokit is loaded where a program has a release on GitHub only.
  const { Releases } = await import("../../lib/github/releases.js");
  const releases = new Releases(client, parseGitHubRepository(repository));
  try {
    const release = await releases.find(tag);
    const asset = release?.assets.find((one) => one.name === name && one.state === "uploaded");
    if (!asset || asset.size > downloadLimits.textBytes) return undefined;
    const content = await client.download(
      `reading ${name} of ${releases.name} ${tag}`,
      releases.repository,
      asset.id,
    );
    return await collectBytes(
      content as AsyncIterable<Uint8Array>,
      downloadLimits.textBytes,
      () => new Error(`${name} of ${releases.name} ${tag} is larger than it says`),
    );
  } catch (error) {
    if (error instanceof GitHubError && !error.rateLimited && nothingToSee.includes(error.status))
      return undefined;
    throw error;
  }
}

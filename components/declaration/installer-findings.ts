import { bareVersion } from "../../lib/version/version";
import type { Finding } from "../../resources/definitions/input-findings";
import { releaseOf } from "./channel-findings";
import type { DistributionDeclaration } from "./declaration";
import { placesOf } from "./image-places";
import type { InstalledImage, InstallerRelease } from "./installer";
import type { PlannedTag } from "./tag-rules";

/** Returns what installers cannot say. */
export function installerFindings(
  name: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
): Finding[] {
  const { installers = {}, version } = args;
  if (version === undefined) return [];
  const release = installerRelease(name, { ...args, version }, tags);
  return Object.entries(installers).flatMap(([file, installer]) =>
    (installer.findings?.(release) ?? []).map(({ property, reason }) => ({
      property: `installers[${JSON.stringify(file)}]${property === "" ? "" : `.${property}`}`,
      reason,
    })),
  );
}

/** What installers are asked about. */
export function installerRelease(
  distribution: string,
  args: DistributionDeclaration & { version: string },
  tags: readonly PlannedTag[],
): InstallerRelease {
  const released = { distribution, version: args.version };
  const hosts = [args.release ?? []].flat().flatMap((host) => {
    const url = host.downloadUrl?.(released, "file");
    return url === undefined ? [] : [url.slice(0, -"/file".length)];
  });
  const images = Object.entries(args.images).flatMap(([image, declaration]) => {
    const { repository = image, alsoRepositories = [] } = declaration;
    const installed = installedImage(args, repository, alsoRepositories, tags);
    return installed === undefined ? [] : [[image, installed] as const];
  });
  return {
    ...releaseOf(distribution, args),
    hosts,
    images: Object.fromEntries(images),
    source: args.source,
  };
}

function installedImage(
  { registries, version = "" }: DistributionDeclaration,
  repository: string,
  also: readonly string[],
  tags: readonly PlannedTag[],
): InstalledImage | undefined {
  const repositories = placesOf(repository, also, registries)
    .filter((place) => place.target.host !== undefined)
    .map((place) => place.repository);
  const own = tags.find(({ tag, moves }) => moves === "never" && tag.includes(bareVersion(version)));
  if (own === undefined || repositories.length === 0) return undefined;
  const latest = tags.find(({ moves, within }) => moves === "highest" && (within ?? "") === "");
  return { repositories, tag: own.tag, latest: latest?.tag };
}

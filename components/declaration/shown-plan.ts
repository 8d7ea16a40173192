import * as path from "node:path";
import { formatRepository, parseRepository } from "../../lib/oci/reference";
import { holdsTag, metadataProblems, metadataRules } from "../../lib/registries/metadata-rules";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { placesOf } from "./image-places";
import { isRegistry } from "./registry";
import type { ShownRepositories, ShownRepository } from "./shown-repositories";
import type { PlannedTag } from "./tag-rules";

/** One repository, and what is to be shown of it. */
export interface PlannedRepository {
  /** Its declaration among the others, for messages. */
  readonly index: number;
  readonly target: ShownRepositories;
  /** Name of the image. */
  readonly image: string;
  /** `host/path`. */
  readonly repository: string;
  readonly shown: ShownRepository;
}

/** The repositories that the distribution publishes to and of which something is to be shown. */
export function plannedRepositories(args: DistributionDeclaration): PlannedRepository[] {
  return (args.repositories ?? []).flatMap((target, index) =>
    Object.entries(args.images).flatMap(([image, { repository = image, alsoRepositories = [] }]) => {
      const registries = args.registries.filter(isRegistry).filter(({ host }) => host === target.host);
      return placesOf(repository, alsoRepositories, registries).map((place) => ({
        index,
        target,
        image,
        repository: formatRepository(parseRepository(place.repository)),
        shown: { ...target.all, ...target.images[image] },
      }));
    }),
  );
}

/**
 * What is wrong with what is to be shown.
 *
 * @param tags that images get, those that they keep included
 */
export function shownFindings(args: DistributionDeclaration, tags: readonly PlannedTag[]): Finding[] {
  const moving = tags.filter(({ moves }) => moves !== "never").map(({ tag }) => tag);
  const planned = plannedRepositories(args);
  return [
    ...(args.repositories ?? []).flatMap((target, index) => targetFindings(args, target, index)),
    ...planned.flatMap((one) => [...pathFindings(one), ...fieldFindings(one), ...tagFindings(one, moving)]),
    ...doubleFindings(planned),
  ];
}

function targetFindings(args: DistributionDeclaration, target: ShownRepositories, index: number): Finding[] {
  const findings: Finding[] = Object.keys(target.images)
    .filter((image) => !(image in args.images))
    .map((image) => ({
      property: `repositories[${index}].images.${image}`,
      reason: `there is no image ${JSON.stringify(image)}; declared are ${Object.keys(args.images).join(", ")}`,
    }));
  const hosts = args.registries.flatMap(({ host }) => host ?? []);
  if (target.isExpected && !hosts.includes(target.host)) {
    findings.push({
      property: `repositories[${index}].host`,
      reason: `nothing is published to ${JSON.stringify(target.host)}; the registries are on ${hosts.join(", ")}`,
    });
  }
  return findings;
}

function pathFindings({ index, target, repository }: PlannedRepository): Finding[] {
  const { shape, words } = metadataRules[target.kind].path;
  const place = parseRepository(repository).path;
  if (shape.test(place)) return [];
  const { name } = metadataRules[target.kind];
  return [
    { property: `repositories[${index}]`, reason: `${name} has no repository ${place}: it has ${words}` },
  ];
}

function fieldFindings({ index, target, image, shown }: PlannedRepository): Finding[] {
  const { fullDescription } = shown;
  const text = typeof fullDescription === "string" ? fullDescription : fullDescription && "";
  const own = target.images[image] ?? {};
  return metadataProblems(target.kind, { ...shown, fullDescription: text }).map(({ field, reason }) => ({
    property: `repositories[${index}].${field in own ? `images.${image}.` : ""}${field}`,
    reason,
  }));
}

/** A tag that moves and may not would fail the release at its end. */
function tagFindings({ index, target, shown }: PlannedRepository, moving: readonly string[]): Finding[] {
  return (shown.immutableTags ?? []).flatMap((pattern) => {
    const held = moving.filter((tag) => holdsTag(target.kind, pattern, tag));
    if (held.length === 0) return [];
    const { patternExample } = metadataRules[target.kind];
    const reason = `${JSON.stringify(pattern)} holds ${held.join(", ")}, which the release moves (a valid example: ${JSON.stringify(patternExample)})`;
    return [{ property: `repositories[${index}].immutableTags`, reason }];
  });
}

function doubleFindings(planned: readonly PlannedRepository[]): Finding[] {
  return planned.flatMap(({ index, repository }, place) => {
    const earlier = planned.slice(0, place).find((one) => one.repository === repository);
    if (earlier === undefined || earlier.index === index) return [];
    const reason = `repositories[${earlier.index}] says what ${repository} shows already: leave one of them out`;
    return [{ property: `repositories[${index}]`, reason }];
  });
}

/** Where relative links of a file of the project lead; undefined where nobody says. */
export function linksOf(
  { source }: DistributionDeclaration,
  { links }: ShownRepositories,
  file: string | undefined,
): string | undefined {
  const root = links ?? rootOf(source);
  if (root === undefined) return undefined;
  const folder = file === undefined ? "." : path.posix.dirname(path.posix.normalize(file));
  return folder === "." ? root : `${root.replace(/\/*$/, "")}/${folder}`;
}

function rootOf(source: string | undefined): string | undefined {
  const place = source?.replace(/\/*$/, "").replace(/\.git$/, "");
  if (place === undefined) return undefined;
  if (/^https:\/\/github\.com\/[^/]+\/[^/]+$/.test(place)) return `${place}/blob/HEAD`;
  if (/^https:\/\/gitlab\.com\/.+\/[^/]+$/.test(place)) return `${place}/-/blob/HEAD`;
  return undefined;
}

import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { familiarRepository } from "../../lib/deploy/repository-name";
import { nearest } from "../../lib/text/nearest";
import type { Finding } from "../../resources/definitions/input-findings";
import { documentRepository, type DocumentRepository } from "../declaration/document-repository";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";

/** How a deploy file names the images of a release. */
export interface ReferenceOptions {
  /** Whether by the tag of the version, by digest, or by both. Default: by tag, which never moves. */
  by?: "tag" | "digest" | "both";
  /**
   * Registry that images are named in where they are in several, with its namespace if that decides, such as
   * `ghcr.io/acme`. Default: the first one.
   */
  registry?: string;
  /** Whether pre-releases are written too. Default: false, they change nothing. */
  prereleases?: boolean;
  /** Another git repository that the path is in, such as what a cluster is deployed from. Default: that of the project. */
  into?: DocumentRepository;
}

/** Their shapes. */
export const referenceOptions = {
  by: z.enum(["tag", "digest", "both"]).optional(),
  registry: z
    .string()
    .min(1)
    .meta({ examples: ["ghcr.io/acme"] })
    .optional(),
  prereleases: z.boolean().optional(),
  into: documentRepository.optional(),
} as const;

/** Which images a rendered file names. */
export interface RenderedOptions extends ReferenceOptions {
  /**
   * `published` are those of the release; `local` are built on the machine that deploys, and need no registry.
   * This is the one switch to go back. Default: `published`.
   */
  images?: "published" | "local";
  /** Whether a file that somebody else has put there is replaced. Default: false, it is refused. */
  takeOver?: boolean;
}

/** Their shapes. */
export const renderedOptions = {
  ...referenceOptions,
  images: z.enum(["published", "local"]).optional(),
  takeOver: z.boolean().optional(),
} as const;

/** The places of an image that a file may name, the one to write first. */
export function placesIn(release: DocumentRelease, image: string, registry: string | undefined): string[] {
  const { repositories = [] } = release.images[image] ?? {};
  const isThere = (repository: string) => registry === undefined || repository.startsWith(`${registry}/`);
  return [...repositories.filter(isThere), ...repositories.filter((repository) => !isThere(repository))];
}

/** What is wrong with the way in which images are named. */
export function referenceFindings(
  release: DocumentRelease,
  { by = "tag", registry }: ReferenceOptions,
): Finding[] {
  const images = Object.entries(release.images);
  const placed = images.flatMap(([, { repositories }]) => repositories);
  const nowhere: Finding[] =
    registry === undefined || placed.some((repository) => repository.startsWith(`${registry}/`))
      ? []
      : [
          {
            property: "registry",
            reason: `no image is in ${JSON.stringify(registry)} (images are in ${[...new Set(placed)].join(", ")})`,
          },
        ];
  const untagged = by === "digest" ? [] : images.filter(([, { tag }]) => tag === undefined);
  return [
    ...nowhere,
    ...untagged.slice(0, 1).map(([name]): Finding => ({
      property: "by",
      reason: `image ${JSON.stringify(name)} has no tag of the version: name it by: "digest", or declare tags such as semverTags()`,
    })),
  ];
}

/** What is wrong with a name of an image. */
export function imageFinding(property: string, image: string, known: readonly string[]): Finding {
  const meant = nearest(image, known);
  return {
    property,
    reason:
      `there is no image ${JSON.stringify(image)}; declared are ${known.join(", ")}` +
      (meant === undefined ? "" : ` (did you mean ${meant}?)`) +
      '. An image of others goes into externalImages, or has its tag: "redis:7-alpine"',
  };
}

/** The reference of an image of the distribution, as people write it. */
export function publishedReference(
  facts: DocumentFacts,
  image: string,
  { by = "tag", registry }: ReferenceOptions,
): pulumi.Input<string> {
  const [place = image] = placesIn(facts, image, registry);
  const tag = by === "digest" ? "" : `:${facts.images[image]?.tag ?? ""}`;
  const tagged = `${familiarRepository(place)}${tag}`;
  return by === "tag" ? tagged : pulumi.interpolate`${tagged}@${facts.digestOf(image)}`;
}

/** The reference of an image of others: its digest is recorded, whoever moves the tag. */
export function externalReference(
  facts: DocumentFacts,
  name: string,
  { by = "tag" }: ReferenceOptions,
): pulumi.Input<string> {
  const declared = facts.declaredExternalImages[name] ?? name;
  if (by === "tag") return declared;
  const resolved = facts.externalImages.apply((references) => references[name] ?? declared);
  return by === "both" ? resolved : resolved.apply((reference) => reference.replace(/:[^/:@]+@/, "@"));
}

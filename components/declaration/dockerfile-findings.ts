import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../../resources/definitions/input-findings";
import { builderFindings, buildersByPlatform } from "./builder-choice";
import type { DistributionDeclaration } from "./declaration";
import { dockerfileFields } from "./dockerfile-declaration";
import { assembledFields, type ImageDeclaration } from "./image-declaration";
import { builtContexts, ownBases } from "./own-bases";

/**
 * Returns what is wrong with the images that are built from Dockerfiles, as far as only the whole
 * declaration shows it.
 */
export function dockerfileFindings(args: DistributionDeclaration): Finding[] {
  const findings = Object.entries(args.images).flatMap(([name, image]) => [
    ...kindFindings(name, image),
    ...(image.dockerfile === undefined ? [] : buildFindings(name, image, args)),
  ]);
  return [...findings, ...builderFindings(args)];
}

function kindFindings(name: string, image: ImageDeclaration<string, string>): Finding[] {
  const isBuilt = image.dockerfile !== undefined;
  const foreign = Object.keys(isBuilt ? assembledFields : dockerfileFields) as (keyof ImageDeclaration)[];
  const findings = foreign
    .filter((field) => image[field] !== undefined)
    .map((field) => ({
      property: `images.${name}.${field}`,
      reason: isBuilt
        ? "the Dockerfile of this image sets it: remove this field or the Dockerfile"
        : `applies to images with a Dockerfile only, and this image has none (a valid example: dockerfile: "docker/Dockerfile")`,
    }));
  const { base: declared } = image;
  if (
    !isBuilt &&
    declared !== undefined &&
    typeof declared === "object" &&
    !pulumi.Output.isInstance(declared)
  ) {
    findings.push({
      property: `images.${name}.base`,
      reason: `an image without a Dockerfile needs a reference here (a valid example: "docker.io/library/alpine:3.20.3")`,
    });
  }
  return findings;
}

function buildFindings(
  name: string,
  image: ImageDeclaration<string, string>,
  args: DistributionDeclaration,
): Finding[] {
  const property = `images.${name}`;
  const platforms = image.platforms ?? args.platforms;
  const findings: Finding[] = [];
  if (pulumi.Output.isInstance(image.base)) {
    findings.push({
      property: `${property}.base`,
      reason:
        "an image with a Dockerfile can only be based on an image of this distribution, by name; pass other bases as buildArgs",
    });
    return findings;
  }
  if (image.copies && image.stage !== undefined) {
    findings.push({
      property: `${property}.copies`,
      reason: `are added to the last stage, but ${JSON.stringify(image.stage)} is built: remove stage, or write COPY --from into that stage`,
    });
  }
  for (const { image: wanted } of ownBases(image)) {
    findings.push(...baseFindings(`${property}.base`, name, wanted, platforms, args));
  }
  const builders = buildersByPlatform(image.builder ?? args.builder);
  if (builders) {
    for (const platform of platforms) {
      if (builders[platform] !== undefined) continue;
      const field = image.builder === undefined ? "builder" : `${property}.builder`;
      findings.push({ property: field, reason: `has no builder for ${platform}` });
    }
  }
  const built = Object.keys(args.binaries ?? {});
  for (const [context, wanted] of Object.entries(builtContexts(image))) {
    if (built.includes(wanted)) continue;
    findings.push({
      property: `${property}.contexts.${context}.binary`,
      reason: `there is no binary ${JSON.stringify(wanted)}; ${built.length > 0 ? `declared are ${built.join(", ")}` : "no binaries are declared"}`,
    });
  }
  if (image.cache?.to !== undefined && platforms.length > 1 && !image.cache.to.includes("{arch}")) {
    findings.push({
      property: `${property}.cache.to`,
      reason: `${JSON.stringify(image.cache.to)} is the same for all ${platforms.length} platforms, which would overwrite each other (a valid example: "ghcr.io/acme/hello:buildcache-{arch}")`,
    });
  }
  return findings;
}

function baseFindings(
  property: string,
  name: string,
  wanted: string,
  platforms: readonly string[],
  args: DistributionDeclaration,
): Finding[] {
  const found = args.images[wanted];
  if (!found) {
    const names = Object.keys(args.images).filter((other) => other !== name);
    return [
      {
        property,
        reason: `there is no image ${JSON.stringify(wanted)}; ${names.length > 0 ? `the others are ${names.join(", ")}` : "it is the only one"}. Name images from elsewhere in the Dockerfile`,
      },
    ];
  }
  const cycle = cycleFrom(wanted, [name], args);
  if (cycle) return [{ property, reason: `the images depend on each other: ${cycle.join(" on ")}` }];
  const absent = platforms.filter((platform) => !(found.platforms ?? args.platforms).includes(platform));
  return absent.map((platform) => ({
    property,
    reason: `${name} is built for ${platform}, but its base ${wanted} is not`,
  }));
}

function cycleFrom(
  name: string,
  path: readonly string[],
  args: DistributionDeclaration,
): string[] | undefined {
  if (path.includes(name)) return [...path, name];
  const image = args.images[name];
  if (!image) return undefined;
  for (const { image: next } of ownBases(image)) {
    const cycle = cycleFrom(next, [...path, name], args);
    if (cycle) return cycle;
  }
  return undefined;
}

import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { parsePlatform } from "../../lib/oci/platform";
import { checkRepositoryPath } from "../../lib/oci/reference";
import { checked } from "../../resources/definitions/definition";
import type { Finding } from "../../resources/definitions/input-findings";
import { imageCopy } from "../../resources/definitions/build-context";
import { sizeBudget } from "../../resources/definitions/manifest";
import { builderFindings, buildersByPlatform } from "../builders";
import type { DistributionArgs } from "./declaration";
import type { ImageDeclaration } from "./image-declaration";
import { DeclaredBuilder } from "./declared-builder";

/** What a program declares of an image that is built from a Dockerfile. */

const text = z.union([
  z.string(),
  z.custom<pulumi.Output<string>>((value) => pulumi.Output.isInstance(value), "a text is expected"),
]);

const ownBase = z.union([
  checked(checkRepositoryPath),
  z.strictObject({
    /** Name of an image of this distribution. */
    image: checked(checkRepositoryPath),
    /** Build argument that gets its reference by digest. */
    argument: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  }),
]);

const cache = z.strictObject({
  /** References that the build takes its cache from. `{os}`, `{arch}`, `{variant}` and `{image}` are replaced. */
  from: z
    .array(z.string().min(1))
    .optional()
    .meta({ examples: [["ghcr.io/acme/hello:buildcache-{arch}"]] }),
  /** Reference that the cache is written to. It needs `{arch}` where there are more platforms than one. */
  to: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["ghcr.io/acme/hello:buildcache-{arch}"] }),
  /** `max` keeps all stages, `min` those of the result. Default: `max`. */
  mode: z.enum(["min", "max"]).optional(),
});

const builtContext = z.strictObject({
  /** Name of a binary of this distribution: the context is a folder with that file. */
  binary: z.string().min(1),
});

const contextName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/:-]*$/, "a name as in FROM is expected");

const oneBuilder = z.union([
  z.string().min(1),
  z.custom<DeclaredBuilder>(
    (value) => value instanceof DeclaredBuilder,
    "a name or a declared builder is expected",
  ),
]);

/** A builder, or one for each platform: names in buildx, where `embedded` is that of this machine, or declarations. */
export const builder = z
  .union([oneBuilder, z.record(checked(parsePlatform), oneBuilder)])
  .meta({ examples: ["ci", { "linux/amd64": "intel", "linux/arm64": "arm" }] });

/** Fields of an image declaration that are for Dockerfiles only. */
export const dockerfileFields = {
  /** Dockerfile, relative to the project's folder; with it, BuildKit builds the image. */
  dockerfile: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["docker/Dockerfile"] }),
  /** Folder of the context, relative to the project's. Default: the project's folder. */
  context: z.string().min(1).optional(),
  /** Whether the build gets the whole context, which a base image with ONBUILD needs. Default: what is named. */
  wholeContext: z.boolean().optional(),
  /** Stage to build. Default: the last. */
  target: z.string().min(1).optional(),
  /** Values of ARG. They are in the image for all to see: secrets have a field of their own. */
  buildArgs: z.record(z.string().min(1), text).optional(),
  /** Secrets that `RUN --mount=type=secret,id=NAME` reads: in no layer and no log unless the RUN itself writes them there; encrypted in the state. */
  secrets: z
    .record(
      z.string().min(1),
      text.refine((value) => value !== "", "the secret is empty: set it, or remove it here"),
    )
    .optional(),
  /**
   * Further contexts by name: folders of the project, `docker-image://…` or `https://…`, or a binary of this distribution,
   * as it was built for the image's platform.
   */
  contexts: z.record(contextName, z.union([z.string().min(1), builtContext])).optional(),
  /** Content of images from elsewhere, on top of the last stage: one `COPY --from` each, by digest (CAP-13). */
  copies: z.array(imageCopy).min(1).optional(),
  /** Network of RUN instructions. `none` makes the build hermetic. Default: `default`. */
  network: z.enum(["default", "none", "host"]).optional(),
  /** Where the builder finds and keeps what it has built, in a registry. */
  cache: cache.optional(),
  /** The builder, or one for each platform. Default: that of the distribution. */
  builder: builder.optional(),
  /** Limit of the image's size on each platform. */
  budget: sizeBudget.optional(),
};

/** Base of an image: a reference, or for Dockerfiles images of this distribution. */
export const base = z.union([text, ownBase, z.array(ownBase).min(1)]);

/** An image of this distribution that another one is built on. */
export interface OwnBase {
  image: string;
  /** Build argument that names it; else it is a named context. */
  argument?: string;
}

/** The images of the distribution that a Dockerfile image is declared to start from. */
export function ownBases({ dockerfile, base: declared }: ImageDeclaration): OwnBase[] {
  if (dockerfile === undefined || declared === undefined) return [];
  const list = (Array.isArray(declared) ? declared : [declared]) as (string | OwnBase)[];
  return list.map((entry) => (typeof entry === "string" ? { image: entry } : entry));
}

/** The contexts of an image that are binaries of the distribution: the binary's name by the context's. */
export function builtContexts({ contexts = {} }: ImageDeclaration): Record<string, string> {
  return Object.fromEntries(
    Object.entries(contexts).flatMap(([name, context]) =>
      typeof context === "string" ? [] : [[name, context.binary] as const],
    ),
  );
}

/** Fields that say what is in the image, which a Dockerfile does itself. */
const assembledOnly = [
  "files",
  "compression",
  "entrypoint",
  "cmd",
  "env",
  "ports",
  "user",
  "workingDir",
  "volumes",
  "stopSignal",
  "healthcheck",
] as const;

/** What is wrong with the images that are built from Dockerfiles, as far as only the whole declaration shows it. */
export function dockerfileFindings(args: DistributionArgs): Finding[] {
  const findings = Object.entries(args.images).flatMap(([name, image]) => [
    ...kindFindings(name, image),
    ...(image.dockerfile === undefined ? [] : buildFindings(name, image, args)),
  ]);
  return [...findings, ...builderFindings(args)];
}

function kindFindings(name: string, image: ImageDeclaration): Finding[] {
  const isBuilt = image.dockerfile !== undefined;
  const foreign = isBuilt
    ? assembledOnly
    : (Object.keys(dockerfileFields) as (keyof typeof dockerfileFields)[]);
  const findings = foreign
    .filter((field) => image[field] !== undefined)
    .map((field) => ({
      property: `images.${name}.${field}`,
      reason: isBuilt
        ? "the image has a Dockerfile, which says this itself: remove the field here, or the Dockerfile"
        : `is for images with a Dockerfile, and this one has none (a valid example: dockerfile: "docker/Dockerfile")`,
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
      reason: `a reference is expected for an image without a Dockerfile (a valid example: "docker.io/library/alpine:3.20.3")`,
    });
  }
  return findings;
}

function buildFindings(name: string, image: ImageDeclaration, args: DistributionArgs): Finding[] {
  const property = `images.${name}`;
  const platforms = image.platforms ?? args.platforms;
  const findings: Finding[] = [];
  if (pulumi.Output.isInstance(image.base)) {
    findings.push({
      property: `${property}.base`,
      reason:
        "an image with a Dockerfile takes the name of an image of this distribution; pass others as buildArgs",
    });
    return findings;
  }
  if (image.copies && image.target !== undefined) {
    findings.push({
      property: `${property}.copies`,
      reason: `go on top of the last stage, and ${JSON.stringify(image.target)} is built: remove target, or write COPY --from into that stage`,
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
      findings.push({ property: field, reason: `names no builder for ${platform}` });
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
      reason: `${JSON.stringify(image.cache.to)} is one place for ${platforms.length} platforms, which would overwrite each other (a valid example: "ghcr.io/acme/hello:buildcache-{arch}")`,
    });
  }
  return findings;
}

function baseFindings(
  property: string,
  name: string,
  wanted: string,
  platforms: readonly string[],
  args: DistributionArgs,
): Finding[] {
  const found = args.images[wanted];
  if (!found) {
    const names = Object.keys(args.images).filter((other) => other !== name);
    return [
      {
        property,
        reason: `there is no image ${JSON.stringify(wanted)}; ${names.length > 0 ? `the others are ${names.join(", ")}` : "there is no other"}. Images from elsewhere are named in the Dockerfile`,
      },
    ];
  }
  const cycle = cycleFrom(wanted, [name], args);
  if (cycle) return [{ property, reason: `the images are built on each other: ${cycle.join(" on ")}` }];
  const absent = platforms.filter((platform) => !(found.platforms ?? args.platforms).includes(platform));
  return absent.map((platform) => ({
    property,
    reason: `${wanted} is not built for ${platform}, and ${name} is`,
  }));
}

function cycleFrom(name: string, path: readonly string[], args: DistributionArgs): string[] | undefined {
  if (path.includes(name)) return [...path, name];
  const image = args.images[name];
  if (!image) return undefined;
  for (const { image: next } of ownBases(image)) {
    const cycle = cycleFrom(next, [...path, name], args);
    if (cycle) return cycle;
  }
  return undefined;
}

import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type { BaseImageReference } from "../resources/definitions/build-context";
import {
  BuildContext,
  BuildPart,
  Manifest,
  type ImageCopy,
  type LockUse,
  type ManifestArgs,
} from "../resources";
import { credentialsFor } from "./embedded-registry";
import { lineOfFailure } from "./line-of-failure";
import { fillTemplate, platformValues } from "./declaration/templates";

type Text = pulumi.Input<string>;

/** The parts of a base image that a build needs. */
export interface BuiltBase {
  repository: string;
  /** Its images by platform. */
  images: Readonly<Record<string, { digest: pulumi.Output<string> }>>;
}

/** How an image is built from a Dockerfile, on every platform. */
export interface DockerfileBuildArgs {
  platforms: readonly string[];
  /** Relative to the project's folder, as is `context`. */
  dockerfile: string;
  context?: string;
  wholeContext?: boolean;
  stage?: string;
  buildArgs?: Readonly<Record<string, Text>>;
  secrets?: Readonly<Record<string, Text>>;
  contexts?: Readonly<Record<string, string>>;
  /** Contexts of a built file: its path on each platform, by name and platform. */
  built?: Readonly<Record<string, Readonly<Record<string, Text>>>>;
  copies?: readonly ImageCopy[];
  network?: "default" | "none" | "host";
  cache?: { from?: readonly string[]; to?: string; mode?: "min" | "max" };
  builder?: string | Readonly<Record<string, string>>;
  budget?: ManifestArgs["budget"];
  labels?: Readonly<Record<string, Text>>;
  annotations?: Readonly<Record<string, Text>>;
  /** Creation time, RFC 3339. Default: the epoch. */
  created?: string;
  /** Lock that the digests of bases from elsewhere are taken from. */
  lock?: LockUse;
  /** Images of the same program that this one is built on. */
  bases?: readonly { name: string; argument?: string; image: BuiltBase }[];
  /** Who signs in to the registries. Default: Docker's configuration. */
  credentials?: readonly { address: string; username: Text; password: Text }[];
  /** Whether the registry is spoken to in plain HTTP. */
  insecure?: boolean;
  /** Where each platform is built by a run of its own. */
  split?: SplitBuild;
}

/** What one of several runs does of the builds for each platform. */
export interface SplitBuild {
  /** Platform that this run builds. Absent: none, it joins what the others have built. */
  only?: string;
  version?: string;
  revision?: string;
}

/** The result of the build of a Dockerfile. */
export interface DockerfileBuild {
  context: BuildContext;
  manifests: Readonly<Record<string, Manifest>>;
}

/** A folder of this machine, in contrast to an image or an address. */
const isFolder = (location: string) => !/^[a-z][a-z0-9+.-]*:\/\/|^git@/.test(location);

/**
 * One build a platform through the official `docker-build` provider, pushed by digest and without a
 * tag. The builder's own attestations are off: they would make an index of each platform's image.
 */
export function buildDockerfile(
  name: string,
  repository: string,
  args: DockerfileBuildArgs,
  options: pulumi.CustomResourceOptions,
): DockerfileBuild {
  const { contexts = {}, built = {}, bases = [] } = args;
  const folders = Object.fromEntries(Object.entries(contexts).filter(([, location]) => isFolder(location)));
  const otherContexts = Object.keys(contexts).filter((key) => folders[key] === undefined);
  // What FROM says where an argument names the base: the digest changes no file, and is not known
  // before it is built.
  const placeholders = bases.flatMap((base) =>
    base.argument === undefined ? [] : [[base.argument, base.name]],
  );
  const context = new BuildContext(
    name,
    {
      image: name,
      repository,
      dockerfile: args.dockerfile,
      context: args.context,
      stage: args.stage,
      copies: args.copies && [...args.copies],
      whole: args.wholeContext,
      platforms: [...args.platforms],
      buildArgs: { ...args.buildArgs, ...(Object.fromEntries(placeholders) as Record<string, string>) },
      secrets: Object.keys(args.secrets ?? {}),
      lock: args.lock,
      folders,
      builtFiles: Object.keys(built).length === 0 ? undefined : byFolder(built),
      otherContexts,
      ownImages: bases.map((base) => base.name),
      builders: args.builder === undefined ? undefined : buildersOf(builtPlatforms(args), args.builder),
      builtElsewhere: args.split !== undefined && args.split.only === undefined ? true : undefined,
    },
    options,
  );
  const { only } = args.split ?? {};
  const made = only === undefined ? args.platforms : [only];
  const manifests = Object.fromEntries(
    made.map((platform) => [platform, platformManifest(name, repository, platform, context, args, options)]),
  );
  return { context, manifests };
}

/** Platforms that this run builds for. */
function builtPlatforms({ platforms, split }: DockerfileBuildArgs): readonly string[] {
  if (split === undefined) return platforms;
  return split.only === undefined ? [] : [split.only];
}

/** Folder of a platform's file in a context of built files. */
const platformFolder = (platform: string) => platform.replaceAll("/", "_");

function byFolder(built: NonNullable<DockerfileBuildArgs["built"]>): Record<string, Record<string, Text>> {
  return Object.fromEntries(
    Object.entries(built).map(([name, paths]) => [
      name,
      Object.fromEntries(Object.entries(paths).map(([platform, file]) => [platformFolder(platform), file])),
    ]),
  );
}

function buildersOf(
  platforms: readonly string[],
  builder: string | Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    platforms.map((platform) => [
      platform,
      typeof builder === "string" ? builder : (builder[platform] ?? ""),
    ]),
  );
}

/** The image of a platform: built here, or by another run. */
function platformManifest(
  image: string,
  repository: string,
  platform: string,
  context: BuildContext,
  args: DockerfileBuildArgs,
  options: pulumi.CustomResourceOptions,
): Manifest {
  const name = `${image}-${platform.replaceAll("/", "-")}`;
  const place = { name, image, repository, platform };
  const built = builtPlatforms(args).includes(platform)
    ? buildPlatform(place, context, args, options)
    : undefined;
  const part = args.split && recordPart(place, context, args, built?.digest, options);
  return new Manifest(
    name,
    {
      repository,
      digest: (part ?? built)?.digest ?? "",
      platform,
      builtBy: built?.urn,
      build: built && {
        context: context.stagedContext,
        contextHash: built.contextHash,
        builder: builderOf(platform, args),
      },
      budget: args.budget,
    },
    options,
  );
}

/** An image for one platform. */
interface PlatformPlace {
  /** Name of its resources. */
  readonly name: string;
  readonly image: string;
  readonly repository: string;
  readonly platform: string;
}

function builderOf(platform: string, { builder }: DockerfileBuildArgs): string | undefined {
  return typeof builder === "string" ? builder : builder?.[platform];
}

/**
 * What the runs tell each other of an image: who joins takes one that was built from the same.
 *
 * @param built digest that this run has pushed; undefined where another one builds it
 */
function recordPart(
  { name, image, repository, platform }: PlatformPlace,
  context: BuildContext,
  args: DockerfileBuildArgs,
  built: pulumi.Output<string> | undefined,
  options: pulumi.CustomResourceOptions,
): BuildPart {
  const { contexts = {}, bases = [] } = args;
  const own = Object.fromEntries(bases.map((base) => [base.name, base.image.images[platform]?.digest ?? ""]));
  const found = context.bases.apply((all) =>
    Object.fromEntries(
      all.flatMap(({ reference, image: base, digest = "" }) =>
        base === undefined ? [[reference, digest] as const] : [],
      ),
    ),
  );
  return new BuildPart(
    name,
    {
      image,
      repository,
      platform,
      version: args.split?.version,
      revision: args.split?.revision,
      context: context.digest,
      bases: pulumi.all([found, own]).apply(([others, digests]) => ({ ...others, ...digests })),
      settings: {
        stage: args.stage,
        buildArgs: args.buildArgs && { ...args.buildArgs },
        labels: args.labels && { ...args.labels },
        annotations: args.annotations && { ...args.annotations },
        created: args.created,
        network: args.network,
        secrets: args.secrets && Object.keys(args.secrets).sort(),
        contexts: Object.fromEntries(Object.entries(contexts).filter(([, location]) => !isFolder(location))),
      },
      built,
    },
    options,
  );
}

function buildPlatform(
  { name, image, repository, platform }: PlatformPlace,
  context: BuildContext,
  args: DockerfileBuildArgs,
  options: pulumi.CustomResourceOptions,
): dockerBuild.Image {
  const builder = builderOf(platform, args);
  const seconds = Math.floor(Date.parse(args.created ?? "1970-01-01T00:00:00Z") / 1000);
  return new dockerBuild.Image(
    name,
    {
      push: false,
      // A preview builds nothing: it says what would be built, and why.
      buildOnPreview: false,
      platforms: [platform as dockerBuild.Platform],
      context: { location: context.stagedContext, named: namedContexts(context, platform, args) },
      dockerfile: { location: context.stagedDockerfile },
      target: args.stage,
      buildArgs: { SOURCE_DATE_EPOCH: String(seconds), ...args.buildArgs, ...baseArguments(platform, args) },
      secrets: args.secrets && secretsOf(args.secrets),
      labels: args.labels && { ...args.labels },
      network: args.network,
      builder: builder === undefined ? undefined : { name: builder },
      ...cacheOf(image, platform, args.cache),
      ...registriesOf(repository, args),
      exports: [{ raw: pushByDigest(repository, args) }],
    },
    pulumi.mergeOptions(options, {
      retainOnDelete: true,
      replacementTrigger: context.rebuilds.apply((counts) => counts?.[platform] ?? 0),
      ...lineOfFailure(`${repository}:${platform}`, args.dockerfile, context),
    }),
  );
}

/** Returns who signs in: as declared, and to the embedded registry by itself. */
function registriesOf(
  repository: string,
  { credentials = [], cache }: DockerfileBuildArgs,
): Pick<dockerBuild.ImageArgs, "registries"> {
  const embedded = credentialsFor([repository, ...(cache?.to === undefined ? [] : [cache.to])]);
  const declared = new Set(credentials.map(({ address }) => address));
  const registries = [...credentials, ...embedded.filter(({ address }) => !declared.has(address))];
  if (registries.length === 0) return {};
  return {
    registries: registries.map((access) => ({ ...access, password: pulumi.secret(access.password) })),
  };
}

function secretsOf(secrets: Readonly<Record<string, Text>>): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.entries(secrets).map(([id, value]) => [id, pulumi.secret(value)]));
}

/** References by digest for the build arguments that name a base. */
function baseArguments(platform: string, { bases = [] }: DockerfileBuildArgs): Record<string, Text> {
  return Object.fromEntries(
    bases.flatMap(({ argument, image }) =>
      argument === undefined ? [] : [[argument, byDigest(image, platform)] as const],
    ),
  );
}

function byDigest(image: BuiltBase, platform: string): pulumi.Output<string> {
  const digest = image.images[platform]?.digest;
  if (!digest) throw new Error(`${image.repository} is not built for ${platform}`);
  return pulumi.interpolate`${image.repository}@${digest}`;
}

/**
 * Named contexts go before what FROM says: images of this program stand for every reference that
 * ends with their name, and an image from elsewhere is the digest that the preview has shown.
 */
function namedContexts(
  context: BuildContext,
  platform: string,
  { contexts = {}, built = {}, bases = [] }: DockerfileBuildArgs,
): pulumi.Input<Record<string, { location: string }>> {
  const own = pulumi.output(
    Object.fromEntries(
      bases.flatMap(({ name, argument, image }) =>
        argument === undefined ? [[name, byDigest(image, platform)] as const] : [],
      ),
    ),
  );
  return pulumi.all([context.bases, context.stagedFolders, own]).apply(([found, folders, images]) => ({
    ...Object.fromEntries(
      Object.entries(contexts).map(([key, location]) => [key, { location: folders[key] ?? location }]),
    ),
    ...Object.fromEntries(
      Object.keys(built).map((key) => [key, { location: `${folders[key]}/${platformFolder(platform)}` }]),
    ),
    ...Object.fromEntries(found.flatMap((reference) => pinned(reference, images))),
  }));
}

function pinned(
  { reference, image, digest }: BaseImageReference,
  own: Readonly<Record<string, string>>,
): [string, { location: string }][] {
  const target = image === undefined ? pinnedReference(reference, digest) : own[image];
  return target === undefined ? [] : [[reference, { location: `docker-image://${target}` }]];
}

/** A reference with its digest; undefined where it has one already, or its digest is not known. */
function pinnedReference(reference: string, digest: string | undefined): string | undefined {
  return digest === undefined || reference.includes("@") ? undefined : `${reference}@${digest}`;
}

function cacheOf(
  name: string,
  platform: string,
  cache: DockerfileBuildArgs["cache"],
): Pick<dockerBuild.ImageArgs, "cacheFrom" | "cacheTo"> {
  if (!cache) return {};
  const fill = (reference: string) => fillTemplate(reference, { ...platformValues(platform), image: name });
  return {
    cacheFrom: cache.from && cache.from.map((reference) => ({ registry: { ref: fill(reference) } })),
    cacheTo:
      cache.to === undefined
        ? undefined
        : [
            {
              registry: {
                ref: fill(cache.to),
                mode: cache.mode ?? ("max" as const),
                imageManifest: true,
                ociMediaTypes: true,
              },
            },
          ],
  };
}

/**
 * The export: by digest, no tag, times in new layers not after SOURCE_DATE_EPOCH. As a line of
 * options, since the typed form has no field for the last.
 */
function pushByDigest(
  repository: string,
  { annotations = {}, insecure }: DockerfileBuildArgs,
): pulumi.Output<string> {
  return pulumi
    .output({ ...annotations })
    .apply((values) =>
      [
        "type=image",
        `name=${repository}`,
        "push=true",
        "push-by-digest=true",
        "oci-mediatypes=true",
        "rewrite-timestamp=true",
        ...(insecure === true ? ["registry.insecure=true"] : []),
        ...Object.entries(values).map(([key, value]) => `annotation.${key}=${value}`),
      ]
        .map(csvField)
        .join(","),
    );
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

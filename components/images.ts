import * as pulumi from "@pulumi/pulumi";
import { defined } from "../lib/objects/defined";
import { isLocalRegistry } from "../lib/oci/reference";
import type { BinaryBuilds } from "./binary-builds";
import { builderNames, createBuilders } from "./builders";
import type { DistributionDeclaration } from "./declaration/declaration";
import type {
  AssembledImageDeclaration,
  DockerfileImageDeclaration,
  FileDeclaration,
  ImageDeclaration,
} from "./declaration/image-declaration";
import { builtContexts, ownBases } from "./declaration/own-bases";
import { lockOf } from "./declaration/external-image-declaration";
import type { DockerfileBuildArgs } from "./dockerfile-build";
import { splitImages } from "./split";
import { MultiArchImage, type PlatformImageArgs } from "./multi-arch-image";
import type { RegistryTarget } from "./declaration/registry";
import { standardAnnotations } from "./declaration/standard-annotations";
import { fillTemplate, platformValues } from "./declaration/templates";

/**
 * The images of a distribution, each after those that it is built on.
 *
 * @param first what has to be there before anything is built
 * @param only platform that this run builds for, where each is built by a run of its own
 */
export function createImages(
  args: DistributionDeclaration,
  registry: RegistryTarget,
  binaries: BinaryBuilds,
  parent: pulumi.Resource,
  first: readonly pulumi.Resource[],
  only?: string,
): Record<string, MultiArchImage> {
  const made = new Map<string, MultiArchImage>();
  const buildersOf = createBuilders(args, parent);
  const make = (name: string): MultiArchImage => {
    const known = made.get(name);
    if (known) return known;
    const image = args.images[name];
    if (!image) throw new Error(`no image named ${name}`);
    const bases = ownBases(image).map(({ image: base, argument }) => ({
      name: base,
      image: make(base),
      argument,
    }));
    const repository = registry.repository(image.repository ?? name);
    const declared = image.platforms ?? args.platforms;
    // Of a Dockerfile the context is the same for all, so that the runs can tell that they build from the same.
    const platforms =
      only !== undefined && image.dockerfile === undefined
        ? declared.filter((one) => one === only)
        : declared;
    const facts = standardAnnotations(factsOf(name, image, args));
    // The others have them from their builder, among their own.
    const described =
      image.dockerfile === undefined
        ? { annotations: image.annotations, standardAnnotations: isCopy(image) ? undefined : facts }
        : { annotations: { ...facts, ...image.annotations } };
    const content =
      image.dockerfile === undefined
        ? {
            platforms: Object.fromEntries(
              platforms.map((platform) => [
                platform,
                platformImage(image, platform, args.version ?? "", binaries),
              ]),
            ),
          }
        : {
            build: {
              ...buildArgs(name, image, args, registry),
              platforms,
              bases,
              built: builtFiles(image, platforms, binaries),
              split:
                args.split === true
                  ? defined({ only, version: args.version, revision: args.commit })
                  : undefined,
            },
          };
    const created = new MultiArchImage(
      name,
      { repository, ...content, ...described, isPart: only !== undefined },
      {
        parent,
        dependsOn: [
          ...first,
          ...buildersOf(image.dockerfile === undefined ? undefined : (image.builder ?? args.builder)),
        ],
      },
    );
    made.set(name, created);
    return created;
  };
  if (only === undefined)
    return Object.fromEntries(Object.keys(args.images).map((name) => [name, make(name)]));
  for (const name of splitImages(args, only)) make(name);
  const left = (name: string, { repository = name }: ImageDeclaration) =>
    new MultiArchImage(
      name,
      { repository: registry.repository(repository), platforms: {}, isPart: true },
      { parent },
    );
  return Object.fromEntries(
    Object.entries(args.images).map(([name, image]) => [name, made.get(name) ?? left(name, image)]),
  );
}

const epoch = "1970-01-01T00:00:00Z";

function factsOf(name: string, image: ImageDeclaration, args: DistributionDeclaration) {
  return {
    title: name,
    version: args.version,
    revision: args.commit,
    source: args.source,
    licenses: args.licenses,
    created: image.created ?? epoch,
  };
}

function buildArgs(
  name: string,
  image: DockerfileImageDeclaration,
  args: DistributionDeclaration,
  registry: RegistryTarget,
): Omit<DockerfileBuildArgs, "platforms"> {
  const facts = factsOf(name, image, args);
  const { username, password, insecure } = registry.access ?? {};
  return defined({
    dockerfile: image.dockerfile,
    context: image.context,
    wholeContext: image.wholeContext,
    stage: image.stage,
    contexts: placesOf(image),
    buildArgs: image.buildArgs,
    secrets: image.secrets,
    copies: image.copies,
    network: image.network,
    cache: image.cache,
    builder: builderNames(image.builder ?? args.builder),
    lock: lockOf(args),
    budget: image.budget,
    created: image.created,
    labels: standardAnnotations(facts, image.labels),
    annotations: standardAnnotations(facts, image.annotations),
    credentials:
      username === undefined || password === undefined
        ? undefined
        : [{ address: registry.host, username, password }],
    insecure: insecure === true || isLocalRegistry(registry.host),
  });
}

/** Contexts that are folders or references; the others are {@link builtFiles}. */
function placesOf({ contexts }: ImageDeclaration): Record<string, string> | undefined {
  return (
    contexts &&
    Object.fromEntries(
      Object.entries(contexts).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    )
  );
}

/** Returns whether an image is its base, byte for byte. */
function isCopy({
  base,
  compression: _compression,
  repository: _repository,
  alsoRepositories: _alsoRepositories,
  platforms: _platforms,
  ...own
}: AssembledImageDeclaration<string>): boolean {
  return base !== undefined && Object.keys(defined(own)).length === 0;
}

/** Paths of the built files that are contexts of an image, by context and platform. */
function builtFiles(
  image: ImageDeclaration,
  platforms: readonly string[],
  binaries: BinaryBuilds,
): DockerfileBuildArgs["built"] {
  return Object.fromEntries(
    Object.entries(builtContexts(image)).map(([context, binary]) => [
      context,
      Object.fromEntries(platforms.map((platform) => [platform, binaries.file(binary, platform).source])),
    ]),
  );
}

function platformImage(
  image: AssembledImageDeclaration<string>,
  platform: string,
  version: string,
  binaries: BinaryBuilds,
): PlatformImageArgs {
  const { files, compression, base, annotations, created, ports, healthcheck, ...rest } = image;
  const {
    repository: _repository,
    alsoRepositories: _alsoRepositories,
    platforms: _platforms,
    ...config
  } = rest;
  const values = { ...platformValues(platform), version };
  const imageConfig = defined({ ...config, exposedPorts: ports, healthcheck });
  return {
    base,
    layers: files && [
      { files: files.map((file) => layerFile(file, platform, values, binaries)), compression },
    ],
    config: Object.keys(imageConfig).length > 0 ? imageConfig : undefined,
    annotations,
    created,
  };
}

function layerFile(
  file: FileDeclaration<string>,
  platform: string,
  values: Readonly<Record<string, string>>,
  binaries: BinaryBuilds,
): NonNullable<PlatformLayerFile> {
  const { binary, source, ...rest } = file;
  if (binary !== undefined) return { mode: "0755", ...rest, ...binaries.file(binary, platform) };
  return { ...rest, source: source === undefined ? undefined : fillTemplate(source, values) };
}

type PlatformLayerFile = Omit<FileDeclaration, "binary" | "source"> & {
  source?: pulumi.Input<string>;
  digest?: pulumi.Input<string>;
};

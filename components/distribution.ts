import * as pulumi from "@pulumi/pulumi";
import { ReferenceError } from "../oci/reference";
import { Provider, Tags } from "../sdk";
import { buildBinary, type BinaryFile } from "./binary";
import {
  checkDistribution,
  type DistributionArgs,
  type FileDeclaration,
  type ImageDeclaration,
} from "./declaration";
import { DeclarationError } from "./declaration-error";
import { MultiArchImage, type PlatformImageArgs } from "./multi-arch-image";
import { createMirrors } from "./mirrors";
import { Registry, type ImageTarget } from "./registry";
import { declaredTag, planTags, semverTags, TagRuleError, type PlannedTag, type Release } from "./tag-rules";
import { fillTemplate, platformValues } from "./templates";

/** What was published of one image. */
export interface PublishedImage {
  digest: string;
  /** `docker pull …` for each tag. */
  pull: string[];
  /** `docker pull …` by digest. */
  pullByDigest: string;
  platforms: string[];
}

/**
 * Everything that a project ships. On the wire the order is always: binaries, images by digest, indexes, version tags,
 * aliases. A version tag that exists with another digest therefore stops the run before any alias moves.
 */
export class Distribution extends pulumi.ComponentResource {
  readonly images: Readonly<Record<string, MultiArchImage>>;
  /** Digests and pull commands by image: what a user wants to copy. */
  readonly published: pulumi.Output<Record<string, PublishedImage>>;
  /** Tags that were computed, published or not. */
  readonly tags: readonly PlannedTag[];

  /** @throws DeclarationError before any resource is registered */
  constructor(name: string, args: DistributionArgs, options?: pulumi.ComponentResourceOptions) {
    checkDistribution(name, args);
    const tags = tagsOf(name, args);
    const registry = args.registries[0] as Registry;
    super("slipway:components:Distribution", name, {}, withAccess(name, args.registries, options));
    this.tags = tags;

    const binaries = new BinaryBuilds(name, args, this);
    this.images = Object.fromEntries(
      Object.entries(args.images).map(([imageName, image]) => [
        imageName,
        new MultiArchImage(
          imageName,
          {
            repository: registry.repository(image.repository ?? imageName),
            platforms: Object.fromEntries(
              (image.platforms ?? args.platforms).map((platform) => [
                platform,
                platformImage(image, platform, args.version ?? "", binaries),
              ]),
            ),
            ...(image.annotations ? { annotations: image.annotations } : {}),
          },
          { parent: this },
        ),
      ]),
    );
    const publishedTags = tags.filter((tag) => tag.published);
    const versionTags = this.createTags(publishedTags);
    createMirrors(
      name,
      Object.entries(this.images).map(([imageName, image]) => ({
        name: imageName,
        repository: args.images[imageName]?.repository ?? imageName,
        image,
      })),
      args.registries.slice(1),
      publishedTags,
      { parent: this, dependsOn: versionTags },
    );
    this.published = pulumi.output(
      Object.fromEntries(
        Object.entries(this.images).map(([imageName, image]) => [imageName, publishedImage(image, tags)]),
      ),
    );
    this.registerOutputs({ published: this.published });
  }

  /**
   * Version tags when all images are there, for a version tag stays for ever and a release that fails half-way has to
   * be free to change; then whatever may move.
   */
  private createTags(tags: readonly PlannedTag[]): Tags[] {
    const images = Object.values(this.images);
    const indexes = images.map(({ index }) => index);
    const create = (kind: string, some: readonly PlannedTag[], dependsOn: pulumi.Resource[]) =>
      some.length === 0 ? [] : images.map((image) => createImageTags(image, kind, some, dependsOn));
    const fixed = tags.filter(({ moves }) => moves === "never");
    const versionTags = create("version-tags", fixed, indexes);
    create(
      "aliases",
      tags.filter((tag) => !fixed.includes(tag)),
      [...indexes, ...versionTags],
    );
    return versionTags;
  }
}

function createImageTags(
  image: MultiArchImage,
  kind: string,
  tags: readonly PlannedTag[],
  dependsOn: pulumi.Resource[],
): Tags {
  const path = image.repository.slice(image.repository.indexOf("/") + 1);
  return new Tags(
    `${path}:${kind}`,
    { repository: image.repository, digest: image.digest, tags: tags.map(declaredTag) },
    { parent: image, dependsOn },
  );
}

function tagsOf(name: string, args: DistributionArgs): PlannedTag[] {
  const { version, commit, branch, pullRequest, rebuilt } = args;
  const release: Release = { version, commit, branch, pullRequest, rebuilt };
  try {
    const tags = planTags(args.tags ?? semverTags(), release);
    if (tags.length > 0) return tags;
  } catch (error) {
    if (!(error instanceof TagRuleError || error instanceof ReferenceError)) throw error;
    // A rule's own error names the field that it is about; a bad tag can come from any rule.
    const property = error instanceof ReferenceError ? "tags" : "";
    throw new DeclarationError(`distribution ${JSON.stringify(name)}`, [{ property, reason: error.message }]);
  }
  throw new DeclarationError(`distribution ${JSON.stringify(name)}`, [
    {
      property: "version",
      reason:
        version === undefined
          ? `is missing, and the tag rule gives no tag without it (a valid example: "v1.2.3")`
          : `${JSON.stringify(version)}: the tag rule gives no tag for it`,
    },
  ]);
}

/** Access that a program declares goes to a provider of the distribution's own. */
function withAccess(
  name: string,
  registries: readonly ImageTarget[],
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  const declared = registries.filter(
    (registry): registry is Registry => registry instanceof Registry && registry.hasAccess,
  );
  if (declared.length === 0) return options;
  const provider = new Provider(name, {
    registries: declared.map(({ endpoint, args: { username, password, ca, insecure } }) => ({
      host: endpoint,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: pulumi.secret(password) }),
      ...(ca === undefined ? {} : { ca }),
      ...(insecure === undefined ? {} : { insecure }),
    })),
  });
  return { ...options, providers: [provider] };
}

/** Each binary is built once a platform, whichever images take it. */
class BinaryBuilds {
  private readonly built = new Map<string, BinaryFile>();

  constructor(
    private readonly distribution: string,
    private readonly args: DistributionArgs,
    private readonly parent: pulumi.Resource,
  ) {}

  file(binary: string, platform: string): BinaryFile {
    const key = `${binary}-${platform.replaceAll("/", "-")}`;
    const known = this.built.get(key);
    if (known) return known;
    const declaration = this.args.binaries?.[binary];
    if (!declaration) throw new Error(`${this.distribution}: there is no binary ${binary}`);
    const file = buildBinary(key, binary, declaration, platform, this.args.version ?? "", this.parent);
    this.built.set(key, file);
    return file;
  }
}

function platformImage(
  image: ImageDeclaration,
  platform: string,
  version: string,
  binaries: BinaryBuilds,
): PlatformImageArgs {
  const { files, compression, base, annotations, created, ports, healthcheck, ...rest } = image;
  const { repository: _repository, platforms: _platforms, ...config } = rest;
  const values = { ...platformValues(platform), version };
  const imageConfig = {
    ...config,
    ...(ports ? { exposedPorts: ports } : {}),
    ...(healthcheck ? { healthcheck } : {}),
  };
  return {
    ...(base === undefined ? {} : { base }),
    ...(files
      ? {
          layers: [
            {
              files: files.map((file) => layerFile(file, platform, values, binaries)),
              ...(compression ? { compression } : {}),
            },
          ],
        }
      : {}),
    ...(Object.keys(imageConfig).length > 0 ? { config: imageConfig } : {}),
    ...(annotations ? { annotations } : {}),
    ...(created === undefined ? {} : { created }),
  };
}

function layerFile(
  file: FileDeclaration,
  platform: string,
  values: Readonly<Record<string, string>>,
  binaries: BinaryBuilds,
): NonNullable<PlatformLayerFile> {
  const { binary, source, ...rest } = file;
  if (binary !== undefined) return { mode: "0755", ...rest, ...binaries.file(binary, platform) };
  return { ...rest, ...(source === undefined ? {} : { source: fillTemplate(source, values) }) };
}

type PlatformLayerFile = Omit<FileDeclaration, "binary" | "source"> & {
  source?: pulumi.Input<string>;
  digest?: pulumi.Input<string>;
};

function publishedImage(image: MultiArchImage, tags: readonly PlannedTag[]): pulumi.Output<PublishedImage> {
  return pulumi.all([image.digest, image.reference]).apply(([digest, reference]) => ({
    digest,
    pull: tags.filter((tag) => tag.published).map((tag) => `docker pull ${image.repository}:${tag.tag}`),
    pullByDigest: `docker pull ${reference}`,
    platforms: Object.keys(image.images),
  }));
}

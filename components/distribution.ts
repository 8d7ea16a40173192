import * as pulumi from "@pulumi/pulumi";
import type { Artefact } from "../schema/artefact";
import { ReferenceError } from "../oci/reference";
import type { Evidence } from "../schema/evidence";
import { Provider, Tags } from "../sdk";
import type { BinaryOf } from "./archives";
import { BinaryBuilds, type BinaryResult } from "./binary-builds";
import { builtImages, type BuiltImage } from "./built-images";
import { checkDistribution, type DistributionArgs } from "./declaration";
import type { ImageDeclaration } from "./image-declaration";
import { DeclarationError } from "./declaration-error";
import { builtContexts } from "./dockerfile-declaration";
import { createExternalImages } from "./external-images";
import { forEnvironment, publishes } from "./environment";
import { checkEvidence, checkResults, type CheckResult } from "./gates";
import { createImages } from "./images";
import type { MultiArchImage } from "./multi-arch-image";
import { engineFor, loadImages } from "./load";
import { createMirrors } from "./mirrors";
import { createLocalFiles } from "./local-files";
import { createReleasedProofs } from "./released-proofs";
import { createReleaseFiles, sbomFolder } from "./release-files";
import { createReleases } from "./releases";
import { Registry } from "./registry";
import { declaredTag, planTags, semverTags, TagRuleError, type PlannedTag, type Release } from "./tag-rules";
import { proofSummary, type ProofSummary } from "./proof-summary";
import { proveImage, type BuildFacts, type ProvenImage } from "./trust";

/** What was published of one image. */
export interface PublishedImage {
  digest: string;
  /** `docker pull …` for each tag. */
  pull: string[];
  /** `docker pull …` by digest. */
  pullByDigest: string;
  platforms: string[];
}

/** How the parameters of a provenance are to be read: they are the declaration of the image, as it is in the program. */
const buildType = "urn:slipway:build:image:v1";

/**
 * Everything that a project ships. On the wire the order is always: binaries, archives, images by digest, indexes, what is
 * proven of them, version tags, aliases, mirrors and releases. A gate that fails therefore leaves the tags where they were,
 * and a version tag that exists with another digest stops the run before any alias moves.
 */
export class Distribution extends pulumi.ComponentResource {
  readonly images: Readonly<Record<string, MultiArchImage>>;
  /** Digests and pull commands by image: what a user wants to copy. */
  readonly published: pulumi.Output<Record<string, PublishedImage>>;
  /** `host/path:tag@digest` of each declared external image, by name. */
  readonly externalImages: pulumi.Output<Record<string, string>>;
  /** Archives and sums, as they are released. */
  readonly artefacts: pulumi.Output<Artefact[]>;
  /** What the declared targets and tests of each binary have shown, by binary and platform. */
  readonly tested: pulumi.Output<Record<string, Record<string, BinaryResult[]>>>;
  /** Tags that were computed, published or not. */
  readonly tags: readonly PlannedTag[];
  /** What is known about the digests of each image; of none where nothing is to be proven. */
  readonly evidence: Readonly<Record<string, pulumi.Output<Evidence[]>>>;
  /** Of each image, which of the usual proofs it has: `passed`, `failed`, or `not executed`. */
  readonly proven: pulumi.Output<Record<string, ProofSummary>>;
  /** Size, layers, duration and cache hits of each image, by platform. */
  readonly built: pulumi.Output<Record<string, Record<string, BuiltImage>>>;
  /** Names that images have in the Docker engine, by image; none but in mode `load`. */
  readonly loaded: pulumi.Output<Record<string, string[]>>;
  /** Results of the checks among the gates, and of those after publication, by name. */
  readonly checks: pulumi.Output<Record<string, CheckResult>>;

  /** @throws DeclarationError before any resource is registered */
  constructor(name: string, declared: DistributionArgs, options?: pulumi.ComponentResourceOptions) {
    checkDistribution(name, declared);
    const args = forEnvironment(declared);
    const tags = publishes(args)
      ? tagsOf(name, args)
      : tagsOf(name, args).map((tag) => ({ ...tag, published: false }));
    const registry = args.registries[0] as Registry;
    super("slipway:components:Distribution", name, {}, withAccess(name, args, options));
    this.tags = tags;

    const binaries = new BinaryBuilds(name, args, this);
    const engine = engineFor(name, args, this);
    this.images = createImages(args, registry, binaries, this, engine);
    this.built = builtImages(this.images);
    const external = createExternalImages(name, args, Object.values(this.images), this);
    this.externalImages = external.references;
    const { trust } = args;
    const folder = sbomFolder(args);
    const proven = Object.entries(this.images).map(([imageName, image]) => {
      const facts = {
        ...buildFacts(imageName, args, binaries, image),
        ...(args.externalImages ? { externalImages: external.references.apply(sorted) } : {}),
      };
      return { imageName, ...(trust ? proveImage(imageName, image, facts, trust, folder) : nothingProven) };
    });
    const isProven = trust !== undefined || args.gates !== undefined;
    const binaryOf: BinaryOf = (binary, platform) => binaries.file(binary, platform);
    createLocalFiles(args, binaryOf, this);
    const sboms = proven.flatMap(({ sbom }) => sbom ?? []);
    const files = createReleaseFiles(name, args, binaryOf, sboms, this);
    this.artefacts = pulumi.output(files.artefacts);
    // Archives are there before a gate looks at them.
    const ownGates =
      args.gates?.(
        this.images,
        { parent: this, dependsOn: [...files.resources] },
        pulumi.output(files.archives),
      ) ?? [];
    const checked = checkEvidence(ownGates);
    this.evidence = Object.fromEntries(
      (isProven ? proven : []).map(({ imageName, evidence }) => [
        imageName,
        pulumi.all([evidence, checked]).apply((lists) => lists.flat()),
      ]),
    );
    this.proven = pulumi.output(
      Object.fromEntries(proven.map(({ imageName, evidence }) => [imageName, proofSummary(evidence)])),
    );
    const gates = [...external.gates, ...proven.flatMap((image) => image.gates), ...ownGates];
    const publishedTags = tags.filter((tag) => tag.published);
    const pointers = this.createTags(publishedTags, [...gates, ...files.resources]);
    const proofs = createReleasedProofs(name, files, trust, this);
    const releases = createReleases(name, args, files, proofs, binaries, {
      parent: this,
      dependsOn: [...gates, ...pointers.versionTags],
    });
    const mirrors = createMirrors(
      name,
      Object.entries(this.images).map(([imageName, image]) => ({
        name: imageName,
        repository: args.images[imageName]?.repository ?? imageName,
        aliases: args.images[imageName]?.aliases ?? [],
        image,
        evidence: this.evidence[imageName],
      })),
      args.registries,
      publishedTags,
      { parent: this, dependsOn: [...gates, ...pointers.versionTags] },
    );
    const loading = { parent: this, dependsOn: gates };
    this.loaded = engine
      ? loadImages(engine, declared, this.images, tags, loading)
      : pulumi.output<Record<string, string[]>>({});
    const dependsOn = [...pointers.versionTags, ...pointers.aliases, ...mirrors, ...releases];
    const afterPublication =
      args.afterPublication?.(this.images, { parent: this, dependsOn }, this.artefacts) ?? [];
    this.checks = checkResults([...ownGates, ...afterPublication]);
    this.published = pulumi.output(
      Object.fromEntries(
        Object.entries(this.images).map(([imageName, image]) => [imageName, publishedImage(image, tags)]),
      ),
    );
    this.tested = pulumi.output(binaries.results());
    this.registerOutputs({
      published: this.published,
      tested: this.tested,
      artefacts: this.artefacts,
      externalImages: this.externalImages,
      proven: this.proven,
      built: this.built,
      loaded: this.loaded,
      checks: this.checks,
    });
  }

  /**
   * Version tags when all images and archives are there and proven, for a version tag stays for ever and a release that
   * fails half-way has to be free to change; then whatever may move.
   */
  private createTags(
    tags: readonly PlannedTag[],
    gates: readonly pulumi.Resource[],
  ): { versionTags: Tags[]; aliases: Tags[] } {
    const images = Object.entries(this.images);
    const ready = [...images.map(([, { index }]) => index), ...gates];
    const create = (kind: string, some: readonly PlannedTag[], dependsOn: pulumi.Resource[]) =>
      some.length === 0
        ? []
        : images.map(([imageName, image]) =>
            createImageTags(image, kind, some, this.evidence[imageName], dependsOn),
          );
    const fixed = tags.filter(({ moves }) => moves === "never");
    const versionTags = create("version-tags", fixed, ready);
    const aliases = create(
      "aliases",
      tags.filter((tag) => !fixed.includes(tag)),
      [...ready, ...versionTags],
    );
    return { versionTags, aliases };
  }
}

/** References in the order of their names, so that the order of a declaration changes no document. */
function sorted(references: Readonly<Record<string, string>>): string[] {
  return Object.values(references).sort();
}

/** Of an image of which nothing is to be proven. */
const nothingProven: ProvenImage = { evidence: pulumi.output([]), gates: [] };

function createImageTags(
  image: MultiArchImage,
  kind: string,
  tags: readonly PlannedTag[],
  evidence: pulumi.Input<Evidence[]> | undefined,
  dependsOn: pulumi.Resource[],
): Tags {
  const path = image.repository.slice(image.repository.indexOf("/") + 1);
  return new Tags(
    `${path}:${kind}`,
    {
      repository: image.repository,
      digest: image.digest,
      tags: tags.map(declaredTag),
      ...(evidence === undefined ? {} : { evidence }),
    },
    { parent: image, dependsOn },
  );
}

/** What an image is made from: its declaration, and the binaries in it. */
function buildFacts(
  imageName: string,
  args: DistributionArgs,
  binaries: BinaryBuilds,
  published: MultiArchImage,
): BuildFacts {
  const image = args.images[imageName];
  const names = new Set([
    ...(image?.files ?? []).flatMap(({ binary }) => binary ?? []),
    ...(image ? Object.values(builtContexts(image)) : []),
  ]);
  const declared = Object.fromEntries([...names].map((name) => [name, args.binaries?.[name]]));
  return {
    buildType,
    parameters: {
      ...(args.version === undefined ? {} : { version: args.version }),
      image: { ...image, ...(image?.secrets ? { secrets: Object.keys(image.secrets) } : {}) },
      ...(names.size > 0 ? { binaries: declared } : {}),
    },
    dependencies: pulumi
      .output(basesOf(published, image))
      .apply((bases) => pulumi.output([...bases, ...binaries.dependencies(names)])),
  };
}

/** The images that an image was made from, as far as they come from elsewhere. */
function basesOf(
  { context }: MultiArchImage,
  image: ImageDeclaration | undefined,
): pulumi.Input<{ uri: string; digest?: string }[]> {
  if (!context) return typeof image?.base === "string" ? [{ uri: image.base }] : [];
  return context.bases.apply((bases) =>
    bases
      .filter(({ image: own }) => own === undefined)
      .map(({ reference, digest }) => ({ uri: reference, ...(digest === undefined ? {} : { digest }) })),
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
  args: DistributionArgs,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  const registries = args.registries.filter(
    (registry): registry is Registry => registry instanceof Registry && registry.hasAccess,
  );
  const github = [args.release ?? []].flat().find(({ access }) => access !== undefined)?.access;
  if (registries.length === 0 && github === undefined) return options;
  const provider = new Provider(name, {
    registries: registries.map(({ endpoint, args: { username, password, ca, insecure } }) => ({
      host: endpoint,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: pulumi.secret(password) }),
      ...(ca === undefined ? {} : { ca }),
      ...(insecure === undefined ? {} : { insecure }),
    })),
    ...(github === undefined ? {} : { github }),
  });
  return { ...options, providers: [provider] };
}

function publishedImage(image: MultiArchImage, tags: readonly PlannedTag[]): pulumi.Output<PublishedImage> {
  return pulumi.all([image.digest, image.reference]).apply(([digest, reference]) => ({
    digest,
    pull: tags.filter((tag) => tag.published).map((tag) => `docker pull ${image.repository}:${tag.tag}`),
    pullByDigest: `docker pull ${reference}`,
    platforms: Object.keys(image.images),
  }));
}

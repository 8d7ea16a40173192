import * as pulumi from "@pulumi/pulumi";
import type { Artifact, Evidence } from "../resources";
import { announcing } from "./announce";
import { withAccess } from "./access";
import type { BinaryOf } from "./archives";
import { BinaryBuilds, type TestedBinaries } from "./binary-builds";
import { buildFacts } from "./build-facts";
import { builtImages, type BuiltImage } from "./built-images";
import { createCadence } from "./cadence";
import { createGates, type Gate } from "./declared-checks";
import { referencesOf, type ImageReferences } from "./references";
import { checkDistribution } from "./declaration/check-distribution";
import type { DistributionArgs } from "./distribution-args";
import { createCharts, createChartTags, publishedCharts, type PublishedChart } from "./charts";
import { createChannels } from "./created-channels";
import { checkDocuments, createDocuments } from "./documents/create-documents";
import { createExternalImages } from "./external-images";
import { forEnvironment } from "./environment";
import { publishes } from "./declaration/mode";
import { publishingFacts } from "./declaration/publishing-facts";
import { checkEvidence, checkResults, type CheckResult } from "./gates";
import { createTags, keptTags, tagsOf } from "./image-tags";
import { createImages } from "./images";
import { checkInstallers } from "./installers/create-installers";
import type { MultiArchImage } from "./multi-arch-image";
import { engineFor, loadImages } from "./load";
import { createMirrors } from "./mirrors";
import { createLedgers } from "./ledger";
import { createLocalFiles } from "./local-files";
import { askedMetrics, publishedTimes, tagSizes, type PublishedMetrics } from "./metrics";
import {
  checkRepositories,
  createRepositoryPages,
  createRepositorySettings,
} from "./repositories/create-repositories";
import { createReleasedProofs } from "./released-proofs";
import { createPublicKey } from "./public-key";
import { createReleaseFiles, sbomFolder } from "./release-files";
import { createReleases } from "./releases";
import { createRetention } from "./retention";
import type { RegistryTarget } from "./declaration/registry";
import type { PlannedTag } from "./declaration/tag-rules";
import { onlyPlatform, withoutPublication } from "./split";
import { stageAfter } from "./stages";
import { proofSummary, type ProofSummary } from "./proof-summary";
import { proveImage, type ProvenImage } from "./trust";

/** Published facts of one image. */
export interface PublishedImage {
  digest: string;
  /** `docker pull …` for each tag. */
  pull: string[];
  /** `docker pull …` by digest. */
  pullByDigest: string;
  platforms: string[];
}

/**
 * Everything that a project ships. On the wire the order is always: binaries, archives, images by
 * digest, indexes, what is proven of them, version tags, aliases, mirrors and releases. A gate that
 * fails therefore leaves the tags where they were, and a version tag that exists with another
 * digest stops the run before any alias moves.
 */
export class Distribution<
  Images extends string = string,
  Binaries extends string = never,
  Downloads extends string = never,
>
  extends pulumi.ComponentResource
{
  readonly images: Readonly<Record<Images, MultiArchImage>>;
  /**
   * How each image is called in its repository, in mirrors and under further names, by tag and by
   * digest.
   */
  readonly references: Readonly<Record<Images, readonly ImageReferences[]>>;
  /** Digests and pull commands by image: what a user wants to copy. */
  readonly published: pulumi.Output<Record<Images, PublishedImage>>;
  /** Digest, version and command of each chart, by name: none without a version. */
  readonly charts: pulumi.Output<Record<string, PublishedChart>>;
  /** `host/path:tag@digest` of each declared external image, by name. */
  readonly externalImages: pulumi.Output<Record<string, string>>;
  /**
   * What of the published images and the digests of their bases is older than `cadence`, in a sentence each; nothing
   * without that, and where nothing is published.
   */
  readonly overdue: pulumi.Output<string[]>;
  /** Archives, what else commands made, and sums, as they are released. */
  readonly artifacts: pulumi.Output<Artifact[]>;
  /** Results of the declared platforms and tests of each binary, by binary and platform. */
  readonly tested: pulumi.Output<TestedBinaries>;
  /** Tags that were computed, published or not. */
  readonly tags: readonly PlannedTag[];
  /** Evidence about the digests of each image; none without `trust` and `gates`. */
  readonly evidence: Readonly<Record<Images, pulumi.Output<Evidence[]>>>;
  /** Which of the usual proofs each image has: `passed`, `failed`, or `not executed`. */
  readonly proven: pulumi.Output<Record<Images, ProofSummary>>;
  /** Size, layers, duration and cache hits of each image, by platform. */
  readonly built: pulumi.Output<Record<Images, Record<string, BuiltImage>>>;
  /** Names that images have in the Docker engine, by image; none but in mode `load`. */
  readonly loaded: pulumi.Output<Record<string, string[]>>;
  /** Sizes by image, tag and platform, and when versions were published. */
  readonly metrics: pulumi.Output<PublishedMetrics>;
  /** Results of the checks among the gates, and of those after publication, by name. */
  readonly checks: pulumi.Output<Record<string, CheckResult>>;

  /** @throws DeclarationError before any resource is registered */
  constructor(
    name: string,
    declaration: DistributionArgs<Images, Binaries, Downloads>,
    options?: pulumi.ComponentResourceOptions,
  ) {
    // The compiler has looked names up by their own types; what follows does it by texts.
    const declared = declaration as unknown as DistributionArgs;
    checkDistribution(name, declared);
    const only = onlyPlatform(name, declared);
    const args = only === undefined ? forEnvironment(declared) : withoutPublication(declared);
    const isPublished = only === undefined && publishes(args);
    const tags = isPublished
      ? tagsOf(name, args)
      : tagsOf(name, args).map((tag) => ({ ...tag, published: false }));
    const registry = args.registries[0] as RegistryTarget;
    // What names hosts, such as an installer, is the same where nothing is published.
    const hosts = { release: declared.release, registries: declared.registries };
    if (only === undefined) checkInstallers(name, { ...args, ...hosts }, tags);
    // Also where this run is a test: what is published then is left out of it.
    const publishing = publishingFacts(declared);
    checkDocuments(name, args, tags, publishing);
    checkRepositories(name, declared, [...tags, ...keptTags(declared)]);
    super("slipway:components:Distribution", name, {}, announcing(args, withAccess(name, args, options)));
    this.tags = tags;

    const binaries = new BinaryBuilds(name, args, this);
    const engine = engineFor(name, args, this);
    const settings = isPublished ? createRepositorySettings(args, this) : [];
    const images = createImages(args, registry, binaries, this, [engine ?? [], settings].flat(), only);
    this.images = images as Record<Images, MultiArchImage>;
    const references = referencesOf(args, images, tags);
    this.references = references as Record<Images, ImageReferences[]>;
    const built = builtImages(images);
    this.built = byImage(built);
    // The lock is written by who publishes.
    const locked = only === undefined ? args : { ...args, lock: undefined };
    const external = createExternalImages(name, locked, Object.values(images), this);
    this.externalImages = external.references;
    const kept = isPublished ? keptTags(args) : [];
    const repositories = Object.values(images).map(({ repository }) => repository);
    this.overdue = isPublished
      ? createCadence(name, args, repositories, [...tags, ...kept], this)
      : pulumi.output([]);
    const { trust } = args;
    const folder = sbomFolder(args);
    const proven = Object.entries(images).map(([imageName, image]) => {
      const facts = {
        ...buildFacts(imageName, args, binaries, image),
        externalImages: args.externalImages && external.references.apply(sorted),
      };
      return {
        imageName,
        image,
        ...(trust ? proveImage(imageName, image, facts, trust, folder) : nothingProven),
      };
    });
    const isProven = trust !== undefined || args.gates !== undefined;
    const binaryOf: BinaryOf = (binary, platform) => binaries.file(binary, platform);
    createLocalFiles(args, binaryOf, this);
    const sboms = proven.flatMap(({ sbom }) => sbom ?? []);
    const publicKey = onlyOnce(() => createPublicKey(name, args, this));
    const files = createReleaseFiles(name, args, hosts, images, binaryOf, sboms, tags, publicKey, this);
    const made = [...files.archives, ...files.extra.map(({ file }) => file)];
    this.artifacts = pulumi.output([...made, ...(files.sums ? [files.sums] : [])]);
    // Archives are there before a gate looks at them.
    const gateFacts = { version: args.version ?? "", images, references };
    const ownGates = createGates(
      args.gates,
      { ...gateFacts, artifacts: pulumi.output(made) },
      { parent: this, dependsOn: [...files.resources] },
    );
    const evidenceOf = new Map(
      proven.map(({ imageName, image, evidence }) => [
        imageName,
        pulumi
          .all([evidence, checkEvidence(gatesAbout(image, ownGates), image)])
          .apply((lists) => lists.flat()),
      ]),
    );
    this.evidence = Object.fromEntries(evidenceOf) as Record<Images, pulumi.Output<Evidence[]>>;
    // Resources do not take an empty list where nothing is proven: it would be something.
    const givenEvidence = (imageName: string) => (isProven ? evidenceOf.get(imageName) : undefined);
    this.proven = byImage(
      pulumi.output(
        Object.fromEntries(proven.map(({ imageName, evidence }) => [imageName, proofSummary(evidence)])),
      ),
    );
    const charts = createCharts(args, registry, images, tags, this);
    this.charts = publishedCharts(charts);
    const follows = isPublished || engine !== undefined;
    const ready = [
      ...Object.values(images).flatMap(({ whole }) => whole),
      ...external.gates,
      ...proven.flatMap((image) => image.gates),
      ...ownGates.map(({ resource }) => resource),
      ...files.resources,
      ...charts.flatMap(({ gates }) => gates),
    ];
    const allProven = follows ? stageAfter(name, "proven", ready, this) : [];
    const publishedTags = tags.filter((tag) => tag.published);
    const tagged = Object.entries(images).map(([imageName, image]) => ({
      image,
      evidence: givenEvidence(imageName),
    }));
    const pointers = createTags(name, tagged, publishedTags, kept, allProven, this);
    const chartTags = isPublished ? createChartTags(charts, pointers.tagged) : [];
    const proofs = createReleasedProofs(name, files, args, this);
    this.tested = pulumi.output(binaries.results());
    const releases = createReleases(name, args, files, proofs, this.tested, {
      parent: this,
      dependsOn: pointers.tagged,
    });
    const mirrors = createMirrors(
      name,
      [
        ...Object.entries(images).map(([imageName, image]) => ({
          name: imageName,
          repository: args.images[imageName]?.repository ?? imageName,
          alsoRepositories: args.images[imageName]?.alsoRepositories ?? [],
          source: image.repository,
          digest: image.digest,
          parent: image,
          evidence: givenEvidence(imageName),
          tags: publishedTags,
          after: pointers.tagged,
        })),
        ...charts.map(({ name: chart, path, repository, chart: made, evidence, tag }) => ({
          name: `charts/${chart}`,
          repository: path,
          source: repository,
          digest: made.digest,
          parent: made,
          evidence,
          tags: [tag],
          after: chartTags,
        })),
      ],
      args.registries,
      this,
    );
    const loading = { parent: this, dependsOn: allProven };
    this.loaded = engine
      ? loadImages(engine, declared, images, tags, loading)
      : pulumi.output<Record<string, string[]>>({});
    const pointing = [...pointers.versionTags, ...pointers.aliases, ...chartTags];
    const attached = [...proven, ...charts].flatMap((one) => one.attached ?? []);
    const ledger = isPublished
      ? createLedgers(name, args, { tags: pointing, mirrors, attached, releases }, this)
      : undefined;
    const metrics = { sizes: tagSizes(built, tags), published: publishedTimes(ledger?.versions) };
    this.metrics = pulumi.output(metrics);
    const released = [...pointing, ...releases.map(({ resource }) => resource)];
    const whenReleased = onlyOnce(() => stageAfter(name, "released", released, this));
    const channels = createChannels(
      name,
      args,
      {
        archives: files.made,
        extra: files.extra,
        programOf: binaryOf,
        digests: Object.fromEntries(Object.entries(images).map(([image, { digest }]) => [image, digest])),
      },
      whenReleased,
      this,
    );
    const documents = createDocuments(
      name,
      args,
      tags,
      {
        digestOf: (image) => pulumi.output(images[image]?.digest ?? ""),
        artifacts: this.artifacts,
        externalImages: this.externalImages,
        publishing,
        textOfFile: (file) => {
          const text = files.texts[file];
          if (text === undefined) throw new Error(`the release has no text ${file}`);
          return text;
        },
        publicKey: () => pulumi.output(publicKey()?.publicKey),
        whenReleased,
      },
      this,
    );
    if (isPublished) createRepositoryPages(name, args, documents, whenReleased, this);
    const allPublished = [...released, ...mirrors.map(({ resource }) => resource), ...channels];
    const isFollowed = args.afterPublication !== undefined || (ledger && args.retention) !== undefined;
    const dependsOn = isFollowed ? stageAfter(name, "published", allPublished, this) : [];
    const afterPublication = createGates(
      args.afterPublication,
      { ...gateFacts, artifacts: this.artifacts },
      { parent: this, dependsOn },
    );
    if (ledger) {
      const lookedAt = afterPublication.map(({ resource }) => resource);
      createRetention(args, images, ledger, [...publishedTags, ...kept], [...dependsOn, ...lookedAt]);
    }
    this.checks = checkResults([...ownGates, ...afterPublication].map(({ resource }) => resource));
    this.published = byImage(
      pulumi.output(
        Object.fromEntries(
          Object.entries(images).map(([imageName, image]) => [imageName, publishedImage(image, tags)]),
        ),
      ),
    );
    const asked = askedMetrics(name, args);
    this.registerOutputs({
      published: this.published,
      tested: this.tested,
      artifacts: this.artifacts,
      externalImages: this.externalImages,
      proven: this.proven,
      built: this.built,
      loaded: this.loaded,
      checks: this.checks,
      ...(args.charts && { charts: this.charts }),
      ...(asked && { metrics: { ...metrics, asked } }),
      ...(args.cadence && { overdue: this.overdue }),
    });
  }
}

/** Several ask for what is made once. */
function onlyOnce<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Every declared image has an entry, and none but those, which the compiler does not see. */
function byImage<Images extends string, T>(
  results: pulumi.Output<Record<string, T>>,
): pulumi.Output<Record<Images, T>> {
  return results as unknown as pulumi.Output<Record<Images, T>>;
}

/**
 * References in the order of their names, so that the order of a declaration changes no document.
 */
function sorted(references: Readonly<Record<string, string>>): string[] {
  return Object.values(references).sort();
}

/** The gates that may say something of an image. */
function gatesAbout(image: MultiArchImage, gates: readonly Gate[]): pulumi.Resource[] {
  return gates.filter(({ images }) => images?.includes(image) ?? true).map(({ resource }) => resource);
}

/** The summary of an image of which nothing is to be proven. */
const nothingProven: ProvenImage = { evidence: pulumi.output([]), gates: [] };

function publishedImage(image: MultiArchImage, tags: readonly PlannedTag[]): pulumi.Output<PublishedImage> {
  return pulumi.all([image.digest, image.reference]).apply(([digest, reference]) => ({
    digest,
    pull: tags.filter((tag) => tag.published).map((tag) => `docker pull ${image.repository}:${tag.tag}`),
    pullByDigest: `docker pull ${reference}`,
    platforms: Object.keys(image.images),
  }));
}

import * as pulumi from "@pulumi/pulumi";
import { defaultSumsFile } from "../lib/archive/sums";
import { type Artifact, Checksums, type PublicKey, type ReleasedFile, type Sbom } from "../resources";
import { createChannelAssets } from "./channel-assets";
import { createArchives, type BinaryOf, type MadeArchive } from "./archives";
import { defaultDirectory } from "./default-directory";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { PlannedTag } from "./declaration/tag-rules";
import { createExtraArtifacts, type MadeExtraArtifact } from "./extra-artifacts";
import type { MultiArchImage } from "./multi-arch-image";
import { createInstallers } from "./installers/create-installers";

/** Files of a distribution. */
export interface ReleaseFiles {
  /**
   * Archives and their further names, with their platforms. A preview knows them. Number and order
   * are known at once.
   */
  archives: pulumi.Output<Artifact>[];
  /** The archives under their first names, with what is in them. */
  made: MadeArchive[];
  /** What commands made beside the archives. */
  extra: MadeExtraArtifact[];
  /**
   * The same as a release takes them, with the sums file, which a preview does not know where SBOMs are still to be made.
   */
  artifacts: pulumi.Output<ReleasedFile>[];
  /** SBOMs; the sums list them too. */
  documents: pulumi.Output<ReleasedFile>[];
  /** The sums file among the artifacts. */
  sums?: pulumi.Output<ReleasedFile>;
  /** Text of each installer, and of each file that a channel adds, by its name. */
  texts: Readonly<Record<string, pulumi.Output<string>>>;
  /** Whatever is published has to wait for these. The sums wait for the SBOMs that they list. */
  resources: pulumi.Resource[];
}

/** The SBOM of an image, and how many documents it makes. */
export interface SbomFiles {
  sbom: Sbom;
  count: number;
}

/**
 * Folder that takes the SBOMs as files, relative to the project's: the declared one, or that of the
 * sums, beside which they are as they will be in the release. Undefined where nothing is released.
 */
export function sbomFolder(args: DistributionDeclaration): string | undefined {
  const { release, checksums, trust } = args;
  if (release === undefined) return undefined;
  const declared = trust?.sbom === false ? undefined : trust?.sbom?.directory;
  return declared ?? checksums?.directory ?? defaultDirectory(args);
}

/**
 * Declares archives, and the sums over all that is released beside them: archives, their further
 * names, what else commands make, installers, manifests of channels and SBOMs. What signs a file, the
 * sums file too, proves itself and is not listed.
 *
 * @param hosts that the release would be published to, also where nothing is
 */
export function createReleaseFiles(
  distribution: string,
  args: DistributionDeclaration,
  hosts: Pick<DistributionDeclaration, "release" | "registries">,
  images: Readonly<Record<string, MultiArchImage>>,
  binaryOf: BinaryOf,
  sboms: readonly SbomFiles[],
  tags: readonly PlannedTag[],
  publicKey: () => PublicKey | undefined,
  parent: pulumi.Resource,
): ReleaseFiles {
  const archives = createArchives(args, binaryOf, parent);
  const folder = sbomFolder(args);
  const mayChange = args.rebuilt === undefined ? {} : { replaceable: true };
  const documents =
    folder === undefined ? [] : sboms.flatMap((files) => documentsOf(files, folder, mayChange));
  const addressed = { ...args, ...hosts };
  const installers = createInstallers(distribution, addressed, tags, archives.made, publicKey, parent);
  const { name = defaultSumsFile, directory = defaultDirectory(args) } = args.checksums ?? {};
  const extra = createExtraArtifacts(args, images, directory, parent);
  const digests = Object.fromEntries(Object.entries(images).map(([image, { digest }]) => [image, digest]));
  const sources = { archives: archives.made, extra: extra.made, programOf: binaryOf, digests };
  const assets = createChannelAssets(distribution, addressed, sources, directory, parent);
  const archived = [
    ...archives.artifacts.map(({ file }) => file),
    ...extra.made.map(({ file }) => file),
    ...installers.files,
    ...assets.files,
  ];
  const listed = [...archived, ...documents];
  if (listed.length === 0) {
    return { archives: [], made: [], extra: [], artifacts: [], documents: [], texts: {}, resources: [] };
  }
  const made = new Checksums(
    `${distribution}-checksums`,
    {
      path: `${directory}/${name}`,
      artifacts: listed.map((file) => file.apply(artifactOf)),
      made: documents.length > 0 ? documents.map((file) => file.apply(({ path }) => path)) : undefined,
    },
    { parent },
  );
  // A rebuild describes other images, and the sums list what describes them. A preview knows neither,
  // and knows the notes all the same.
  const sums = made.artifact.apply((file): ReleasedFile =>
    documents.length === 0 ? file : { ...file, ...mayChange, inNotes: false },
  );
  return {
    archives: archives.artifacts.map(({ file, platform }) => file.apply((known) => ({ ...known, platform }))),
    made: archives.made,
    extra: extra.made,
    artifacts: [...archived, sums],
    documents,
    sums,
    texts: { ...installers.texts, ...assets.texts },
    resources: [archives, extra, installers, assets].flatMap(({ resources }) => resources).concat(made),
  };
}

function artifactOf({ name, path, digest }: ReleasedFile): Artifact {
  return { name, path, digest };
}

/** @param mayChange what of a published document is declared of all of them */
function documentsOf(
  { sbom, count }: SbomFiles,
  folder: string,
  mayChange: Pick<ReleasedFile, "replaceable">,
): pulumi.Output<ReleasedFile>[] {
  return Array.from({ length: count }, (_, index) =>
    sbom.documents.apply((documents) => {
      const document = documents[index];
      if (!document) throw new Error(`the SBOM has ${documents.length} documents, not ${count}`);
      const { fileName, digest } = document;
      return { name: fileName, path: `${folder}/${fileName}`, digest, ...mayChange, inNotes: false };
    }),
  );
}

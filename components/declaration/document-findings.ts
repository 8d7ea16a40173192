import type { DeclaredBuild } from "../../lib/deploy/local-build";
import { DocumentError } from "../../lib/documents/document-error";
import { checkDocumentPath } from "../../lib/documents/path";
import { latestAddress } from "../../lib/release/latest-address";
import { bareVersion } from "../../lib/version/version";
import type { DeclarationFacts } from "../../lib/workflows/facts";
import { findingsOf, type Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import type { DocumentImage, DocumentProofs, DocumentRelease, DocumentTarget } from "./document";
import { documentRepository, placeOfRepository } from "./document-repository";
import { channelTextNames } from "./channel-findings";
import { chartRepository, chartVersion } from "./chart-findings";
import type { ImageDeclaration } from "./image-declaration";
import { placesOf } from "./image-places";
import type { InstallWay } from "./install-way";
import type { InstallerRelease } from "./installer";
import { builtContexts, ownBases } from "./own-bases";
import { installerRelease } from "./installer-findings";
import { publishes } from "./mode";
import type { PlannedTag } from "./tag-rules";

/** Returns what documents cannot say, and files that two of them have. */
export function documentFindings(
  name: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
  publishing: DeclarationFacts,
): Finding[] {
  const { documents = [] } = args;
  if (documents.length === 0) return [];
  const places = documents.flatMap((document, index) => placeFindings(document, index, args));
  if (places.length > 0) return places;
  const release = documentRelease(name, args, tags, publishing);
  return documents.flatMap((document, index) =>
    isWritten(document, args)
      ? (document.findings?.(release) ?? []).map(({ property, reason }) => ({
          property: `documents[${index}]${property === "" ? "" : `.${property}`}`,
          reason,
        }))
      : [],
  );
}

/** Whether a run writes a document: what follows a release needs one, and what goes elsewhere a run that publishes. */
export function isWritten(
  { follows = "release", into }: DocumentTarget,
  args: DistributionDeclaration,
): boolean {
  // What goes elsewhere is published, whatever it follows.
  if (follows === "declaration") return into === undefined || publishes(args);
  return args.version !== undefined && publishes(args);
}

/** What documents are asked about. */
export function documentRelease(
  distribution: string,
  args: DistributionDeclaration,
  tags: readonly PlannedTag[],
  publishing: DeclarationFacts,
): DocumentRelease {
  const { version } = args;
  const release = installerRelease(distribution, { ...args, version: version ?? "" }, tags);
  const images = Object.entries(args.images).map(([image, declared]) => {
    const { repository = image, alsoRepositories = [], platforms = args.platforms } = declared;
    const repositories = placesOf(repository, alsoRepositories, args.registries)
      .filter(({ target }) => target.host !== undefined)
      .map((place) => place.repository);
    const known: DocumentImage = {
      repositories,
      tags: tags.filter(({ published }) => published).map(({ tag }) => tag),
      tag: release.images[image]?.tag,
      latest: release.images[image]?.latest,
      platforms,
      build: buildOf(declared),
    };
    return [image, known] as const;
  });
  return {
    ...release,
    version,
    archives: version === undefined ? {} : release.archives,
    images: Object.fromEntries(images),
    proofs: proofsOf(args.trust),
    plannedTags: tags.filter(({ published }) => published),
    installWays: version === undefined ? [] : installWaysOf(args, release),
    // Where nothing is released, they would name no addresses.
    textFiles:
      version === undefined || !publishes(args)
        ? undefined
        : [...Object.keys(args.installers ?? {}), ...channelTextNames(distribution, args)],
    declaredExternalImages: args.externalImages ?? {},
    deprecated: args.deprecated ?? [],
    publishing,
  };
}

/** How an image is built, for those who do it without Slipway. */
function buildOf(image: ImageDeclaration): DeclaredBuild | undefined {
  const { dockerfile, context = ".", stage, buildArgs = {}, contexts = {}, copies = [] } = image;
  if (dockerfile === undefined) return undefined;
  const folders = Object.entries(contexts).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    dockerfile,
    context,
    stage,
    buildArgs,
    contexts: Object.fromEntries(folders),
    programs: Object.keys(builtContexts(image)),
    bases: ownBases(image),
    copies: copies.map(({ image: copied }) => copied),
  };
}

function proofsOf(trust: DistributionDeclaration["trust"]): DocumentProofs {
  const signer = trust?.sign?.signer;
  if (trust === undefined || signer === undefined) return { sbomTypes: [], provenance: false };
  const formats = trust.sbom === false ? [] : (trust.sbom?.formats ?? ["spdx", "cyclonedx"]);
  return {
    signedBy: "keyless" in signer ? "identity" : "key",
    sbomTypes: formats.map((format) => (format === "spdx" ? "spdxjson" : "cyclonedx")),
    provenance: trust.provenance ?? true,
  };
}

function installWaysOf(args: DistributionDeclaration, release: InstallerRelease): InstallWay[] {
  const [host] = release.hosts;
  const scripts = Object.keys(args.installers ?? {}).flatMap((file): InstallWay[] => {
    if (host === undefined) return [];
    const address = `${latestAddress(host, bareVersion(release.version)) ?? host}/${file}`;
    if (file.endsWith(".ps1")) {
      const commands = [`irm ${address} | iex`];
      return [{ with: "PowerShell", on: "Windows", shell: "powershell", commands }];
    }
    if (!file.endsWith(".sh")) return [];
    return [{ with: "Script", on: "Linux and macOS", commands: [`curl -fsSL ${address} | sh`] }];
  });
  const version = chartVersion(args);
  const charts = Object.entries(args.charts ?? {}).flatMap(([name, declared]): InstallWay[] => {
    const repository = args.registries[0]?.repository(chartRepository(name, declared));
    if (version === undefined || repository === undefined) return [];
    return [
      {
        with: "Helm",
        on: "Kubernetes",
        commands: [`helm install ${name} oci://${repository} --version ${version}`],
      },
    ];
  });
  return [
    ...scripts,
    ...(args.channels ?? []).flatMap((channel) => channel.install?.(release) ?? []),
    ...charts,
  ];
}

function placeFindings(document: DocumentTarget, index: number, args: DistributionDeclaration): Finding[] {
  const { path, kind, into } = document;
  const property = `documents[${index}].path`;
  const repository = into === undefined ? [] : repositoryFindings(document, index, args);
  if (repository.length > 0) return repository;
  try {
    checkDocumentPath(path);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return [{ property, reason: error.message }];
  }
  const { documents = [] } = args;
  if (documents.findIndex((other) => other.path === path && placeOf(other) === placeOf(document)) < index) {
    const reason = `${JSON.stringify(path)} is that of another document, and ${kind} would undo it: declare one for the file`;
    return [{ property, reason }];
  }
  if (into !== undefined) return [];
  const taker = document.follows === "declaration" ? undefined : takerOf(path, args);
  if (taker === undefined) return [];
  const reason =
    `${JSON.stringify(path)} is in ${taker}, which is released before it is written: the next run would find another ` +
    "one. Release a copy that does not follow the release";
  return [{ property, reason }];
}

/** What is wrong with the repository that a document goes into. */
function repositoryFindings(
  document: DocumentTarget,
  index: number,
  { documents = [] }: DistributionDeclaration,
): Finding[] {
  const { path, into } = document;
  const property = `documents[${index}].into`;
  const { error } = documentRepository.safeParse(into);
  if (error)
    return findingsOf(documentRepository, error, into).map((found) => ({
      property: found.property === "" ? property : `${property}.${found.property}`,
      reason: found.reason,
    }));
  if (path.startsWith("../")) {
    const reason = `${JSON.stringify(path)} is outside of ${placeOf(document)} (a valid example: "docs/index.md")`;
    return [{ property: `documents[${index}].path`, reason }];
  }
  const first = documents.findIndex((other) => placeOf(other) === placeOf(document));
  const author = documents[first]?.into?.author;
  if (author?.name === into?.author.name && author?.email === into?.author.email) return [];
  const reason = `is another one than that of documents[${first}], and both are committed to ${placeOf(document)}: give one author`;
  return [{ property: `${property}.author`, reason }];
}

/** The repository that a document is in; undefined for that of the project. */
function placeOf({ into }: DocumentTarget): string | undefined {
  return into && placeOfRepository(into);
}

/** The archive or image that a file goes into, which its next edit would change after the release. */
function takerOf(path: string, { archives = {}, images }: DistributionDeclaration): string | undefined {
  const has = (files: readonly { source?: string | undefined }[] = []) =>
    files.some(
      ({ source }) =>
        source !== undefined && (source === path || source === "." || path.startsWith(`${source}/`)),
    );
  const archive = Object.entries(archives).find(([, { files }]) => has(files))?.[0];
  if (archive !== undefined) return `archive ${archive}`;
  const image = Object.entries(images).find(([, { files }]) => has(files))?.[0];
  return image === undefined ? undefined : `image ${image}`;
}

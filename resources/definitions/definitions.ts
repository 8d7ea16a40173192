// Made from resources/definitions/ by `npm run format`; changes here are lost.
import type { ResourceDefinition } from "./definition";
import { apkPackageDefinition } from "./apk-package";
import { apkRepositoryDefinition } from "./apk-repository";
import { aptPackageDefinition } from "./apt-package";
import { aptRepositoryDefinition } from "./apt-repository";
import { archiveDefinition } from "./archive";
import { attestationDefinition } from "./attestation";
import { buildContextDefinition } from "./build-context";
import { buildPartDefinition } from "./build-part";
import { builderDefinition } from "./builder";
import { cadenceDefinition } from "./cadence";
import { changelogDefinition } from "./changelog";
import { channelGateDefinition } from "./channel-gate";
import { checkDefinition } from "./check";
import { checksumsDefinition } from "./checksums";
import { chocolateyPackageDefinition } from "./chocolatey-package";
import { codeSignaturesDefinition } from "./code-signatures";
import { commandDefinition } from "./command";
import { dockerEngineDefinition } from "./docker";
import { documentDefinition } from "./document";
import { externalImagesDefinition } from "./external-images";
import { fileSignatureDefinition } from "./file-signature";
import { gitFilesDefinition } from "./git-files";
import { gitHubReleaseDefinition } from "./github-release";
import { helmChartDefinition } from "./helm-chart";
import { imageDefinition } from "./image";
import { imageLockDefinition } from "./image-lock";
import { indexDefinition } from "./index-of-manifests";
import { ledgerDefinition } from "./ledger";
import { loadedImageDefinition } from "./docker";
import { manifestDefinition } from "./manifest";
import { mcpServerDefinition } from "./mcp-server";
import { mirrorDefinition } from "./mirror";
import { mirrorGateDefinition } from "./mirror";
import { npmPackageDefinition } from "./npm-package";
import { observedCatalogDefinition } from "./observed-catalog";
import { placedFileDefinition } from "./placed-file";
import { provenanceDefinition } from "./provenance";
import { publicKeyDefinition } from "./public-key";
import { pypiReleaseDefinition } from "./pypi-release";
import { releaseAssetDefinition } from "./release-asset";
import { releaseDirectoryDefinition } from "./release-directory";
import { repositoryMetadataDefinition } from "./repository-metadata";
import { retentionDefinition } from "./retention";
import { rpmPackageDefinition } from "./rpm-package";
import { rpmRepositoryDefinition } from "./rpm-repository";
import { sbomDefinition } from "./sbom";
import { scanDefinition } from "./scan";
import { signatureDefinition } from "./signature";
import { siteCopyDefinition } from "./site-copy";
import { stageDefinition } from "./stage";
import { tagDefinition } from "./tag";
import { tagsDefinition } from "./tags";
import { verificationDefinition } from "./verification";
import { versionMatrixDefinition } from "./version-matrix";

const all = [
  apkPackageDefinition,
  apkRepositoryDefinition,
  aptPackageDefinition,
  aptRepositoryDefinition,
  archiveDefinition,
  builderDefinition,
  checksumsDefinition,
  commandDefinition,
  buildContextDefinition,
  imageLockDefinition,
  buildPartDefinition,
  placedFileDefinition,
  channelGateDefinition,
  observedCatalogDefinition,
  chocolateyPackageDefinition,
  dockerEngineDefinition,
  loadedImageDefinition,
  documentDefinition,
  checkDefinition,
  gitFilesDefinition,
  gitHubReleaseDefinition,
  helmChartDefinition,
  codeSignaturesDefinition,
  mcpServerDefinition,
  npmPackageDefinition,
  externalImagesDefinition,
  imageDefinition,
  indexDefinition,
  manifestDefinition,
  mirrorDefinition,
  mirrorGateDefinition,
  repositoryMetadataDefinition,
  retentionDefinition,
  tagDefinition,
  tagsDefinition,
  pypiReleaseDefinition,
  releaseAssetDefinition,
  cadenceDefinition,
  changelogDefinition,
  releaseDirectoryDefinition,
  ledgerDefinition,
  stageDefinition,
  versionMatrixDefinition,
  rpmPackageDefinition,
  rpmRepositoryDefinition,
  siteCopyDefinition,
  attestationDefinition,
  fileSignatureDefinition,
  provenanceDefinition,
  publicKeyDefinition,
  sbomDefinition,
  scanDefinition,
  signatureDefinition,
  verificationDefinition,
] as const;

/** Every resource type of the provider, by token. */
export const definitions: readonly ResourceDefinition[] = all;

/** Tokens of all of them. */
export type Token = (typeof all)[number]["token"];

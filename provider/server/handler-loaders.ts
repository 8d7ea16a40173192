// Made from resources/definitions/ by `npm run format`; changes here are lost.
/* eslint-disable @typescript-eslint/no-require-imports -- a bundle keeps a `require` where it stands */
import type { Token } from "../../resources/definitions/definitions";
import type { ResourceHandler } from "../run/resource";

/**
 * Loads the handler of each resource type. What a type needs is loaded when a resource of that type is met: the engine
 * starts this process twice in every run, and a program uses a few of the types. The compiler proves that each type has
 * a handler, and that it is its own.
 */
export const loaders: {
  readonly [T in Token]: () => ResourceHandler & { readonly definition: { readonly token: T } };
} = {
  "slipway:apk:Package": () =>
    (require("../apk/apk-package") as typeof import("../apk/apk-package")).apkPackageHandler,
  "slipway:apk:Repository": () =>
    (require("../apk/apk-repository") as typeof import("../apk/apk-repository")).apkRepositoryHandler,
  "slipway:apt:Package": () =>
    (require("../apt/apt-package") as typeof import("../apt/apt-package")).aptPackageHandler,
  "slipway:apt:Repository": () =>
    (require("../apt/apt-repository") as typeof import("../apt/apt-repository")).aptRepositoryHandler,
  "slipway:build:Archive": () =>
    (require("../release/archive") as typeof import("../release/archive")).archiveHandler,
  "slipway:build:Builder": () =>
    (require("../dockerfile/builder") as typeof import("../dockerfile/builder")).builderHandler,
  "slipway:build:Checksums": () =>
    (require("../release/checksums") as typeof import("../release/checksums")).checksumsHandler,
  "slipway:build:Command": () =>
    (require("../commands/command") as typeof import("../commands/command")).commandHandler,
  "slipway:build:Context": () =>
    (require("../dockerfile/build-context") as typeof import("../dockerfile/build-context"))
      .buildContextHandler,
  "slipway:build:ImageLock": () =>
    (require("../dockerfile/image-lock") as typeof import("../dockerfile/image-lock")).imageLockHandler,
  "slipway:build:Part": () =>
    (require("../dockerfile/build-part") as typeof import("../dockerfile/build-part")).buildPartHandler,
  "slipway:build:PlacedFile": () =>
    (require("../release/placed-file") as typeof import("../release/placed-file")).placedFileHandler,
  "slipway:channel:Gate": () =>
    (require("../channels/channel-gate") as typeof import("../channels/channel-gate")).channelGateHandler,
  "slipway:channel:Observed": () =>
    (require("../channels/observed-catalog") as typeof import("../channels/observed-catalog"))
      .observedCatalogHandler,
  "slipway:chocolatey:Package": () =>
    (require("../chocolatey/chocolatey-package") as typeof import("../chocolatey/chocolatey-package"))
      .chocolateyPackageHandler,
  "slipway:docker:Engine": () =>
    (require("../dockerfile/docker-engine") as typeof import("../dockerfile/docker-engine"))
      .dockerEngineHandler,
  "slipway:docker:LoadedImage": () =>
    (require("../dockerfile/loaded-image") as typeof import("../dockerfile/loaded-image")).loadedImageHandler,
  "slipway:files:Document": () =>
    (require("../documents/document") as typeof import("../documents/document")).documentHandler,
  "slipway:gate:Check": () =>
    (require("../commands/check") as typeof import("../commands/check")).checkHandler,
  "slipway:git:Files": () =>
    (require("../git/git-files") as typeof import("../git/git-files")).gitFilesHandler,
  "slipway:github:Release": () =>
    (require("../github/github-release") as typeof import("../github/github-release")).gitHubReleaseHandler,
  "slipway:helm:Chart": () =>
    (require("../helm/helm-chart") as typeof import("../helm/helm-chart")).helmChartHandler,
  "slipway:macos:CodeSignatures": () =>
    (require("../macos/code-signatures") as typeof import("../macos/code-signatures")).codeSignaturesHandler,
  "slipway:mcp:Server": () =>
    (require("../mcp/mcp-server") as typeof import("../mcp/mcp-server")).mcpServerHandler,
  "slipway:npm:Package": () =>
    (require("../npm/npm-package") as typeof import("../npm/npm-package")).npmPackageHandler,
  "slipway:oci:ExternalImages": () =>
    (require("../dockerfile/external-images") as typeof import("../dockerfile/external-images"))
      .externalImagesHandler,
  "slipway:oci:Image": () => (require("../images/image") as typeof import("../images/image")).imageHandler,
  "slipway:oci:Index": () =>
    (require("../images/index-of-manifests") as typeof import("../images/index-of-manifests")).indexHandler,
  "slipway:oci:Manifest": () =>
    (require("../images/manifest") as typeof import("../images/manifest")).manifestHandler,
  "slipway:oci:Mirror": () =>
    (require("../mirrors/mirror") as typeof import("../mirrors/mirror")).mirrorHandler,
  "slipway:oci:MirrorGate": () =>
    (require("../mirrors/mirror-gate") as typeof import("../mirrors/mirror-gate")).mirrorGateHandler,
  "slipway:oci:RepositoryMetadata": () =>
    (require("../registries/repository-metadata") as typeof import("../registries/repository-metadata"))
      .repositoryMetadataHandler,
  "slipway:oci:Retention": () =>
    (require("../retention/retention") as typeof import("../retention/retention")).retentionHandler,
  "slipway:oci:Tag": () => (require("../tags/tag") as typeof import("../tags/tag")).tagHandler,
  "slipway:oci:Tags": () => (require("../tags/tags") as typeof import("../tags/tags")).tagsHandler,
  "slipway:pypi:Release": () =>
    (require("../pypi/pypi-release") as typeof import("../pypi/pypi-release")).pypiReleaseHandler,
  "slipway:release:Asset": () =>
    (require("../release/release-asset") as typeof import("../release/release-asset")).releaseAssetHandler,
  "slipway:release:Cadence": () =>
    (require("../cadence/cadence") as typeof import("../cadence/cadence")).cadenceHandler,
  "slipway:release:Changelog": () =>
    (require("../release/changelog") as typeof import("../release/changelog")).changelogHandler,
  "slipway:release:Directory": () =>
    (require("../release/release-directory") as typeof import("../release/release-directory"))
      .releaseDirectoryHandler,
  "slipway:release:Ledger": () =>
    (require("../ledger/ledger") as typeof import("../ledger/ledger")).ledgerHandler,
  "slipway:release:Stage": () =>
    (require("../release/stage") as typeof import("../release/stage")).stageHandler,
  "slipway:release:VersionMatrix": () =>
    (require("../release/version-matrix") as typeof import("../release/version-matrix")).versionMatrixHandler,
  "slipway:rpm:Package": () =>
    (require("../rpm/rpm-package") as typeof import("../rpm/rpm-package")).rpmPackageHandler,
  "slipway:rpm:Repository": () =>
    (require("../rpm/rpm-repository") as typeof import("../rpm/rpm-repository")).rpmRepositoryHandler,
  "slipway:site:Copy": () =>
    (require("../sites/site-copy") as typeof import("../sites/site-copy")).siteCopyHandler,
  "slipway:trust:Attestation": () =>
    (require("../trust/attestation") as typeof import("../trust/attestation")).attestationHandler,
  "slipway:trust:FileSignature": () =>
    (require("../trust/file-signature") as typeof import("../trust/file-signature")).fileSignatureHandler,
  "slipway:trust:Provenance": () =>
    (require("../trust/provenance") as typeof import("../trust/provenance")).provenanceHandler,
  "slipway:trust:PublicKey": () =>
    (require("../trust/public-key") as typeof import("../trust/public-key")).publicKeyHandler,
  "slipway:trust:Sbom": () => (require("../trust/sbom") as typeof import("../trust/sbom")).sbomHandler,
  "slipway:trust:Scan": () => (require("../trust/scan") as typeof import("../trust/scan")).scanHandler,
  "slipway:trust:Signature": () =>
    (require("../trust/signature") as typeof import("../trust/signature")).signatureHandler,
  "slipway:trust:Verification": () =>
    (require("../trust/verification") as typeof import("../trust/verification")).verificationHandler,
};

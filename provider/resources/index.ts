/* eslint-disable @typescript-eslint/no-require-imports -- a bundle keeps a `require` where it stands */
import type { ResourceHandler } from "../resource";

/**
 * Loads the handler of each resource type. What a type needs is loaded when a resource of that type is met: the engine
 * starts this process twice in every run, and a program uses a few of the types.
 */
const loaders: Readonly<Record<string, () => object>> = {
  "slipway:build:Archive": () => (require("./archive") as typeof import("./archive")).archiveHandler,
  "slipway:build:Builder": () => (require("./builder") as typeof import("./builder")).builderHandler,
  "slipway:build:Checksums": () => (require("./checksums") as typeof import("./checksums")).checksumsHandler,
  "slipway:build:Command": () => (require("./command") as typeof import("./command")).commandHandler,
  "slipway:build:Context": () =>
    (require("./build-context") as typeof import("./build-context")).buildContextHandler,
  "slipway:build:PlacedFile": () =>
    (require("./placed-file") as typeof import("./placed-file")).placedFileHandler,
  "slipway:docker:Engine": () =>
    (require("./docker-engine") as typeof import("./docker-engine")).dockerEngineHandler,
  "slipway:docker:LoadedImage": () =>
    (require("./loaded-image") as typeof import("./loaded-image")).loadedImageHandler,
  "slipway:build:ImageLock": () =>
    (require("./image-lock") as typeof import("./image-lock")).imageLockHandler,
  "slipway:gate:Check": () => (require("./check") as typeof import("./check")).checkHandler,
  "slipway:github:Release": () =>
    (require("./github-release") as typeof import("./github-release")).githubReleaseHandler,
  "slipway:oci:ExternalImages": () =>
    (require("./external-images") as typeof import("./external-images")).externalImagesHandler,
  "slipway:oci:Image": () => (require("./image") as typeof import("./image")).imageHandler,
  "slipway:oci:Index": () =>
    (require("./index-of-manifests") as typeof import("./index-of-manifests")).indexHandler,
  "slipway:oci:Manifest": () => (require("./manifest") as typeof import("./manifest")).manifestHandler,
  "slipway:oci:Mirror": () => (require("./mirror") as typeof import("./mirror")).mirrorHandler,
  "slipway:oci:MirrorGate": () =>
    (require("./mirror-gate") as typeof import("./mirror-gate")).mirrorGateHandler,
  "slipway:oci:Tag": () => (require("./tag") as typeof import("./tag")).tagHandler,
  "slipway:oci:Tags": () => (require("./tags") as typeof import("./tags")).tagsHandler,
  "slipway:release:Asset": () =>
    (require("./release-asset") as typeof import("./release-asset")).releaseAssetHandler,
  "slipway:release:Changelog": () =>
    (require("./changelog") as typeof import("./changelog")).changelogHandler,
  "slipway:release:Directory": () =>
    (require("./release-directory") as typeof import("./release-directory")).releaseDirectoryHandler,
  "slipway:release:VersionMatrix": () =>
    (require("./version-matrix") as typeof import("./version-matrix")).versionMatrixHandler,
  "slipway:trust:Attestation": () =>
    (require("./attestation") as typeof import("./attestation")).attestationHandler,
  "slipway:trust:FileSignature": () =>
    (require("./file-signature") as typeof import("./file-signature")).fileSignatureHandler,
  "slipway:trust:Provenance": () =>
    (require("./provenance") as typeof import("./provenance")).provenanceHandler,
  "slipway:trust:Sbom": () => (require("./sbom") as typeof import("./sbom")).sbomHandler,
  "slipway:trust:Scan": () => (require("./scan") as typeof import("./scan")).scanHandler,
  "slipway:trust:Signature": () => (require("./signature") as typeof import("./signature")).signatureHandler,
  "slipway:trust:Verification": () =>
    (require("./verification") as typeof import("./verification")).verificationHandler,
};

/** Tokens of the resource types that have a handler. */
export const handledTypes: readonly string[] = Object.keys(loaders);

/** The handler of a resource type; undefined where there is no such type. */
export function handlerFor(token: string): ResourceHandler | undefined {
  return Object.hasOwn(loaders, token) ? (loaders[token]?.() as ResourceHandler) : undefined;
}

import type { ResourceHandler } from "../resource";
import { archiveHandler } from "./archive";
import { attestationHandler } from "./attestation";
import { checkHandler } from "./check";
import { checksumsHandler } from "./checksums";
import { commandHandler } from "./command";
import { fileSignatureHandler } from "./file-signature";
import { githubReleaseHandler } from "./github-release";
import { imageHandler } from "./image";
import { indexHandler } from "./index-of-manifests";
import { mirrorHandler } from "./mirror";
import { mirrorGateHandler } from "./mirror-gate";
import { provenanceHandler } from "./provenance";
import { releaseAssetHandler } from "./release-asset";
import { releaseDirectoryHandler } from "./release-directory";
import { sbomHandler } from "./sbom";
import { scanHandler } from "./scan";
import { signatureHandler } from "./signature";
import { tagHandler } from "./tag";
import { tagsHandler } from "./tags";
import { verificationHandler } from "./verification";

/** The handler of each resource type, by its token. */
export const handlers: ReadonlyMap<string, ResourceHandler> = new Map(
  [
    archiveHandler,
    checksumsHandler,
    commandHandler,
    checkHandler,
    githubReleaseHandler,
    imageHandler,
    indexHandler,
    mirrorHandler,
    mirrorGateHandler,
    tagHandler,
    tagsHandler,
    releaseAssetHandler,
    releaseDirectoryHandler,
    attestationHandler,
    fileSignatureHandler,
    provenanceHandler,
    sbomHandler,
    scanHandler,
    signatureHandler,
    verificationHandler,
  ].map((handler) => [handler.definition.token, handler as unknown as ResourceHandler]),
);

import type { ResourceHandler } from "../resource";
import { attestationHandler } from "./attestation";
import { checkHandler } from "./check";
import { archiveHandler } from "./archive";
import { checksumsHandler } from "./checksums";
import { commandHandler } from "./command";
import { fileSignatureHandler } from "./file-signature";
import { githubReleaseHandler } from "./github-release";
import { imageHandler } from "./image";
import { indexHandler } from "./index-of-manifests";
import { mirrorHandler } from "./mirror";
import { mirrorGateHandler } from "./mirror-gate";
import { provenanceHandler } from "./provenance";
import { sbomHandler } from "./sbom";
import { scanHandler } from "./scan";
import { releaseAssetHandler } from "./release-asset";
import { releaseDirectoryHandler } from "./release-directory";
import { tagHandler } from "./tag";
import { tagsHandler } from "./tags";
import { signatureHandler } from "./signature";
import { verificationHandler } from "./verification";

/** The handler of each resource type, by its token. */
export const handlers: ReadonlyMap<string, ResourceHandler> = new Map(
  [
    attestationHandler,
    checkHandler,
    archiveHandler,
    checksumsHandler,
    commandHandler,
    fileSignatureHandler,
    githubReleaseHandler,
    imageHandler,
    indexHandler,
    mirrorHandler,
    mirrorGateHandler,
    provenanceHandler,
    sbomHandler,
    scanHandler,
    releaseAssetHandler,
    releaseDirectoryHandler,
    tagHandler,
    tagsHandler,
    signatureHandler,
    verificationHandler,
  ].map((handler) => [handler.definition.token, handler as unknown as ResourceHandler]),
);

import { attestationDefinition } from "./attestation";
import { checkDefinition } from "./check";
import { archiveDefinition } from "./archive";
import { checksumsDefinition } from "./checksums";
import { commandDefinition } from "./command";
import type { ResourceDefinition } from "./definition";
import { fileSignatureDefinition } from "./file-signature";
import { githubReleaseDefinition } from "./github-release";
import { imageDefinition } from "./image";
import { indexDefinition } from "./index-of-manifests";
import { mirrorDefinition, mirrorGateDefinition } from "./mirror";
import { provenanceDefinition } from "./provenance";
import { sbomDefinition } from "./sbom";
import { scanDefinition } from "./scan";
import { releaseAssetDefinition } from "./release-asset";
import { releaseDirectoryDefinition } from "./release-directory";
import { tagDefinition } from "./tag";
import { tagsDefinition } from "./tags";
import { signatureDefinition } from "./signature";
import { verificationDefinition } from "./verification";

/** Every resource type of the provider. */
export const definitions: readonly ResourceDefinition[] = [
  attestationDefinition,
  checkDefinition,
  archiveDefinition,
  checksumsDefinition,
  commandDefinition,
  fileSignatureDefinition,
  githubReleaseDefinition,
  imageDefinition,
  indexDefinition,
  mirrorDefinition,
  mirrorGateDefinition,
  provenanceDefinition,
  sbomDefinition,
  scanDefinition,
  releaseAssetDefinition,
  releaseDirectoryDefinition,
  tagDefinition,
  tagsDefinition,
  signatureDefinition,
  verificationDefinition,
];

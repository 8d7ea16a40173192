// Made from the files of policies/rules/ by `npm run format`; changes here are lost.
import type { Rule } from "../pack/rule";
import { allowedBases } from "./allowed-bases";
import { allowedLicenses } from "./allowed-licenses";
import { allowedRegistries } from "./allowed-registries";
import { basesPinnedByDigest } from "./bases-pinned-by-digest";
import { casksAreSigned } from "./casks-are-signed";
import { downloadsOverTls } from "./downloads-over-tls";
import { ecrEncrypted } from "./ecr-encrypted";
import { ecrImmutable } from "./ecr-immutable";
import { ecrScannedOnPush } from "./ecr-scanned-on-push";
import { indexCoversPlatforms } from "./index-covers-platforms";
import { noClearTextSecrets } from "./no-clear-text-secrets";
import { nonRootUser } from "./non-root-user";
import { nothingOverdue } from "./nothing-overdue";
import { promotedTagsAreScanned } from "./promoted-tags-are-scanned";
import { promotedTagsAreSigned } from "./promoted-tags-are-signed";
import { promotedTagsHaveProvenance } from "./promoted-tags-have-provenance";
import { promotedTagsHaveSbom } from "./promoted-tags-have-sbom";
import { registriesOverTls } from "./registries-over-tls";
import { releaseAssetsHaveChecksumsAndSignatures } from "./release-assets-have-checksums-and-signatures";
import { requiredChecksPassed } from "./required-checks-passed";
import { retentionSparesProtectedVersions } from "./retention-spares-protected-versions";
import { sizeBudget } from "./size-budget";
import { validNames } from "./valid-names";
import { versionTagsImmutable } from "./version-tags-immutable";

/** Every rule of the pack, in the order in which a run tells of them: the most severe first. */
export const rules: readonly Rule[] = [
  noClearTextSecrets,
  promotedTagsAreScanned,
  promotedTagsAreSigned,
  retentionSparesProtectedVersions,
  allowedRegistries,
  basesPinnedByDigest,
  casksAreSigned,
  downloadsOverTls,
  ecrImmutable,
  promotedTagsHaveSbom,
  registriesOverTls,
  releaseAssetsHaveChecksumsAndSignatures,
  requiredChecksPassed,
  versionTagsImmutable,
  allowedBases,
  allowedLicenses,
  ecrEncrypted,
  ecrScannedOnPush,
  indexCoversPlatforms,
  nonRootUser,
  nothingOverdue,
  promotedTagsHaveProvenance,
  validNames,
  sizeBudget,
];

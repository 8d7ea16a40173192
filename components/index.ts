export {
  configured,
  type ConfiguredFields,
  configuredList,
  configuredMirror,
  configuredMode,
  configuredImages,
  configuredRegistry,
  configuredRelease,
  configuredTrust,
} from "./configured";
export { baseImage, embeddedRegistry } from "./embedded-registry";
export { embeddedBuilder } from "./builders";
export { type BuilderDeclaration } from "./declaration/builder-choice";
export {
  containerBuilder,
  DeclaredBuilder,
  kubernetesBuilder,
  remoteBuilder,
  type ContainerBuilderArgs,
  type KubernetesBuilderArgs,
  type RemoteBuilderArgs,
} from "./declaration/declared-builder";
export type { BuiltImage } from "./built-images";
export { DeclarationError } from "./declaration/declaration-error";
export type { BinaryDeclaration } from "./declaration/binary-declaration";
export { goBinary, type GoBinaryArgs } from "./go-binary";
export type { DistributionArgs } from "./distribution-args";
export type {
  AssembledImageDeclaration,
  DockerfileImageDeclaration,
  FileDeclaration,
  ImageDeclaration,
} from "./declaration/image-declaration";
export type { BinaryResult } from "./binary-builds";
export { Distribution, type PublishedImage } from "./distribution";
export type { DownloadDeclaration } from "./declaration/download-declaration";
export { type CheckResult, type GateRule } from "./gates";
export type { ArchiveDeclaration, ArchivedFileDeclaration } from "./declaration/release-declaration";
export { directoryRelease, type DirectoryReleaseArgs } from "./directory-release";
export { ReleaseTarget, type ReleaseContent } from "./declaration/release-target";
export { MultiArchImage, type MultiArchImageArgs, type PlatformImageArgs } from "./multi-arch-image";
export { githubRelease, type GitHubReleaseTargetArgs } from "./github-release";
export type { ProofSummary } from "./proof-summary";
export {
  ImageFolder,
  Registry,
  type ImageFolderArgs,
  type ImageTarget,
  type RegistryArgs,
} from "./declaration/registry";
export {
  branchTags,
  channelTags,
  combineTags,
  pullRequestTags,
  semverTags,
  type ChannelTagOptions,
  type TagRule,
} from "./declaration/tag-rules";
export {
  cosignKey,
  keyless,
  kmsKey,
  throwAwayKey,
  type CosignKeyArgs,
  type KeylessArgs,
  type KmsKeyArgs,
} from "./signing";
export { SigningIdentity } from "./declaration/signing-identity";
export type { TrustDeclaration } from "./declaration/trust-declaration";
export * from "../resources";

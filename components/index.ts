export {
  configured,
  type ConfiguredFields,
  configuredList,
  configuredMirror,
  configuredMode,
  configuredImages,
  configuredRegistry,
  configuredRelease,
  configuredSecret,
  configuredTrust,
} from "./configured";
export { baseImage, embeddedRegistry } from "./embedded-registry";
export { embeddedBuilder } from "./builders";
export type { BuilderDeclaration, OneBuilder } from "./declaration/builder-choice";
export {
  containerBuilder,
  DeclaredBuilder,
  type DeclaredBuilderArgs,
  kubernetesBuilder,
  remoteBuilder,
  type ContainerBuilderArgs,
  type KubernetesBuilderArgs,
  type RemoteBuilderArgs,
} from "./declaration/declared-builder";
export type { BuiltImage } from "./built-images";
export type { DistributionDeclaration } from "./declaration/declaration";
export type { InstalledImage, Installer, InstallerFacts, InstallerRelease } from "./declaration/installer";
export { powershellInstaller, type PowershellInstallerArgs } from "./installers/powershell-installer";
export { shellInstaller, type ShellInstallerArgs } from "./installers/shell-installer";
export type { InstallMethod } from "../lib/installers/installer";
export type {
  DocumentEdits,
  DocumentFacts,
  DocumentImage,
  DocumentProofs,
  DocumentRelease,
  DocumentTarget,
} from "./declaration/document";
export {
  awsMarketplaceVersion,
  azureMarketplacePlan,
  type AwsMarketplaceVersionArgs,
  type AzureMarketplacePlanArgs,
} from "./documents/marketplaces";
export type { DocumentRepository } from "./declaration/document-repository";
export { fileRegions, type DocumentOptions } from "./documents/file-regions";
export { imageReferences } from "./documents/image-references";
export {
  composeFile,
  type ComposeFile,
  type ComposeOptions,
  type ComposeService,
} from "./documents/compose-file";
export {
  kubernetesManifests,
  type KubernetesObject,
  type KubernetesOptions,
} from "./documents/kubernetes-manifests";
export type { ReferenceOptions, RenderedOptions } from "./documents/deploy-options";
export type { DeclaredBuild } from "../lib/deploy/local-build";
export { deprecatedFile, deprecationsTable } from "./documents/deprecations";
export { externalImagesTable, imagesTable, tagsTable, type ImagesTableArgs } from "./documents/image-tables";
export { installSection, type InstallSectionArgs } from "./documents/install-section";
export {
  fileTemplate,
  wholeFile,
  type FileTemplateArgs,
  type WholeFileOptions,
} from "./documents/whole-files";
export { verifySection } from "./documents/verify-section";
export type { InstallWay } from "./declaration/install-way";
export { githubWorkflows } from "./documents/github-workflows";
export { gitlabCi } from "./documents/gitlab-ci";
export { entryScript, type EntryScriptArgs } from "./documents/entry-script";
export { releasedFile } from "./documents/released-file";
export type {
  DeclarationFacts,
  RegistryFacts,
  ReleaseFacts,
  ScannerName,
  SignerFacts,
} from "../lib/workflows/facts";
export type { GitHubWorkflowsArgs, WorkflowDeclaration } from "./declaration/workflow-declaration";
export type { GitlabCiArgs } from "./declaration/gitlab-declaration";
export type { Section, SectionText } from "./documents/section";
export {
  dockerHubRepositories,
  type DockerHubRepositoriesArgs,
  harborRepositories,
  type HarborRepositoriesArgs,
  quayRepositories,
  type QuayRepositoriesArgs,
  type ShownInOneText,
} from "./repositories/shown-targets";
export type { Visibility } from "../lib/registries/metadata";
export type { MetadataKind } from "../lib/registries/metadata-rules";
export type { Curator, ShownRepositories, ShownRepository } from "./declaration/shown-repositories";
export { DeclarationError } from "./declaration/declaration-error";
export type { AnyName, KnownNames, KnownPrograms } from "./declaration/variants";
export type { BinaryDeclaration } from "./declaration/binary-declaration";
export { gitFacts, type GitFacts, type GitFactsArgs } from "./git-facts";
export { goBinary, type GoBinaryArgs } from "./go-binary";
export type { DistributionArgs } from "./distribution-args";
export type {
  AssembledImageDeclaration,
  DockerfileImageDeclaration,
  FileDeclaration,
  ImageDeclaration,
} from "./declaration/image-declaration";
export type { BinaryResult, TestedBinaries } from "./binary-builds";
export type { ChartDeclaration } from "./declaration/chart-declaration";
export type { PublishedChart } from "./charts";
export { Distribution, type PublishedImage } from "./distribution";
export type { PublishedMetrics } from "./metrics";
export type { DownloadDeclaration } from "./declaration/download-declaration";
export { type CheckResult, type GateRule, type Gates } from "./gates";
export type { CheckDeclaration } from "./declaration/check-declaration";
export type { ImageReferences } from "./references";
export type {
  ArchiveDeclaration,
  ArchivedFileDeclaration,
  ExtraArtifactDeclaration,
} from "./declaration/release-declaration";
export { asdfPlugin, type AsdfPluginArgs } from "./channels/asdf-plugin";
export { aurPackage, type AurPackageArgs } from "./channels/aur-package";
export {
  apkRepository,
  type ApkPackageDeclaration,
  type ApkRepositoryTargetArgs,
} from "./channels/apk-repository";
export {
  aptRepository,
  type AptPackageDeclaration,
  type AptRepositoryTargetArgs,
} from "./channels/apt-repository";
export { homebrewCask, type HomebrewCaskArgs } from "./channels/homebrew-cask";
export { homebrewFormula, type HomebrewFormulaArgs } from "./channels/homebrew-formula";
export { chocolateyPackage, type ChocolateyPackageTargetArgs } from "./channels/chocolatey-package";
export type { ChocolateyUrls } from "../lib/channels/chocolatey/package";
export { pypiProject, type ProgramWheelsArgs, type PypiProjectArgs } from "./channels/pypi-project";
export { pythonVersionOf } from "../lib/channels/pypi/version";
export { npmPackages, type NpmPackagesArgs, type NpmProgramsArgs } from "./channels/npm-packages";
export { krewPlugin, type KrewPluginArgs } from "./channels/krew-plugin";
export {
  snapPackage,
  type SnapcraftFileArgs,
  type SnapFile,
  type SnapPackageArgs,
} from "./channels/snap-package";
export { wingetPackage, type WingetPackageArgs } from "./channels/winget-package";
export {
  observedChannel,
  type ObservedChannelTargetArgs,
  type ObservedTarget,
} from "./channels/observed-channel";
export { mcpServer, type McpPackage, type McpServerTargetArgs, type McpStart } from "./channels/mcp-server";
export { nixFlake, type NixFlakeArgs } from "./channels/nix-flake";
export {
  rpmRepository,
  type RpmPackageDeclaration,
  type RpmRepositoryTargetArgs,
} from "./channels/rpm-repository";
export { scoopManifest, type ScoopManifestArgs } from "./channels/scoop-manifest";
export type { ExtraFilesArgs } from "./channels/extra-files";
export type { FormerApkSigningKey, FormerSigningKey } from "./channels/packaged-programs";
export type { GitChannelArgs, PullRequestArgs } from "./channels/git-channel";
export type {
  ChannelAssetFile,
  ChannelContent,
  ChannelCopy,
  ChannelOptions,
  ChannelRelease,
  ChannelResource,
  ChannelTarget,
  ReleasedImage,
  ShippedPackage,
  CopiedChannel,
} from "./declaration/channel-target";
export type { StaticHost } from "./declaration/static-host";
export { rsyncHost, s3Host, type RsyncHostArgs, type S3HostArgs } from "./static-hosts";
export type { ReleaseFormat } from "../lib/archive/format";
export type { ChannelArtifact, PlannedArtifact } from "../lib/channels/artifact";
export type { ChannelState } from "../lib/channels/state";
export type { RegistryKindName } from "../lib/registry-kinds/kinds";
export type { CountedPackage } from "../lib/metrics/asked";
export { directoryRelease, type DirectoryReleaseArgs } from "./directory-release";
export {
  ReleaseTarget,
  type ReleaseAccess,
  type ReleaseContent,
  type ReleaseOptions,
} from "./declaration/release-target";
export type { BuiltBase, DockerfileBuildArgs, SplitBuild } from "./dockerfile-build";
export { MultiArchImage, type MultiArchImageArgs, type PlatformImageArgs } from "./multi-arch-image";
export { githubRelease, type GitHubReleaseTargetArgs } from "./github-release";
export type { NotesArgs } from "./release-notes";
export type { ProofResult, ProofSummary } from "./proof-summary";
export {
  ImageFolder,
  imageFolder,
  ociRegistry,
  Registry,
  type ImageFolderArgs,
  type ImageTarget,
  type RegistryAccess,
  type RegistryArgs,
  type RegistryTarget,
} from "./declaration/registry";
export {
  branchTags,
  calverTags,
  channelTags,
  combineTags,
  pullRequestTags,
  semverTags,
  type BranchTagOptions,
  type CalverTagOptions,
  type ChannelTagOptions,
  type CommitForm,
  type PlannedTag,
  type Release,
  type SemverTagOptions,
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
export type { Finding } from "../resources/definitions/input-findings";
export * from "../resources";

export { embeddedRegistry } from "./embedded-registry";
export { DeclarationError } from "./declaration-error";
export type { BinaryDeclaration, DistributionArgs, FileDeclaration, ImageDeclaration } from "./declaration";
export { Distribution, type PublishedImage } from "./distribution";
export { MultiArchImage, type MultiArchImageArgs, type PlatformImageArgs } from "./multi-arch-image";
export { ImageFolder, Registry, type ImageFolderArgs, type ImageTarget, type RegistryArgs } from "./registry";
export {
  branchTags,
  channelTags,
  combineTags,
  planTags,
  pullRequestTags,
  semverTags,
  type PlannedTag,
  type Release,
  type TagRule,
} from "./tag-rules";

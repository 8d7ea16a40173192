import { EMBEDDED_BUILDER, embeddedBuilderName } from "../embedded/builder-name";

/** A builder for all platforms of an image, or one for each. */
export type BuilderDeclaration = string | Readonly<Record<string, string>>;

/**
 * The builder of the embedded default, on this machine: a container of its Docker where that is installed with buildx,
 * else a BuildKit daemon with its cache in the project's `.slipway` folder, which needs root and runc. The provider
 * starts it when it is needed. In a stack's configuration its name is `embedded`.
 */
export function embeddedBuilder(): string {
  return embeddedBuilderName(process.cwd());
}

/** Names in buildx of what a program declares. */
export function builderNames(declared: BuilderDeclaration | undefined): BuilderDeclaration | undefined {
  const nameOf = (builder: string) => (builder === EMBEDDED_BUILDER ? embeddedBuilder() : builder);
  if (declared === undefined || typeof declared === "string") return declared && nameOf(declared);
  return Object.fromEntries(Object.entries(declared).map(([platform, name]) => [platform, nameOf(name)]));
}

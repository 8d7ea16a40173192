import { isDeepStrictEqual } from "node:util";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import type { DeclaredBuilder } from "./declared-builder";

/** A builder by its name in buildx, or by declaration. */
export type OneBuilder = string | DeclaredBuilder;

/** A builder for all platforms of an image, or one for each. */
export type BuilderDeclaration = OneBuilder | Readonly<Record<string, OneBuilder>>;

/** The builder of each platform, where there is more than one. */
export function buildersByPlatform(
  declared: BuilderDeclaration | undefined,
): Readonly<Record<string, OneBuilder>> | undefined {
  return declared === undefined || isOne(declared) ? undefined : declared;
}

/** Returns what is wrong with the builders of a distribution as a whole. */
export function builderFindings(args: DistributionDeclaration): Finding[] {
  const all = declarations(args);
  const different = all.filter((one) =>
    all.some((other) => other.args.name === one.args.name && !isDeepStrictEqual(other.args, one.args)),
  );
  return [...new Set(different.map((one) => one.args.name))].map((name) => ({
    property: "builder",
    reason: `two different builders are named ${JSON.stringify(name)}: rename one of them`,
  }));
}

/** Builders that are declared for the images with a Dockerfile. */
export function declarations(args: DistributionDeclaration): DeclaredBuilder[] {
  const built = Object.values(args.images).filter(({ dockerfile }) => dockerfile !== undefined);
  return built.flatMap(({ builder }) => declaredIn(builder ?? args.builder));
}

/** Those of them that are declared, not named. */
export function declaredIn(declared: BuilderDeclaration | undefined): DeclaredBuilder[] {
  if (declared === undefined) return [];
  const list = isOne(declared) ? [declared] : Object.values(declared);
  return list.filter((one): one is DeclaredBuilder => typeof one !== "string");
}

/** Returns whether one builder is for all platforms. */
export function isOne(declared: BuilderDeclaration): declared is OneBuilder {
  return typeof declared === "string" || "args" in declared;
}

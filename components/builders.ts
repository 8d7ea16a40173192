import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { EMBEDDED_BUILDER, embeddedBuilderName } from "../lib/embedded/builder-name";
import type { Finding } from "../resources/definitions/input-findings";
import { Builder } from "../resources";
import type { DistributionArgs } from "./declaration/declaration";
import type { DeclaredBuilder } from "./declaration/declared-builder";

/** A builder by its name in buildx, or by declaration. */
export type OneBuilder = string | DeclaredBuilder;

/** A builder for all platforms of an image, or one for each. */
export type BuilderDeclaration = OneBuilder | Readonly<Record<string, OneBuilder>>;

/**
 * The builder of the embedded default, on this machine: a container of its Docker where that is installed with buildx,
 * else a BuildKit daemon with its cache in the project's `.slipway` folder, which needs root and runc. The provider
 * starts it when it is needed. In a stack's configuration its name is `embedded`.
 */
export function embeddedBuilder(): string {
  return embeddedBuilderName(process.cwd());
}

/** Names in buildx of what a program declares. */
export function builderNames(
  declared: BuilderDeclaration | undefined,
): string | Record<string, string> | undefined {
  if (declared === undefined) return undefined;
  if (isOne(declared)) return nameOf(declared);
  return Object.fromEntries(Object.entries(declared).map(([platform, one]) => [platform, nameOf(one)]));
}

/** The builder of each platform, where there is more than one. */
export function buildersByPlatform(
  declared: BuilderDeclaration | undefined,
): Readonly<Record<string, OneBuilder>> | undefined {
  return declared === undefined || isOne(declared) ? undefined : declared;
}

/** Resources of the builders that are declared, by name. */
export function createBuilders(
  args: DistributionArgs,
  parent: pulumi.Resource,
): (declared: BuilderDeclaration | undefined) => Builder[] {
  const made = new Map<string, Builder>();
  for (const one of declarations(args)) {
    if (!made.has(one.args.name)) made.set(one.args.name, new Builder(one.args.name, one.args, { parent }));
  }
  return (declared) => declaredIn(declared).flatMap((one) => made.get(one.args.name) ?? []);
}

/** What is wrong with the builders of a distribution as a whole. */
export function builderFindings(args: DistributionArgs): Finding[] {
  const all = declarations(args);
  const different = all.filter((one) =>
    all.some((other) => other.args.name === one.args.name && !isDeepStrictEqual(other.args, one.args)),
  );
  return [...new Set(different.map((one) => one.args.name))].map((name) => ({
    property: "builder",
    reason: `two different builders are declared under the name ${JSON.stringify(name)}: give one of them another`,
  }));
}

function declarations(args: DistributionArgs): DeclaredBuilder[] {
  const built = Object.values(args.images).filter(({ dockerfile }) => dockerfile !== undefined);
  return built.flatMap(({ builder }) => declaredIn(builder ?? args.builder));
}

function declaredIn(declared: BuilderDeclaration | undefined): DeclaredBuilder[] {
  if (declared === undefined) return [];
  const list = isOne(declared) ? [declared] : Object.values(declared);
  return list.filter((one): one is DeclaredBuilder => typeof one !== "string");
}

function isOne(declared: BuilderDeclaration): declared is OneBuilder {
  return typeof declared === "string" || "args" in declared;
}

function nameOf(one: OneBuilder): string {
  if (typeof one !== "string") return one.args.name;
  return one === EMBEDDED_BUILDER ? embeddedBuilder() : one;
}

import type * as pulumi from "@pulumi/pulumi";
import { EMBEDDED_BUILDER, embeddedBuilderName } from "../lib/embedded/builder-name";
import { Builder } from "../resources";
import {
  declarations,
  declaredIn,
  isOne,
  type BuilderDeclaration,
  type OneBuilder,
} from "./declaration/builder-choice";
import type { DistributionDeclaration } from "./declaration/declaration";

/**
 * The builder of the embedded default, on this machine: a container of its Docker where that is
 * installed with buildx, else a BuildKit daemon with its cache in the project's `.slipway` folder,
 * which needs root and runc. The provider starts it when it is needed. In a stack's configuration
 * its name is `embedded`.
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

/** Resources of the builders that are declared, by name. */
export function createBuilders(
  args: DistributionDeclaration,
  parent: pulumi.Resource,
): (declared: BuilderDeclaration | undefined) => Builder[] {
  const made = new Map<string, Builder>();
  for (const one of declarations(args)) {
    if (!made.has(one.args.name)) made.set(one.args.name, new Builder(one.args.name, one.args, { parent }));
  }
  return (declared) => declaredIn(declared).flatMap((one) => made.get(one.args.name) ?? []);
}

function nameOf(one: OneBuilder): string {
  if (typeof one !== "string") return one.args.name;
  return one === EMBEDDED_BUILDER ? embeddedBuilder() : one;
}

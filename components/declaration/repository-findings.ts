import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import type { ImageDeclaration } from "./image-declaration";
import { Registry, type RegistryArgs } from "./registry";

/** Repositories that two images would share, and names that a registry refuses. */
export function repositoryFindings(args: DistributionDeclaration): Finding[] {
  const findings: Finding[] = accountFindings(args);
  const first = new Map<string, string>();
  for (const [name, declared] of Object.entries(args.images)) {
    for (const { property, repository } of repositoriesOf(name, declared)) {
      const earlier = first.get(repository);
      if (earlier !== undefined) {
        const owner =
          earlier === name
            ? `images.${name} is published there already`
            : `images.${earlier} is published there too`;
        findings.push({
          property,
          reason: `two images use the repository ${JSON.stringify(repository)}: ${owner}; give one of them another one`,
        });
      }
      first.set(repository, earlier ?? name);
      for (const registry of args.registries) {
        try {
          registry.repository(repository);
        } catch (error) {
          findings.push({ property, reason: (error as Error).message });
        }
      }
    }
  }
  return findings;
}

/**
 * A connection to a host has one account: a second one would not be used, and the first be sent
 * where it is not meant for.
 */
function accountFindings({ registries }: DistributionDeclaration): Finding[] {
  const firstOf = new Map<string, Registry>();
  return registries.flatMap((registry, index): Finding[] => {
    if (!(registry instanceof Registry)) return [];
    const first = firstOf.get(registry.host) ?? registry;
    firstOf.set(registry.host, first);
    if (sameAccount(first, registry)) return [];
    return [
      {
        property: `registries[${index}].username`,
        reason:
          `${registry.name} and ${first.name} are on the same host with different accounts, but a host can have only one: ` +
          `declare an account that may write to both, or publish one of them in a separate distribution`,
      },
    ];
  });
}

function sameAccount({ args: one }: Registry, { args: other }: Registry): boolean {
  return isSame(one.username, other.username) && isSame(one.password, other.password);
}

/** Outputs are not known yet: the same secret that is read twice is two of them. */
function isSame(one: RegistryArgs["username"], other: RegistryArgs["username"]): boolean {
  return one === other || (pulumi.Output.isInstance(one) && pulumi.Output.isInstance(other));
}

/** The repository of an image and its further ones, and the field that names each. */
function repositoriesOf(
  name: string,
  declared: ImageDeclaration,
): { property: string; repository: string }[] {
  const { repository = name, alsoRepositories = [] } = declared;
  const property = `images.${name}${declared.repository === undefined ? "" : ".repository"}`;
  return [
    { property, repository },
    ...alsoRepositories.map((also, index) => ({
      property: `images.${name}.alsoRepositories[${index}]`,
      repository: also,
    })),
  ];
}

import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import type { ImageDeclaration } from "./image-declaration";

/** Repositories that two images would share, and names that a registry refuses. */
export function repositoryFindings(args: DistributionDeclaration): Finding[] {
  const findings: Finding[] = [];
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

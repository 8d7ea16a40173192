import { parseAddress } from "../../lib/oci/address";
import { nameProblem } from "../../lib/registry-kinds/kinds";
import type { Finding } from "../../resources/definitions/input-findings";
import { chartRepository } from "./chart-findings";
import type { DistributionDeclaration } from "./declaration";
import type { ImageDeclaration } from "./image-declaration";
import { kindOfTarget, type ImageTarget } from "./registry";

/** Repositories that two images or charts would share, and names that a registry refuses. */
export function repositoryFindings(args: DistributionDeclaration): Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, string>();
  const published = [
    ...Object.entries(args.images).map(([name, declared]) => ({
      owner: `images.${name}`,
      repositories: repositoriesOf(name, declared),
    })),
    ...Object.entries(args.charts ?? {}).map(([name, declared]) => ({
      owner: `charts.${name}`,
      repositories: [
        {
          property: `charts.${name}${declared.repository === undefined ? "" : ".repository"}`,
          repository: chartRepository(name, declared),
        },
      ],
    })),
  ];
  for (const { owner, repositories } of published) {
    for (const { property, repository } of repositories) {
      const earlier = first.get(repository);
      if (earlier !== undefined) {
        const both = `${owner}${earlier}`.includes("charts.")
          ? "an image and a chart, or two charts,"
          : "two images";
        const there = `${earlier} is published there ${earlier === owner ? "already" : "too"}`;
        findings.push({
          property,
          reason: `${both} use the repository ${JSON.stringify(repository)}: ${there}; give one of them another one`,
        });
      }
      first.set(repository, earlier ?? owner);
      for (const registry of args.registries) {
        try {
          checkAddress(registry, repository);
        } catch (error) {
          findings.push({ property, reason: (error as Error).message });
        }
      }
    }
  }
  return findings;
}

/**
 * A target of a program's own can say anything: what it says of its host decides where access goes.
 *
 * @throws Error where the address is none, is elsewhere, or has a name that its kind of registry does not take
 */
function checkAddress(target: ImageTarget, repository: string): void {
  const text = target.repository(repository);
  const address = parseAddress(text);
  const host = address.kind === "registry" ? address.repository.registry : undefined;
  if (host === target.host && address.tag === undefined && address.digest === undefined) {
    const problem =
      address.kind === "registry" ? nameProblem(kindOfTarget(target), address.repository) : undefined;
    if (problem !== undefined) throw new Error(problem);
    return;
  }
  const expected =
    target.host === undefined
      ? `it has no host: "oci-layout:FOLDER" or "oci-archive:FILE" is expected, or its host`
      : `a repository on its host is expected (a valid example: "${target.host}/acme/hello")`;
  throw new Error(`repository() of ${target.name} returns ${JSON.stringify(text)}, but ${expected}`);
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

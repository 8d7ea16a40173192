import { amazonEcr } from "./amazon-ecr";
import { amazonEcrPublic } from "./amazon-ecr-public";
import { artifactory } from "./artifactory";
import { azure } from "./azure";
import { dockerHub } from "./docker-hub";
import { ghcr } from "./ghcr";
import { gitlab } from "./gitlab";
import { googleArtifactRegistry, googleGcr } from "./google";
import { harbor } from "./harbor";
import type { Refusal, RegistryKind, SaidOfItself } from "./kind";
import { quay } from "./quay";

/** Kinds of registries of which something is known beside the distribution specification, by their names in programs. */
export const registryKinds = {
  "amazon-ecr": amazonEcr,
  "amazon-ecr-public": amazonEcrPublic,
  artifactory,
  azure,
  "docker-hub": dockerHub,
  gcr: googleGcr,
  ghcr,
  gitlab,
  google: googleArtifactRegistry,
  harbor,
  quay,
} as const satisfies Record<string, RegistryKind>;

/** Name of a kind, as programs write it. */
export type RegistryKindName = keyof typeof registryKinds;

const all: readonly RegistryKind[] = Object.values(registryKinds);

/** The kind of the registry at a host, `host[:port]`, where the host tells it. */
export function kindOfHost(registry: string): RegistryKind | undefined {
  const host = registry.replace(/:\d+$/, "").toLowerCase();
  return all.find((kind) => kind.host?.test(host));
}

/** The kind of a registry by what it says of itself: behind another name, or on a host of one's own. */
export function kindOfAnswer(said: SaidOfItself): RegistryKind | undefined {
  return (
    (said.service === undefined ? undefined : kindOfHost(said.service)) ??
    all.find((kind) => kind.isItself?.(said))
  );
}

/**
 * What is wrong with the path of a repository that is to be written to; undefined where nothing is.
 *
 * @param registry host as the user writes it
 * @returns a sentence with the value, the rule and a valid example
 */
export function nameProblem(
  kind: RegistryKind | undefined,
  { registry, path }: { registry: string; path: string },
): string | undefined {
  const broken = kind?.naming.find(({ holds }) => !holds(path));
  if (kind === undefined || broken === undefined) return undefined;
  return (
    `${registry} takes no repository ${JSON.stringify(path)}: ${kind.name} ${broken.words} ` +
    `(a valid example: "${broken.example}")`
  );
}

/** What a refusal of a registry means, and what to do next; undefined where the kind knows nothing of it. */
export function explained(kind: RegistryKind | undefined, refusal: Refusal): string | undefined {
  return kind?.explanations
    .find(
      ({ status, method, said, isSignedIn }) =>
        (status?.includes(refusal.status) ?? true) &&
        (method?.includes(refusal.method) ?? true) &&
        (said?.test(refusal.said) ?? true) &&
        (isSignedIn ?? refusal.isSignedIn) === refusal.isSignedIn,
    )
    ?.words(refusal);
}

import { defined } from "../objects/defined";

/**
 * The SLSA provenance predicate (slsa.dev/spec/v1.0/provenance): what a build was told to do, what
 * it was made from, and who ran it. Times and invocation identifiers are left out, so that one
 * build of one digest has one provenance.
 */
export interface ProvenancePredicate {
  buildDefinition: {
    /** How the parameters are to be read, as a URI. */
    buildType: string;
    /** The declaration, without secrets. */
    externalParameters: Record<string, unknown>;
    /** Choices that the builder made by itself. */
    internalParameters: Record<string, unknown>;
    resolvedDependencies: ResourceDescriptor[];
  };
  runDetails: { builder: Builder };
}

/** Content that the build was made from (in-toto attestation framework, "ResourceDescriptor"). */
export interface ResourceDescriptor {
  uri: string;
  /** Hexadecimal digests by algorithm: `sha256`, or `gitCommit` for a revision. */
  digest?: Record<string, string>;
  annotations?: Record<string, unknown>;
}

/** Who ran the build. */
export interface Builder {
  /** URI of the build platform; only what that platform vouches for may name it. */
  id: string;
  /** Versions of its parts, by name. */
  version?: Record<string, string>;
}

/** Annotation of a dependency that went into the image of one platform. */
export const platformAnnotation = "platform";

/** Type of the predicate, in a statement. */
export const provenancePredicateType = "https://slsa.dev/provenance/v1";

/** The source tree that a build was made from. */
export interface Source {
  /** Address of the repository, without credentials; absent where it has no remote. */
  repository?: string;
  /** Full commit hash. */
  revision?: string;
  /** Whether files differed from that commit. */
  modified?: boolean;
  /** Full name of the tag that was built, e.g. `refs/tags/v1.2.3`; absent for none. */
  ref?: string;
}

/** Inputs of a provenance. */
export interface ProvenanceFacts {
  buildType: string;
  parameters: Record<string, unknown>;
  dependencies: readonly ResourceDescriptor[];
  source: Source;
  builder: Builder;
}

/** Builds the predicate. A source that is not known is left out rather than guessed. */
export function provenancePredicate(facts: ProvenanceFacts): ProvenancePredicate {
  const { buildType, parameters, dependencies, source, builder } = facts;
  return {
    buildDefinition: {
      buildType,
      externalParameters: parameters,
      internalParameters: {},
      resolvedDependencies: [...sourceDependency(source), ...dependencies],
    },
    runDetails: { builder },
  };
}

/**
 * Returns the predicate for the manifest of one platform: without what went into others, which are
 * dependencies with another `platform` among their annotations.
 *
 * @param platforms of the subject: one for a manifest, all of them for an index
 */
export function ofPlatforms(
  predicate: ProvenancePredicate,
  platforms: ReadonlySet<string>,
): ProvenancePredicate {
  const { buildDefinition } = predicate;
  const resolvedDependencies = buildDefinition.resolvedDependencies.filter(({ annotations }) => {
    const platform = annotations?.[platformAnnotation];
    return typeof platform !== "string" || platforms.has(platform);
  });
  return { ...predicate, buildDefinition: { ...buildDefinition, resolvedDependencies } };
}

function sourceDependency({ repository, revision, modified, ref }: Source): ResourceDescriptor[] {
  if (repository === undefined && revision === undefined) return [];
  const place = repository === undefined ? "git+file:." : `git+${repository}`;
  return [
    defined({
      uri: ref === undefined ? place : `${place}@${ref}`,
      digest: revision === undefined ? undefined : { gitCommit: revision },
      // A build from files that are in no commit must not pass for one of the commit.
      annotations: modified ? { modified: true } : undefined,
    }),
  ];
}

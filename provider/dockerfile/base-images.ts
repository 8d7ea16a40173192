import { DockerfileError, readDockerfile, type DockerfileNeeds } from "../../lib/dockerfile/dockerfile";
import { formatRepository, parseReference, type Reference } from "../../lib/oci/reference";
import type { BaseImageReference } from "../../resources/definitions/build-context";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { LockUse } from "../../resources/definitions/image-lock";
import type { ResourceContext } from "../run/context";
import { lockKey, sayPending, type LockedDigests } from "./locked-images";
import { defined } from "../../lib/objects/defined";

/** What decides which images a Dockerfile starts from. */
export interface DockerfileUse {
  readonly image: string;
  readonly dockerfile: string;
  readonly stage?: string | undefined;
  readonly platforms: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly contexts: readonly string[];
  readonly ownImages: readonly string[];
}

/** External images of a Dockerfile, on all platforms. */
export interface DockerfileInputs {
  readonly bases: BaseImageReference[];
  /** Those of which a variable has no value before the build. */
  readonly unresolved: readonly { readonly text: string; readonly line: number }[];
  /**
   * Patterns of what it reads of the main context; undefined where that cannot be told without
   * building.
   */
  readonly sources: readonly string[] | undefined;
  /**
   * User of the image, empty where no instruction sets one; undefined where that is for a base or a
   * variable to say.
   */
  readonly user: string | undefined;
}

/**
 * Finds the images that a Dockerfile starts from and copies from, and what it reads, on all
 * platforms.
 *
 * @throws InputError for a stage that is not there, a secret that is not set, and an own image that
 * is not used
 */
export function readInputs(text: string, use: DockerfileUse): DockerfileInputs {
  const needs = use.platforms.map((platform) => needsOf(text, platform, use));
  const findings: Finding[] = unsetSecrets(needs[0], use);
  const bases = new Map<string, BaseImageReference>();
  const unresolved = new Map<string, { text: string; line: number }>();
  for (const { reference, text: written, line } of needs.flatMap((need) => need.bases)) {
    if (reference === undefined) {
      unresolved.set(written, { text: written, line });
      continue;
    }
    const image = use.ownImages.find((name) => standsFor(name, reference));
    const parsed = image === undefined ? parse(reference, written, line, use, findings) : undefined;
    if (image === undefined && !parsed) continue;
    const floating = parsed !== undefined && isFloating(parsed);
    bases.set(reference, defined({ reference, line, image, digest: parsed?.digest, floating }));
  }
  const found = [...bases.values()].sort((a, b) => a.line - b.line);
  for (const [index, name] of use.ownImages.entries()) {
    if (found.some(({ image }) => image === name)) continue;
    findings.push({
      property: `ownImages[${index}]`,
      reason:
        `image ${use.image} is declared to start from ${JSON.stringify(name)}, and ${use.dockerfile} does not: ` +
        `${found.length > 0 ? `it names ${found.map(({ reference, line }) => `${reference} (line ${line})`).join(", ")}` : "it names no image"} ` +
        `(a valid example: "FROM ${name}")`,
    });
  }
  if (findings.length > 0) throw new InputError(findings);
  const sources = needs.map((need) => need.sources);
  const isKnown = sources.every((list) => list !== undefined);
  return {
    bases: found,
    unresolved: [...unresolved.values()],
    sources: isKnown ? [...new Set(sources.flat())] : undefined,
    user: userOf(needs[0], use),
  };
}

/** An image of the same distribution has a declaration of its own, where its user is looked at. */
function userOf(needs: DockerfileNeeds | undefined, use: DockerfileUse): string | undefined {
  if (needs === undefined) return undefined;
  const { name, inheritedFrom } = needs.user;
  if (inheritedFrom === undefined) return name;
  return use.ownImages.some((own) => standsFor(own, inheritedFrom)) ? undefined : "";
}

function needsOf(text: string, platform: string, use: DockerfileUse): DockerfileNeeds {
  try {
    return readDockerfile(text, {
      platform,
      buildArgs: use.buildArgs,
      contexts: use.contexts,
      stage: use.stage,
    });
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    const property = use.stage === undefined ? "dockerfile" : "stage";
    throw new InputError([{ property, reason: `image ${use.image}: ${use.dockerfile} ${error.message}` }]);
  }
}

function unsetSecrets(needs: DockerfileNeeds | undefined, use: DockerfileUse): Finding[] {
  return (needs?.secrets ?? [])
    .filter(({ id, required }) => required && !use.secrets.includes(id))
    .map(({ id, line }) => ({
      property: "secrets",
      reason:
        `image ${use.image}: ${use.dockerfile}, line ${line}, requires the secret ${JSON.stringify(id)}, which is not ` +
        `set (a valid example: secrets: { ${JSON.stringify(id)}: config.requireSecret(${JSON.stringify(id)}) })`,
    }));
}

/**
 * Returns whether a reference means an image of the distribution: by its own name, under any
 * organization and tag.
 */
function standsFor(name: string, reference: string): boolean {
  const [named = ""] = reference.split("@", 1);
  const colon = named.lastIndexOf(":");
  const path = colon > named.lastIndexOf("/") ? named.slice(0, colon) : named;
  return path === name || path.endsWith(`/${name}`);
}

function parse(
  reference: string,
  written: string,
  line: number,
  use: DockerfileUse,
  findings: Finding[],
): Reference | undefined {
  try {
    return parseReference(reference);
  } catch (error) {
    const expanded = reference === written ? "" : ` (from ${written})`;
    findings.push({
      property: "dockerfile",
      reason: `image ${use.image}: ${use.dockerfile}, line ${line}${expanded}: ${(error as Error).message}`,
    });
    return undefined;
  }
}

/** A tag that names no full version or date is moved by whoever publishes it. */
function isFloating({ tag = "latest", digest }: Reference): boolean {
  return digest === undefined && !/\d+\.\d+\.\d+|\d{8}/.test(tag);
}

/** The locked digests, by {@link lockKey}, and their file. */
export interface LockInUse {
  readonly use: LockUse | undefined;
  readonly digests: LockedDigests;
}

/** Digests that references point to. */
export interface ResolvedBases {
  readonly bases: BaseImageReference[];
  /** Absent where a lock holds nothing back. */
  readonly pending: { pending?: Record<string, string> };
}

/**
 * Finds the digests of references: that of the lock, or else what the registry has now. What is
 * newer than the lock is said. A registry that cannot be asked keeps what was known before, with a
 * warning: the builder may have ways of its own to an image.
 */
export async function resolveBases(
  context: ResourceContext,
  bases: readonly BaseImageReference[],
  before: readonly BaseImageReference[],
  lock: LockInUse,
): Promise<ResolvedBases> {
  const pending: Record<string, string> = {};
  const resolve = async (base: BaseImageReference): Promise<BaseImageReference> => {
    if (base.image !== undefined || base.digest !== undefined) return base;
    const key = lockKey(base.reference);
    const locked = lock.digests[key];
    const known = locked ?? before.find(({ reference }) => reference === base.reference)?.digest;
    const now = await currentDigest(context, parseReference(base.reference)).catch((error: unknown) => {
      context.say(
        "warning",
        `${key} (line ${base.line}) could not be resolved, so the builder takes ` +
          `${known ?? "what it finds"}: ${(error as Error).message.split("\n")[0]}`,
      );
      return known;
    });
    if (lock.use && locked !== undefined && now !== undefined && now !== locked) {
      pending[key] = now;
      context.say("warning", sayPending(lock.use, `${key} (line ${base.line})`, locked, now));
    }
    const digest = locked ?? now;
    return digest === undefined ? base : { ...base, digest };
  };
  const resolved = await Promise.all(bases.map(resolve));
  return { bases: resolved, pending: Object.keys(pending).length > 0 ? { pending } : {} };
}

/**
 * Digest of what a registry has under a reference.
 * @throws Error where it has nothing, or does not answer
 */
export async function currentDigest(context: ResourceContext, reference: Reference): Promise<string> {
  const repository = await context.services.repository(formatRepository(reference.repository));
  const found = await repository.headManifest(reference.digest ?? reference.tag ?? "latest");
  if (!found) throw new Error("the registry has no such image");
  return found.digest;
}

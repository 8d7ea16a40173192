import type { ResourceValidationArgs } from "@pulumi/policy";
import { declaredOf } from "../pack/from-engine";
import type { Seen } from "../pack/rule";
import { asList, asRecord, asText } from "../reading/values";
import { trustTypes } from "./trust-types";

const indexType = "slipway:oci:Index";

/**
 * Which platform manifests belong to which index, as the indexes and trust resources of a run declare it. A scan is made
 * for each platform; the tag that needs it points to the index.
 */
export class PlatformFamilies implements Seen {
  private readonly learned = new Set<string>();
  private readonly families = new Map<string, ReadonlySet<string>>();

  /** Learns from a resource of the run. Whatever a resource depends on has been declared before it. */
  learn(args: ResourceValidationArgs): void {
    if (args.type !== indexType && !trustTypes.has(args.type)) return;
    if (this.learned.has(args.urn)) return;
    this.learned.add(args.urn);
    const { props } = declaredOf(args);
    if (args.type === indexType) this.add(asText(props.digest), platformManifests(props.manifests));
    else this.addSubjects(asList(props.subjects).map(asRecord));
  }

  platformsOf(indexDigest: string): ReadonlySet<string> {
    return this.families.get(indexDigest) ?? new Set();
  }

  /** The subject without a platform is the index of those with one. */
  private addSubjects(subjects: Readonly<Record<string, unknown>>[]): void {
    const [index, ...others] = subjects.filter((subject) => subject.platform === undefined);
    if (index === undefined || others.length > 0) return;
    const platforms = subjects.filter((subject) => subject.platform !== undefined);
    this.add(
      asText(index.digest),
      platforms.map((subject) => asText(subject.digest)),
    );
  }

  private add(index: string | undefined, platforms: readonly (string | undefined)[]): void {
    const known = platforms.filter((digest): digest is string => digest !== undefined);
    if (index === undefined || known.length === 0 || known.length !== platforms.length) return;
    // An index says best what is in it; of two opinions the larger one asks for more.
    if ((this.families.get(index)?.size ?? 0) < known.length) this.families.set(index, new Set(known));
  }
}

/** Digests of the manifests that can be run; an attestation of BuildKit has the platform `unknown/unknown`. */
function platformManifests(manifests: unknown): (string | undefined)[] {
  return asList(manifests)
    .map(asRecord)
    .filter((manifest) => asRecord(manifest.platform).os !== "unknown")
    .map((manifest) => asText(manifest.digest));
}

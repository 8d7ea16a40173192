import { shortDigest } from "../../lib/oci/digest";
import type { ResourceContext } from "../run/context";
import { fileReference, placeOf, type WatchedProof, type WatchedRelease, type WatchedTag } from "./entries";

/** What is found instead of a digest where there is nothing. */
export const gone = "gone";

/** A tag, proof or file that is not as it was published. */
export interface Drift {
  /** As it stands in the output `drift`. */
  readonly reference: string;
  /** What it is instead: a digest, or {@link gone}. */
  readonly found: string;
  /** Digest that it should have. */
  readonly wanted: string;
  /** Empty for the list of all. */
  readonly version: string;
  readonly tag?: WatchedTag;
  readonly proof?: WatchedProof;
  readonly file?: { readonly release: WatchedRelease; readonly name: string };
}

/** @param found digest that it has, or {@link gone} */
export function tagDrift(tag: WatchedTag, found: string, wanted: string): Drift[] {
  const { reference, version } = tag;
  return found === wanted ? [] : [{ reference, found, wanted, version, tag }];
}

/** A proof that is not listed any more. */
export function proofDrift(proof: WatchedProof): Drift {
  const { reference, version, referrer } = proof;
  return { reference, found: gone, wanted: referrer, version, proof };
}

/** @param digestOf returns the digest that a file has, given the published one; undefined for none */
export function fileDrifts(
  release: WatchedRelease,
  digestOf: (name: string, published: string) => string | undefined,
): Drift[] {
  return Object.entries(release.files).flatMap(([name, wanted]): Drift[] => {
    const found = digestOf(name, wanted) ?? gone;
    if (found === wanted) return [];
    const reference = fileReference(release, name);
    return [{ reference, found, wanted, version: release.version, file: { release, name } }];
  });
}

/** Says that a place cannot be asked; nothing is assumed of it. */
export function sayUnobserved(context: ResourceContext, place: string, error: Error): void {
  context.say(
    "warning",
    `${place}: whether its earlier versions are as they were published is not known. ${error.message.split("\n")[0]}`,
  );
}

/**
 * What is not as it was published, in one sentence. Of a version tag that was moved, which is an
 * alarm, with whole digests.
 */
export function driftSentence({ reference, found, wanted, version, tag, proof, file }: Drift): string {
  const what = file
    ? `${file.name} in ${placeOf(file.release)}`
    : proof
      ? `the ${proof.kind === "sbom" ? "SBOM" : proof.kind} of ${proof.of}`
      : reference;
  if (version === "") {
    if (found === gone) return `somebody deleted ${reference}`;
    return `somebody changed ${reference} to ${shortDigest(found)}, published as ${shortDigest(wanted)}`;
  }
  if (found === gone) return `somebody deleted ${what}, published with ${version} as ${shortDigest(wanted)}`;
  if (file) return `somebody changed ${what} to ${shortDigest(found)}, published as ${shortDigest(wanted)}`;
  if (tag?.alias) return `somebody moved ${what} to ${shortDigest(found)} from ${shortDigest(wanted)}`;
  return `somebody MOVED THE VERSION TAG ${what} to ${found}, and ${version} was published as ${wanted}`;
}

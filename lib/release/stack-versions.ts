import { defined } from "../objects/defined";
import { parseEntry, type PublishedVersion } from "./published-version";

interface StackDeployment {
  readonly deployment?: {
    readonly resources?: readonly {
      readonly type?: string;
      readonly outputs?: { readonly versions?: Readonly<Record<string, unknown>> };
    }[];
  };
}

/**
 * What a stack has published, by version, from what `pulumi stack export` prints: its ledgers have it.
 *
 * @throws Error where somebody has edited the state
 */
export function publishedVersions(exported: string): Record<string, PublishedVersion> {
  const { deployment } = JSON.parse(exported) as StackDeployment;
  const found: Record<string, PublishedVersion> = {};
  for (const { type, outputs } of deployment?.resources ?? []) {
    if (type !== "slipway:release:Ledger") continue;
    for (const [version, entry] of Object.entries(outputs?.versions ?? {})) {
      // A state of before the ledger wrote texts has the same as values.
      const noted = typeof entry === "string" ? parseEntry(entry, version) : (entry as PublishedVersion);
      const known = found[version];
      found[version] = known === undefined ? noted : together(known, noted);
    }
  }
  return found;
}

/** A version of which two ledgers have noted something: one has the images, the other a release apart. */
function together(one: PublishedVersion, other: PublishedVersion): PublishedVersion {
  const releases = [...(one.releases ?? []), ...(other.releases ?? [])];
  const proofs = { ...one.proofs, ...other.proofs };
  return defined({
    published: one.published < other.published ? one.published : other.published,
    tags: { ...one.tags, ...other.tags },
    proofs: Object.keys(proofs).length === 0 ? undefined : proofs,
    releases: releases.length === 0 ? undefined : releases,
  });
}

import type { Finding } from "../../resources/definitions/input-findings";
import { hasUnknown } from "../base/unknown";

/** A file of a release as it is declared; what is not known yet is unknown. */
interface DeclaredAsset {
  readonly name: string;
  readonly replaceable?: boolean | undefined;
}

/** Ways out for whoever would change what is published. */
export const waysOut =
  "Release the change under a new version, or as a rebuild of this one (a valid example: rebuilt: " +
  '"20260131"), go back to what was released, or declare replaceable: true';

/**
 * Returns what is wrong with a release that would get other files than were published under its tag.
 * A file that is declared replaceable may be added and taken away.
 *
 * @param release what messages name it
 * @param replaceable whether every file is, unless it says otherwise
 * @param published files as they were declared at the last update
 */
export function changedSet(
  release: string,
  desired: readonly DeclaredAsset[],
  published: readonly DeclaredAsset[],
  replaceable = false,
): Finding[] {
  const may = (asset: DeclaredAsset) => asset.replaceable ?? replaceable;
  const known = desired.filter((asset) => !hasUnknown(asset));
  const findings = known.flatMap((asset): Finding[] =>
    may(asset) || published.some(({ name }) => name === asset.name)
      ? []
      : [
          {
            property: `assets[${desired.indexOf(asset)}].name`,
            reason: `${asset.name} would be added to ${release}, which is published without it. ${waysOut}`,
          },
        ],
  );
  if (known.length === desired.length) {
    const left = withdrawn(desired, published).filter((asset) => !may(asset));
    if (left.length === 0) return findings;
    const names = left.map(({ name }) => name).join(", ");
    const reason = `${names} would be taken from ${release}, which is published with it. ${waysOut}`;
    return [...findings, { property: "assets", reason }];
  }
  // What is not known yet may be replaceable where anything is.
  const further = desired.length - published.length;
  if (findings.length > 0 || further <= 0 || replaceable || known.some(may)) return findings;
  const what = further === 1 ? "a file" : `${further} files`;
  return [
    { property: "assets", reason: `${what} would be added to ${release}, which is published. ${waysOut}` },
  ];
}

/** Returns the published files that are not declared any more. */
export function withdrawn<T extends { readonly name: string }>(
  desired: readonly { readonly name: string }[],
  published: readonly T[],
): T[] {
  const names = new Set(desired.map(({ name }) => name));
  return published.filter(({ name }) => !names.has(name));
}

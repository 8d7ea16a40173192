import type { ResourceContext } from "../run/context";
import type { Changes } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { declaredFiles } from "./files-in-words";

/** A version of a release, in one place. */
interface DeclaredVersion {
  readonly tag: string;
  readonly notes?: string | undefined;
  readonly assets: unknown;
}

/** What is different where another version is published: nothing of the former one, which stays. */
export function versionChanges(desired: DeclaredVersion, former: Pick<DeclaredVersion, "tag">): Changes {
  const changes: Changes = inputChanges(["tag"], desired, former);
  if (desired.notes !== undefined) changes.notes = { kind: "add", inputDiff: true };
  return changes;
}

/**
 * Says that a version which is not there yet is published, and that the former one stays.
 *
 * @param former tag of the version that the same resource has published before
 */
export function sayPublished(
  context: ResourceContext,
  place: string,
  { tag, assets }: DeclaredVersion,
  former: string | undefined,
): void {
  const files = declaredFiles(assets);
  const words = [
    `${place}: ${tag} ${context.preview ? "will be" : "is"} published`,
    ...(files === undefined ? [] : [` with ${files}`]),
    ...(former === undefined ? [] : [`; ${former} stays`]),
  ];
  context.say("info", words.join(""));
}

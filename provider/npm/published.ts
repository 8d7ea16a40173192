import { movesTo, tagOf } from "../../lib/channels/npm/dist-tags";
import type { NpmRegistry } from "../../lib/channels/npm/npm-registry";
import type { PackageFile } from "../../lib/channels/npm/package-file";
import { defined } from "../../lib/objects/defined";
import type { npmPackageDefinition } from "../../resources/definitions/npm-package";
import type { InputsOf, OutputsOf } from "../run/resource";

type Inputs = InputsOf<typeof npmPackageDefinition>;
type Outputs = OutputsOf<typeof npmPackageDefinition>;

/** A package as a registry has it. */
export type Published = Outputs["published"][number];

export function idOf({ name, version }: { name: string; version: string }): string {
  return `${name}@${version}`;
}

/** A package, with the tag that its version belongs under. */
export function withTag({ name, version }: PackageFile, { prereleaseTag }: Inputs): TaggedPackage {
  return { name, version, tag: tagOf(version, prereleaseTag) };
}

export type TaggedPackage = Pick<Published, "name" | "version" | "tag">;

/** What the registry has of packages. */
export async function seen(
  registry: NpmRegistry,
  packages: readonly (TaggedPackage & Pick<Published, "stageId">)[],
): Promise<Published[]> {
  const found: Published[] = [];
  for (const one of packages) {
    const { versions, tags } = await registry.packument(one.name);
    const there = publishedOf(one, versions.get(one.version) ?? "", tags[one.tag] ?? "");
    found.push({ ...there, ...defined({ stageId: one.stageId }) });
  }
  return found;
}

export function publishedOf(
  { name, version, tag }: TaggedPackage,
  integrity: string,
  tagged: string,
): Published {
  return { name, version, integrity, tag, tagged };
}

export function outcomeOf(published: readonly Published[]): Pick<Outputs, "state" | "reason"> {
  const missing = published.filter(({ integrity }) => integrity === "");
  if (missing.length > 0 && missing.every(({ stageId }) => stageId !== undefined)) {
    const waiting = missing.map((one) => `${idOf(one)} (npm stage approve ${one.stageId})`);
    return { state: "staged", reason: `somebody has to approve, in this order: ${waiting.join(", ")}` };
  }
  if (missing.length > 0) return { state: "behind", reason: `${missing.map(idOf).join(", ")} cannot be had` };
  const held = published.filter(({ version, tagged }) => tagged !== version && !movesTo(version, tagged));
  const [first] = held;
  if (!first) return { state: "published" };
  return {
    state: "held",
    reason: `${first.tag} of ${first.name} is ${first.tagged}, which is higher than ${first.version}`,
  };
}

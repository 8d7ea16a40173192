import { hiddenTag, movesTo, tagOf } from "../../lib/channels/npm/dist-tags";
import type { NpmRegistry } from "../../lib/channels/npm/npm-registry";
import type { PackageFile } from "../../lib/channels/npm/package-file";
import { otherStaged } from "../../lib/channels/npm/staged-version";
import { defined } from "../../lib/objects/defined";
import type { npmPackageDefinition } from "../../resources/definitions/npm-package";
import { ChannelConflict } from "../channels/outcome";
import type { ResourceContext } from "../run/context";
import type { InputsOf, OutputsOf } from "../run/resource";
import { idOf, outcomeOf, seen, withTag, type Published } from "./published";

type Inputs = InputsOf<typeof npmPackageDefinition>;
type Outputs = OutputsOf<typeof npmPackageDefinition>;

/** What is staged, of which packages. */
export interface Staging {
  readonly files: readonly PackageFile[];
  readonly missing: readonly PackageFile[];
  /** Those whose tag moves to them. */
  readonly moving: readonly PackageFile[];
  /** What the state has of these very packages. */
  readonly known: readonly Published[];
}

/**
 * Puts on the stage what is neither there nor published. Tags move when somebody approves.
 *
 * @throws ChannelConflict where something else of that version waits there
 * @throws Error where somebody has rejected it
 */
export async function stage(
  context: ResourceContext,
  registry: NpmRegistry,
  desired: Inputs,
  { files, missing, moving, known }: Staging,
): Promise<Outputs> {
  const conflicts: string[] = [];
  const stageIds = new Map<string, string>();
  const gone: Published[] = [];
  const listed = new Map(
    await Promise.all(missing.map(async (file) => [file, await registry.staged(file.name)] as const)),
  );
  for (const [file, all] of listed) {
    const there = all.find(({ version }) => version === file.version);
    const before = known.find((one) => idOf(one) === idOf(file));
    if (there === undefined && before?.stageId !== undefined) gone.push(before);
    else if (there !== undefined && there.shasum !== file.shasum)
      conflicts.push(otherStaged(file, registry.place, there));
    else if (there !== undefined) stageIds.set(idOf(file), there.id);
    for (const other of all.filter(
      ({ version }) => movesTo(file.version, version) && version !== file.version,
    )) {
      context.say(
        "warning",
        `${file.name}@${other.version} is on the stage of ${registry.place} too: approved after ${file.version}, it would ` +
          `take its tag. Reject it if it is not wanted (npm stage reject ${other.id})`,
      );
    }
  }
  if (conflicts.length > 0) throw new ChannelConflict(conflicts.join("\n"));
  if (gone.length > 0) throw new Error(rejected(gone, registry.place));
  for (const file of missing) {
    if (context.preview || stageIds.has(idOf(file))) continue;
    context.status(`staging ${idOf(file)} (${(file.size / 1e6).toFixed(1)} MB) at ${registry.place}`);
    // Approval moves the tag, whatever it has then.
    const tag = moving.includes(file) ? tagOf(file.version, desired.prereleaseTag) : hiddenTag;
    stageIds.set(idOf(file), await registry.stage(file, tag));
  }
  const published = await seen(
    registry,
    files.map((file) => ({ ...withTag(file, desired), ...defined({ stageId: stageIds.get(idOf(file)) }) })),
  );
  const outcome = context.preview ? { state: "staged" as const } : outcomeOf(published);
  if (outcome.state === "staged" && !context.preview) {
    context.say("info", `${registry.place}: ${outcome.reason}`);
  }
  return { ...outcome, published };
}

/** What was staged, and is neither there nor published any more. */
export async function goneFromStage(
  registry: NpmRegistry,
  published: readonly Published[],
): Promise<Published[]> {
  const gone: Published[] = [];
  for (const one of published) {
    if (one.integrity !== "" || one.stageId === undefined) continue;
    const all = await registry.staged(one.name);
    if (!all.some(({ id }) => id === one.stageId)) gone.push(one);
  }
  return gone;
}

export function rejected(gone: readonly Published[], place: string): string {
  return (
    `${gone.map((one) => `${idOf(one)} (${one.stageId})`).join(", ")} left the stage of ${place} and cannot be had: if ` +
    "somebody has just approved it, run again in a minute; if it was rejected, publish a new version"
  );
}

import { checkTag, formatRepository, parseRepository } from "../../lib/oci/reference";
import type { Repository } from "../../lib/oci/repository";
import { parseVersion } from "../../lib/version/version";
import { tagsDefinition } from "../../resources/definitions/tags";
import { AliasHolders } from "./alias-holder";
import type { ResourceContext } from "../run/context";
import { pointTags } from "./point-tags";
import { entryPath } from "../base/property-path";
import {
  checkTagRules,
  desiredPointers,
  refuseRepublished,
  staysForPreRelease,
  unknownPointers,
  type TagList,
} from "./tag-rules";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, Unknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof tagsDefinition>;
type State = StateOf<typeof tagsDefinition>;

/**
 * `slipway:oci:Tags`: tags that are published together; a version tag that is another's stops all
 * of them.
 */
export const tagsHandler = resourceHandler(tagsDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["evidence"],

  refuse(_context, { tags }) {
    if (!hasUnknown(tags)) checkTagRules(tags, undefined, true);
  },

  async compute(context, declared, oldInputs) {
    const list = listOf(declared);
    refuseRepublished(oldInputs && listOf(oldInputs), list);
    return holdersOf(context, list);
  },

  async computedLater(context, declared) {
    const { repository, tags } = declared;
    if (hasUnknown([repository, tags])) return { pointers: unknownPointers(tags), heldBy: undefined };
    // What stays does so whatever the digest will be.
    const stays = await holdersOf(context, listOf({ ...declared, tags: tags.filter(staysForPreRelease) }));
    const moving = unknownPointers(tags.filter((tag) => !staysForPreRelease(tag)));
    return { pointers: { ...stays.pointers, ...moving }, heldBy: stays.heldBy };
  },

  diff(_context, desired, _oldInputs, observed): Changes {
    if (Unknown.isInstance(desired.pointers)) return { pointers: { kind: "update" } };
    const wanted = desired.pointers ?? {};
    // A resource that is gone has no pointers at all.
    const found = (observed as Partial<State>).pointers ?? {};
    const changes: Changes = {};
    for (const [tag, digest] of Object.entries(wanted)) {
      if (digest === found[tag]) continue;
      changes[entryPath("pointers", tag)] = { kind: found[tag] === undefined ? "add" : "update" };
    }
    // What leaves the list stays in the registry: beside other changes it is said, not shown as a deletion.
    const isLeft = Object.keys(found).some((tag) => wanted[tag] === undefined);
    if (isLeft && Object.keys(changes).length === 0) changes.tags = { kind: "update", inputDiff: true };
    return changes;
  },

  id: ({ repository }) => repository,

  planned(context, desired, observed) {
    if (observed) sayLeft(context, desired, observed);
    return { pointers: desired.pointers ?? {}, references: referencesOf(desired) };
  },

  create: (context, desired) => point(context, desired),

  async update(context, desired, oldInputs) {
    sayLeft(context, desired, oldInputs);
    return point(context, desired, oldInputs);
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    const pointers = await pointersOf(
      repository,
      inputs.tags.map(({ tag }) => tag),
    );
    // With the last of its tags the resource is gone, unless it has none yet.
    const isGone = Object.keys(pointers).length === 0 && Object.keys(inputs.pointers ?? {}).length > 0;
    return isGone ? undefined : { state: { ...state, pointers } };
  },

  importById: importTags,

  delete(context, _id, _inputs, state) {
    for (const reference of state.references) context.sayRetained(reference);
  },
});

/** The digest that each tag has to have, and who keeps an alias. */
async function holdersOf(
  context: ResourceContext,
  list: TagList,
): Promise<Pick<Inputs, "pointers" | "heldBy">> {
  const holders = new AliasHolders(await context.services.repository(list.place));
  const { pointers, heldBy } = await desiredPointers(list, (own, alias) => holders.above(own, alias));
  return { pointers, heldBy: Object.keys(heldBy).length === 0 ? undefined : heldBy };
}

function listOf({ repository, digest, tags }: Pick<Inputs, "repository" | "digest" | "tags">): TagList {
  return { place: repository, digest, tags };
}

async function point(context: ResourceContext, desired: Inputs, before?: Inputs): Promise<State> {
  const pointers = desired.pointers ?? {};
  const own = before?.tags.map(({ tag }) => tag) ?? [];
  await pointTags(context, {
    ...listOf(desired),
    pointers,
    heldBy: desired.heldBy ?? {},
    own,
    given: before?.pointers ?? {},
  });
  return { ...desired, pointers, references: referencesOf(desired) };
}

/** Says which tags have left the list, and stay in the registry. */
function sayLeft(context: ResourceContext, desired: Inputs, before: Pick<Inputs, "tags">): void {
  if (hasUnknown(desired.tags)) return;
  const left = before.tags.filter(({ tag }) => !desired.tags.some((declared) => declared.tag === tag));
  if (left.length === 0) return;
  const names = left.map(({ tag }) => tag).join(", ");
  context.say(
    "info",
    `${desired.repository}: ${names} ${left.length === 1 ? "stays" : "stay"} in the registry`,
  );
}

function referencesOf({ repository, tags }: Inputs): string[] {
  return hasUnknown([repository, tags]) ? unknown : tags.map(({ tag }) => `${repository}:${tag}`);
}

/** Digests by tag; those that do not exist are left out. */
async function pointersOf(repository: Repository, tags: readonly string[]): Promise<Record<string, string>> {
  const found = await Promise.all(tags.map((tag) => repository.headManifest(tag)));
  return Object.fromEntries(
    found.flatMap((descriptor, index) => (descriptor ? [[tags[index], descriptor.digest]] : [])),
  ) as Record<string, string>;
}

/** Imports by `repository:tag,tag`. */
async function importTags(
  context: ResourceContext,
  id: string,
): Promise<{ id: string; inputs: Inputs; state: State } | undefined> {
  const colon = id.indexOf(":", id.lastIndexOf("/") + 1);
  if (colon < 0) {
    throw new Error(`${id} names no tags (a valid example: "ghcr.io/acme/hello:v1.2.3,latest")`);
  }
  const repository = formatRepository(parseRepository(id.slice(0, colon)));
  const names = id
    .slice(colon + 1)
    .split(",")
    .map(checkTag);
  const tags = names.map((tag): Inputs["tags"][number] => ({
    tag,
    moves: parseVersion(tag) ? "never" : "always",
  }));
  checkTagRules(tags);
  const pointers = await pointersOf(await context.services.repository(repository), names);
  const digests = [...new Set(Object.values(pointers))];
  const [digest] = digests;
  if (digest === undefined) return undefined;
  if (digests.length > 1 || Object.keys(pointers).length < names.length) {
    const lines = names.map((tag) => `- ${tag} ${pointers[tag] ? `is ${pointers[tag]}` : "does not exist"}`);
    throw new Error(
      `${id}: the tags of one resource have one digest; import those that differ by themselves:\n${lines.join("\n")}`,
    );
  }
  const inputs: Inputs = { repository, digest, tags };
  // The computed inputs are there too: what is declared afterwards is compared with them.
  return {
    id: repository,
    inputs: { ...inputs, pointers },
    state: { ...inputs, pointers, references: referencesOf(inputs) },
  };
}

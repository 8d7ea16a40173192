import { tagDefinition } from "../../resources/definitions/tag";
import { formatRepository, parseReference } from "../../lib/oci/reference";
import { parseVersion } from "../../lib/version/version";
import { AliasHolders } from "./alias-holder";
import type { ResourceContext } from "../run/context";
import { withoutEvidence } from "../evidence/without";
import { pointTags } from "./point-tags";
import type { Changes, InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { checkTagRules, desiredPointers, refuseRepublished, type TagList } from "./tag-rules";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof tagDefinition>;
type State = StateOf<typeof tagDefinition>;

/** `slipway:oci:Tag`: the last step of publishing; until a tag points to it, nobody finds a digest. */
export const tagHandler: ResourceHandler<Inputs, State> = {
  definition: tagDefinition,
  refreshBeforeUpdate: true,

  async check(context, inputs, oldInputs) {
    const { heldBy: _heldBy, ...declared } = inputs;
    if (hasUnknown(withoutEvidence(declared))) return declared;
    const list = listOf(declared);
    refuseRepublished(oldInputs && listOf(oldInputs), list);
    checkTagRules(list.tags, (_index, field) => field);
    const holders = new AliasHolders(await context.services.repository(declared.repository));
    const { pointers, heldBy } = await desiredPointers(list, (own, within) => holders.above(own, within));
    const digest = pointers[declared.tag] ?? declared.digest;
    const holder = heldBy[declared.tag];
    return { ...declared, digest, ...(holder === undefined ? {} : { heldBy: holder }) };
  },

  async diff(_context, desired, _oldInputs, observed): Promise<Changes> {
    if (desired.digest === observed.digest) return {};
    return { digest: { kind: "update" } };
  },

  async create(context, desired) {
    return { id: name(desired), state: await point(context, desired, []) };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state) return importTag(context, id);
    const repository = await context.services.repository(inputs.repository);
    const found = await repository.headManifest(inputs.tag);
    return found && { id, inputs, state: { ...state, digest: found.digest, mediaType: found.mediaType } };
  },

  async update(context, desired) {
    return point(context, desired, [desired.tag]);
  },

  async delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
};

function name(inputs: Inputs): string {
  return `${inputs.repository}:${inputs.tag}`;
}

function listOf(inputs: Inputs): TagList {
  return { place: inputs.repository, digest: inputs.digest, tags: [inputs] };
}

async function point(context: ResourceContext, desired: Inputs, own: readonly string[]): Promise<State> {
  if (hasUnknown(withoutEvidence(desired))) return stateOf(desired, undefined);
  const pointers = { [desired.tag]: desired.digest };
  const mediaTypes = await pointTags(context, { ...listOf(desired), pointers, own });
  return stateOf(desired, mediaTypes.get(desired.tag));
}

function stateOf(inputs: Inputs, mediaType: string | undefined): State {
  return { ...inputs, reference: name(inputs), mediaType: mediaType ?? (unknown as unknown as string) };
}

async function importTag(
  context: ResourceContext,
  id: string,
): Promise<{ id: string; inputs: Inputs; state: State } | undefined> {
  const { repository: parsed, tag } = parseReference(id);
  if (tag === undefined) throw new Error(`${id} has no tag (a valid example: "ghcr.io/acme/hello:v1.2.3")`);
  const repository = await context.services.repository(formatRepository(parsed));
  const found = await repository.headManifest(tag);
  if (!found) return undefined;
  const moves = parseVersion(tag) ? "never" : "always";
  const inputs: Inputs = { repository: formatRepository(parsed), tag, digest: found.digest, moves };
  return { id: name(inputs), inputs, state: stateOf(inputs, found.mediaType) };
}

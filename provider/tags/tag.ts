import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import { tagDefinition } from "../../resources/definitions/tag";
import { formatRepository, parseReference } from "../../lib/oci/reference";
import { parseVersion } from "../../lib/version/version";
import { AliasHolders } from "./alias-holder";
import type { ResourceContext } from "../run/context";
import { pointTags } from "./point-tags";
import { checkTagRules, desiredPointers, refuseRepublished, type TagList } from "./tag-rules";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { unknown } from "../base/unknown";

type Inputs = InputsOf<typeof tagDefinition>;
type State = StateOf<typeof tagDefinition>;

/**
 * `slipway:oci:Tag`: the last step of publishing; until a tag points to it, nobody finds a digest.
 */
export const tagHandler = resourceHandler(tagDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["evidence"],

  async compute(context, declared, oldInputs) {
    const list = listOf(declared);
    refuseRepublished(oldInputs && listOf(oldInputs), list);
    checkTagRules(list.tags, (_index, field) => field);
    const holders = new AliasHolders(await context.services.repository(declared.repository));
    const { pointers, heldBy } = await desiredPointers(list, (own, alias) => holders.above(own, alias));
    return { digest: pointers[declared.tag] ?? declared.digest, heldBy: heldBy[declared.tag] };
  },

  // Most tags have no holder, and a preview that names one would say what is seldom so.
  computedLater: () => ({ heldBy: undefined }),

  diff(_context, desired, _oldInputs, observed): Changes {
    return desired.digest === observed.digest ? {} : { digest: { kind: "update" } };
  },

  id: name,

  planned: (_context, desired) => ({ digest: desired.digest, reference: name(desired) }),

  create: (context, desired) => point(context, desired),

  update: (context, desired, oldInputs) => point(context, desired, oldInputs),

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    const found = await repository.headManifest(inputs.tag);
    return found && { state: { ...state, digest: found.digest, mediaType: found.mediaType } };
  },

  importById: importTag,

  delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
});

function name(inputs: Inputs): string {
  return `${inputs.repository}:${inputs.tag}`;
}

function listOf(inputs: Pick<Inputs, keyof DeclaredTag | "repository" | "digest">): TagList {
  return { place: inputs.repository, digest: inputs.digest, tags: [inputs] };
}

async function point(context: ResourceContext, desired: Inputs, before?: Inputs): Promise<State> {
  const pointers = { [desired.tag]: desired.digest };
  const heldBy = desired.heldBy === undefined ? {} : { [desired.tag]: desired.heldBy };
  const own = before ? [desired.tag] : [];
  const given = before ? { [desired.tag]: before.digest } : {};
  const mediaTypes = await pointTags(context, { ...listOf(desired), pointers, heldBy, own, given });
  // A preview does not look at what the tag will point to.
  return stateOf(desired, mediaTypes.get(desired.tag) ?? unknown);
}

function stateOf(inputs: Inputs, mediaType: string): State {
  return { ...inputs, reference: name(inputs), mediaType };
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

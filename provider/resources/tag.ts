import { tagDefinition } from "../../schema/tag";
import { formatRepository, parseReference } from "../../oci/reference";
import { shortDigest } from "../../oci/digest";
import { parseVersionTag } from "../../oci/version-tag";
import { higherVersion } from "../alias-holder";
import { InputError } from "../../schema/findings";
import type { ResourceContext } from "../context";
import type { Changes, InputsOf, ResourceHandler, StateOf } from "../resource";
import { hasUnknown, unknown, Unknown } from "../unknown";

type Inputs = InputsOf<typeof tagDefinition>;
type State = StateOf<typeof tagDefinition>;

/** `slipway:oci:Tag`: the last step of publishing; until a tag points to it, nobody finds a digest. */
export const tagHandler: ResourceHandler<Inputs, State> = {
  definition: tagDefinition,
  refreshBeforeUpdate: true,

  async check(context, inputs, oldInputs) {
    const { heldBy: _heldBy, ...declared } = inputs;
    if ((declared.digest as unknown) instanceof Unknown || hasUnknown(declared)) return declared;
    if (declared.moves === "never") refuseMove(declared, oldInputs);
    if (declared.moves !== "highest") return declared;
    return holdAtHighest(context, declared);
  },

  async diff(_context, desired, _oldInputs, observed): Promise<Changes> {
    if (desired.digest === observed.digest) return {};
    return { digest: { kind: "update" } };
  },

  async create(context, desired) {
    const id = name(desired);
    if (hasUnknown(desired))
      return { id, state: { ...desired, reference: id, mediaType: unknown } as unknown as State };
    const repository = await context.services.repository(desired.repository);
    const existing = await repository.headManifest(desired.tag);
    if (existing && existing.digest !== desired.digest) {
      if (desired.moves === "never") throw versionExists(desired, existing.digest);
      context.say(
        "info",
        `${id} ${context.preview ? "will move" : "moves"} from ${existing.digest} to ${desired.digest}`,
      );
    }
    if (existing?.digest === desired.digest) return { id, state: stateOf(desired, existing.mediaType) };
    return { id, state: await point(context, desired) };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state) return importTag(context, id);
    const repository = await context.services.repository(inputs.repository);
    const found = await repository.headManifest(inputs.tag);
    return found && { id, inputs, state: { ...state, digest: found.digest, mediaType: found.mediaType } };
  },

  async update(context, desired, _oldInputs, observed) {
    if (hasUnknown(desired)) return { ...observed, ...desired };
    return point(context, desired);
  },

  async delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
};

function name(inputs: Inputs): string {
  return `${inputs.repository}:${inputs.tag}`;
}

/** A version that was published under one digest is not published under another (the digest in state is what was). */
function refuseMove(desired: Inputs, oldInputs: Inputs | undefined): void {
  if (!oldInputs || oldInputs.repository !== desired.repository || oldInputs.tag !== desired.tag) return;
  if (oldInputs.moves !== "never" || oldInputs.digest === desired.digest) return;
  throw new InputError([{ property: "digest", reason: versionExists(desired, oldInputs.digest).message }]);
}

function versionExists(desired: Inputs, published: string): Error {
  return new Error(
    `${name(desired)} is published as ${published}, and this program makes ${desired.digest}. A version tag never moves. ` +
      `Either release the change under a new version, or go back to the sources of ${desired.tag}.`,
  );
}

/** An alias of the highest version stays with it: a patch of an old line, or another branch's stack, does not take it. */
async function holdAtHighest(context: ResourceContext, inputs: Inputs): Promise<Inputs> {
  const own = inputs.version === undefined ? undefined : parseVersionTag(inputs.version);
  if (!own) {
    throw new InputError([
      {
        property: "version",
        reason: `${JSON.stringify(inputs.version)} is no semantic version, which moves: "highest" needs (a valid example: "v1.2.3")`,
      },
    ]);
  }
  if (!own.stable) {
    throw new InputError([
      {
        property: "version",
        reason: `${JSON.stringify(inputs.version)} is a pre-release, which an alias of the highest stable version does not take (a valid example: "v1.2.3")`,
      },
    ]);
  }
  if (inputs.within && !own.version.startsWith(`${inputs.within}.`)) {
    throw new InputError([
      {
        property: "within",
        reason: `${JSON.stringify(inputs.within)} does not hold the version ${JSON.stringify(inputs.version)} (a valid example: ${JSON.stringify(own.version.split(".", 2).join("."))})`,
      },
    ]);
  }
  const repository = await context.services.repository(inputs.repository);
  const holder = await higherVersion(repository, own, inputs.within ?? "");
  return holder ? { ...inputs, digest: holder.digest, heldBy: holder.tag } : inputs;
}

/** Points the tag to the digest: the manifest's bytes are put again, under the tag. */
async function point(context: ResourceContext, desired: Inputs): Promise<State> {
  if (context.preview) return stateOf(desired, unknown as unknown as string);
  const repository = await context.services.repository(desired.repository);
  const { bytes, descriptor } = await context.services.manifest(repository, desired.digest);
  await repository.putManifest(bytes, descriptor.mediaType, { tag: desired.tag });
  context.status(`${name(desired)} points to ${shortDigest(desired.digest)}`);
  return stateOf(desired, descriptor.mediaType);
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
  const moves = parseVersionTag(tag) ? "never" : "always";
  const inputs: Inputs = { repository: formatRepository(parsed), tag, digest: found.digest, moves };
  return { id: name(inputs), inputs, state: stateOf(inputs, found.mediaType) };
}

import * as path from "node:path";
import { formatSums, SumsError } from "../../lib/archive/sums";
import { digestOf } from "../../lib/oci/digest";
import { checksumsDefinition } from "../../resources/definitions/checksums";
import { InputError } from "../../resources/definitions/input-findings";
import { placeFile } from "../../lib/release/place-file";
import { placedDigest } from "./placing";
import { inputChanges } from "../run/replacement";
import type { InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { hasUnknown, unknown } from "../base/unknown";
import { pathsAt } from "../run/written-files";

type Inputs = InputsOf<typeof checksumsDefinition>;
type State = StateOf<typeof checksumsDefinition>;

/** `slipway:build:Checksums`: follows from the digests alone, so that the artefacts need not be on this machine. */
export const checksumsHandler: ResourceHandler<Inputs, State> = {
  definition: checksumsDefinition,
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path"),

  async check(context, inputs) {
    const { digest: _digest, ...declared } = inputs;
    if (hasUnknown(declared)) return { ...declared, digest: unknown } as unknown as Inputs;
    const text = textOf(declared);
    const digest = digestOf(text);
    context.services.madeSums.set(digest, text);
    return { ...declared, digest };
  },

  async diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    return { ...inputChanges(["artefacts"], desired, oldInputs), digest: { kind: "update" } };
  },

  async create(context, desired) {
    const id = desired.path;
    if (hasUnknown(desired)) return { id, state: unmade(desired) };
    const state = stateOf(desired);
    if (!context.preview && (await placedDigest(context.services, desired.path)) !== state.digest) {
      const target = path.resolve(context.services.project, desired.path);
      await placeFile(target, { bytes: Buffer.from(textOf(desired), "utf8") }, state.digest);
    }
    return { id, state };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state)
      throw new Error(
        "slipway:build:Checksums cannot be imported: declare it, and a file with its text is adopted",
      );
    const digest = await placedDigest(context.services, inputs.path);
    return digest === undefined ? undefined : { id, inputs, state: { ...state, digest } };
  },

  async update(context, desired) {
    return (await checksumsHandler.create(context, desired)).state;
  },

  async delete(context, _id, inputs) {
    context.say("info", `${inputs.path} stays on this machine: it left the program only`);
  },
};

function textOf({ artefacts }: Inputs): string {
  try {
    return formatSums(artefacts);
  } catch (error) {
    if (!(error instanceof SumsError)) throw error;
    throw new InputError([{ property: "artefacts", reason: `${error.message}: give another name` }]);
  }
}

function stateOf(inputs: Inputs): State {
  const text = textOf(inputs);
  const digest = digestOf(text);
  const name = path.posix.basename(inputs.path);
  return {
    ...inputs,
    digest,
    size: Buffer.byteLength(text),
    artefact: { name, path: inputs.path, digest },
  };
}

function unmade(inputs: Inputs): State {
  return { ...inputs, digest: unknown, size: unknown, artefact: unknown } as unknown as State;
}

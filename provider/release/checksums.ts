import * as path from "node:path";
import { formatSums, SumsError } from "../../lib/archive/sums";
import { digestOf } from "../../lib/oci/digest";
import { checksumsDefinition } from "../../resources/definitions/checksums";
import { InputError } from "../../resources/definitions/input-findings";
import { placeFile } from "../../lib/release/place-file";
import { placedDigest } from "./placing";
import { pathsAt } from "../run/written-files";
import type { InputsOf, StateOf } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof checksumsDefinition>;
type State = StateOf<typeof checksumsDefinition>;

/**
 * `slipway:build:Checksums`: follows from the digests alone, so that the artifacts need not be on
 * this machine.
 */
export const checksumsHandler = resourceHandler(checksumsDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path"),

  compute(context, declared) {
    const text = textOf(declared);
    const digest = digestOf(text);
    context.services.madeSums.set(digest, text);
    return { digest };
  },

  diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    return { ...inputChanges(["artifacts"], desired, oldInputs), digest: { kind: "update" } };
  },

  id: ({ path: file }) => file,

  async create(context, desired) {
    const state = stateOf(desired);
    if (!context.preview && (await placedDigest(context.services, desired.path)) !== state.digest) {
      const target = path.resolve(context.services.project, desired.path);
      await placeFile(target, { bytes: Buffer.from(textOf(desired), "utf8") }, state.digest);
    }
    return state;
  },

  async observe(context, inputs, state) {
    const digest = await placedDigest(context.services, inputs.path);
    return digest === undefined ? undefined : { state: { ...state, digest } };
  },

  delete(context, _id, inputs) {
    context.say("info", `${inputs.path} stays on this machine: it was removed from the program only`);
  },
});

function textOf({ artifacts }: Pick<Inputs, "artifacts">): string {
  try {
    return formatSums(artifacts);
  } catch (error) {
    if (!(error instanceof SumsError)) throw error;
    throw new InputError([{ property: "artifacts", reason: `${error.message}: give another name` }]);
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
    artifact: { name, path: inputs.path, digest },
  };
}

import * as path from "node:path";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { imageLockDefinition } from "../../resources/definitions/image-lock";
import { formatLock } from "./locked-images";
import { placedDigest } from "../release/placing";
import { entryChanges } from "../run/entry-changes";
import type { ResourceContext } from "../run/context";
import type { InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { hasUnknown, unknown } from "../base/unknown";
import { pathsAt } from "../run/written-files";

type Inputs = InputsOf<typeof imageLockDefinition>;
type State = StateOf<typeof imageLockDefinition>;

/** `slipway:build:ImageLock`: written by an update only, when the images that were built from it are there. */
export const imageLockHandler: ResourceHandler<Inputs, State> = {
  definition: imageLockDefinition,
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "file"),

  async check(_context, inputs) {
    const { digest: _digest, ...declared } = inputs;
    if (hasUnknown(declared)) return { ...declared, digest: unknown } as unknown as Inputs;
    return { ...declared, digest: digestOf(formatLock(declared.images)) };
  },

  async diff(_context, desired, oldInputs, observed) {
    if (desired.digest === observed.digest) return {};
    return { ...entryChanges("images", desired.images, oldInputs.images), digest: { kind: "update" } };
  },

  async create(context, desired) {
    return { id: desired.file, state: await place(context, desired) };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state)
      throw new Error("slipway:build:ImageLock cannot be imported: declare it, and its file is adopted");
    const digest = await placedDigest(context.services, inputs.file);
    return digest === undefined ? undefined : { id, inputs, state: { ...state, digest } };
  },

  async update(context, desired) {
    return place(context, desired);
  },

  async delete(context, _id, inputs) {
    context.say("info", `${inputs.file} stays on this machine: it left the program only`);
  },
};

async function place(context: ResourceContext, desired: Inputs): Promise<State> {
  if (hasUnknown(desired)) return { ...desired, digest: unknown } as unknown as State;
  const text = formatLock(desired.images);
  const digest = digestOf(text);
  if (!context.preview && (await placedDigest(context.services, desired.file)) !== digest) {
    await writeFileAtomically(path.resolve(context.services.project, desired.file), text);
  }
  return { ...desired, digest };
}

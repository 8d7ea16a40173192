import { mirrorGateDefinition } from "../../resources/definitions/mirror";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof mirrorGateDefinition>;
type State = StateOf<typeof mirrorGateDefinition>;

/** `slipway:oci:MirrorGate`: the end of a run that has mirrors. */
export const mirrorGateHandler: ResourceHandler<Inputs, State> = {
  definition: mirrorGateDefinition,
  refreshBeforeUpdate: false,

  async check(_context, inputs) {
    return inputs;
  },

  async diff(_context, desired, oldInputs) {
    return inputChanges(["mirrors"], desired, oldInputs);
  },

  async create(context, desired) {
    if (hasUnknown(desired))
      return { id: "mirrors", state: { ...desired, complete: unknown as unknown as number } };
    refuseIncomplete(context, desired);
    return { id: "mirrors", state: { ...desired, complete: desired.mirrors.length } };
  },

  async read(_context, id, inputs, state) {
    if (!inputs || !state)
      throw new Error("slipway:oci:MirrorGate cannot be imported: it is nothing but a check");
    return { id, inputs, state };
  },

  async update(context, desired) {
    if (hasUnknown(desired)) return { ...desired, complete: unknown as unknown as number };
    refuseIncomplete(context, desired);
    return { ...desired, complete: desired.mirrors.length };
  },

  async delete() {
    // It is nothing but a check.
  },
};

function refuseIncomplete(context: ResourceContext, { mirrors }: Inputs): void {
  if (context.preview) return;
  const incomplete = mirrors.filter(({ missing }) => missing.length > 0);
  if (incomplete.length === 0) return;
  const lines = incomplete.map(
    ({ target, missing }) => `- ${target}: ${missing.join("; ").replaceAll("\n", "\n  ")}`,
  );
  throw new Error(
    `${incomplete.length} of ${mirrors.length} mirrors are not complete; everything else is published:\n` +
      `${lines.join("\n")}\nRun the update again when the targets take it: it sends only what is missing.`,
  );
}

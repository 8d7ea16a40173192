import { mirrorGateDefinition } from "../../resources/definitions/mirror";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof mirrorGateDefinition>;

/** `slipway:oci:MirrorGate`: the end of a run that has mirrors. */
export const mirrorGateHandler = resourceHandler(mirrorGateDefinition, {
  refreshBeforeUpdate: false,

  diff: (_context, desired, oldInputs) => inputChanges(["mirrors"], desired, oldInputs),

  id: () => "mirrors",

  create(context, desired) {
    refuseIncomplete(context, desired);
    return { complete: desired.mirrors.length };
  },
});

function refuseIncomplete(context: ResourceContext, { mirrors }: Inputs): void {
  if (context.preview) return;
  const incomplete = mirrors.filter(({ missing }) => missing.length > 0);
  if (incomplete.length === 0) return;
  const lines = incomplete.map(
    ({ target, missing }) => `- ${target}: ${missing.join("; ").replaceAll("\n", "\n  ")}`,
  );
  throw new Error(
    `${incomplete.length} of ${mirrors.length} mirrors are not complete; everything else is published:\n` +
      `${lines.join("\n")}\nRun the update again when the targets accept it: it sends only what is missing.`,
  );
}

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
  const lines = incomplete.map(({ target, missing }) => `- ${target}: ${inOneLine(missing)}`);
  throw new Error(
    `${incomplete.length} of ${mirrors.length} mirrors are not complete; everything else is published. Each has ` +
      `said what it lacks; in short:\n${lines.join("\n")}\n` +
      "Run the update again when the targets accept it: it sends only what is missing.",
  );
}

/**
 * The first thing that a mirror lacks, and whether there is more: the mirror itself has told all of
 * it.
 */
function inOneLine(missing: readonly string[]): string {
  const [first = "", ...others] = missing.flatMap((text) => text.split("\n- ")).map(firstLine);
  // What a mirror was doing comes first, then what went wrong.
  const [why, ...more] = first.endsWith(" missing") || first.endsWith(" could not be read") ? others : [];
  const rest = why === undefined ? others : more;
  const text = why === undefined ? first : `${first}: ${why}`;
  return rest.length === 0 ? text : `${text} (and more)`;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

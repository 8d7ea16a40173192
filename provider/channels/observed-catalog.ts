import { verdictOf } from "../../lib/channels/observed/verdict";
import { observedCatalogDefinition } from "../../resources/definitions/observed-catalog";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf, OutputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof observedCatalogDefinition>;
type Outputs = OutputsOf<typeof observedCatalogDefinition>;

/** `slipway:channel:Observed`: a catalog that others fill. */
export const observedCatalogHandler = resourceHandler(observedCatalogDefinition, {
  // Nothing follows from what it has, so that no preview waits for it.
  refreshBeforeUpdate: false,

  diff: (_context, desired, oldInputs) =>
    inputChanges(["catalog", "probe", "version", "expect", "grace"], desired, oldInputs),

  id: ({ catalog }) => (hasUnknown(catalog) ? "catalog" : catalog),

  create: (context, desired) => look(context, desired, new Date().toISOString()),

  update: (context, desired, oldInputs, { since }) =>
    look(context, desired, desired.version === oldInputs.version ? since : new Date().toISOString()),

  async observe(context, inputs, state) {
    const { reason: _reason, awaitingSince: _since, found: _found, ...before } = state;
    return { state: { ...before, ...(await look(context, inputs, state.since)) } };
  },
});

async function look(context: ResourceContext, inputs: Inputs, since: string): Promise<Outputs> {
  const { probe, version, expect = "live", grace = "7d" } = inputs;
  const answer = await context.services.catalogs.ask(probe, context.signal);
  return { ...verdictOf(answer, { version, expect, grace, since }, new Date()), since };
}

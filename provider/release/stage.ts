import { stageDefinition } from "../../resources/definitions/stage";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

/** `slipway:release:Stage`: the engine asks for it when all that it depends on is done. */
export const stageHandler = resourceHandler(stageDefinition, {
  refreshBeforeUpdate: false,

  diff: (_context, desired, oldInputs) => inputChanges(["reached"], desired, oldInputs),

  id: ({ reached }) => reached,

  create: () => ({}),
});

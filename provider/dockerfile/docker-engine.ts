import { DockerEngine, DockerEngineError } from "../../lib/docker/engine";
import { dockerEngineDefinition } from "../../resources/definitions/docker";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf, ResourceHandler, StateOf } from "../run/resource";

type Inputs = InputsOf<typeof dockerEngineDefinition>;
type State = StateOf<typeof dockerEngineDefinition>;

/** `slipway:docker:Engine`: observes; a run that needs the engine ends here where there is none. */
export const dockerEngineHandler: ResourceHandler<Inputs, State> = {
  definition: dockerEngineDefinition,
  refreshBeforeUpdate: true,

  async check(_context, inputs) {
    return inputs;
  },

  async diff(_context, desired, oldInputs) {
    return inputChanges(["purpose"], desired, oldInputs);
  },

  async create(context, desired) {
    return { id: "docker", state: await observe(context, desired) };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state) throw new Error("slipway:docker:Engine cannot be imported: it only observes");
    try {
      return { id, inputs, state: { ...inputs, ...(await new DockerEngine(context.signal).facts()) } };
    } catch (error) {
      if (error instanceof DockerEngineError) return undefined;
      throw error;
    }
  },

  async update(context, desired) {
    return observe(context, desired);
  },

  async delete() {
    // The engine is not ours.
  },
};

async function observe(context: ResourceContext, desired: Inputs): Promise<State> {
  try {
    return { ...desired, ...(await new DockerEngine(context.signal).facts()) };
  } catch (error) {
    if (!(error instanceof DockerEngineError)) throw error;
    const purpose = desired.purpose === undefined ? "" : `${desired.purpose}: `;
    throw new Error(
      `${purpose}no Docker engine answers, so nothing is built: ${error.message}\n` +
        `Start Docker, name its engine (DOCKER_HOST, docker context use NAME), or declare mode: "build"`,
      { cause: error },
    );
  }
}

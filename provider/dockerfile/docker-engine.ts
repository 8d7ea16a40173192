import { DockerEngine, DockerEngineError } from "../../lib/docker/engine";
import { dockerEngineDefinition } from "../../resources/definitions/docker";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

/** `slipway:docker:Engine`: observes; a run that needs the engine ends here where there is none. */
export const dockerEngineHandler = resourceHandler(dockerEngineDefinition, {
  refreshBeforeUpdate: true,
  // It is for messages.
  neutral: ["purpose"],

  diff: (_context, desired, oldInputs) => inputChanges(["purpose"], desired, oldInputs),

  id: () => "docker",

  async create(context, desired) {
    try {
      return await new DockerEngine(context.signal).facts();
    } catch (error) {
      if (!(error instanceof DockerEngineError)) throw error;
      const purpose = desired.purpose === undefined ? "" : `${desired.purpose}: `;
      throw new Error(
        `${purpose}no Docker engine answers, so nothing is built: ${error.message}\n` +
          `Start Docker, name its engine (DOCKER_HOST, docker context use NAME), or declare mode: "build"`,
        { cause: error },
      );
    }
  },

  async observe(context, inputs) {
    try {
      return { state: { ...inputs, ...(await new DockerEngine(context.signal).facts()) } };
    } catch (error) {
      if (error instanceof DockerEngineError) return undefined;
      throw error;
    }
  },
});

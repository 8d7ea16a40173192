import * as path from "node:path";
import { BuildHistory, BuildHistoryError } from "../../lib/buildkit/build-history";
import { readBase, type BaseImage } from "../../lib/oci/image/base";
import { parsePlatform } from "../../lib/oci/platform";
import { isNotFound } from "../../lib/oci/errors";
import { manifestDefinition } from "../../resources/definitions/manifest";
import { manifestDrift, putBack } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { goneManifestsOf, manifestId } from "./gone-manifests";
import { inputChanges } from "../run/replacement";
import { ofRun } from "../run/run";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { unknown } from "../base/unknown";

type Inputs = InputsOf<typeof manifestDefinition>;
type State = StateOf<typeof manifestDefinition>;

const historyOf = ofRun(() => new BuildHistory());

/** `slipway:oci:Manifest`: observes what another resource has pushed; writes nothing. */
export const manifestHandler = resourceHandler(manifestDefinition, {
  refreshBeforeUpdate: true,

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["budget", "builtBy", "build"], desired, oldInputs);
    return desired.digest === observed.digest ? changes : { ...changes, digest: { kind: "update" } };
  },

  id: manifestId,

  async create(context, desired) {
    const repository = await context.services.repository(desired.repository);
    // A builder of this run has just pushed it; some registries show it later.
    if (desired.build && !context.preview) context.services.notePushed(desired.repository, desired.digest);
    const image = await readBase(repository, desired.digest, parsePlatform(desired.platform)).catch(
      (error: unknown) => {
        throw isNotFound(error) ? new Error(missing(desired), { cause: error }) : error;
      },
    );
    const state = stateOf(desired, image);
    checkBudget(context, desired, state);
    return { ...state, buildRecord: await recordOf(context, desired) };
  },

  async observe(context, inputs, state) {
    const repository = await context.services.repository(inputs.repository);
    const found = await repository.headManifest(state.digest);
    if (!found) {
      goneManifestsOf(context.run).add(manifestId(inputs));
      context.say("warning", putBack(manifestDrift(inputs.repository, state.digest, inputs.platform)));
    }
    return found && { state };
  },

  delete(context, _id, _inputs, state) {
    context.sayRetained(state.reference);
  },
});

/**
 * Returns the record of a build. What is not known of it is said there, and is no reason to fail.
 */
async function recordOf(context: ResourceContext, desired: Inputs): Promise<State["buildRecord"]> {
  if (desired.build === undefined) return undefined;
  if (context.preview) return unknown;
  const { builder, context: folder } = desired.build;
  // Buildx names a record after the folder of the Dockerfile, which is beside the context's.
  const name = path.posix.basename(path.posix.dirname(folder));
  try {
    return await historyOf(context.run).record(builder, name, desired.digest, context.signal);
  } catch (error) {
    if (!(error instanceof BuildHistoryError)) throw error;
    return { notKnown: error.message };
  }
}

function missing({ repository, digest, platform, builtBy }: Inputs): string {
  const again =
    builtBy === undefined
      ? "push it again"
      : `build and push it again with: pulumi up --replace '${builtBy}'`;
  return `${repository} does not have ${digest} (${platform}), which was built and pushed: ${again}`;
}

function stateOf(inputs: Inputs, image: BaseImage): State {
  const { descriptor } = image.manifest;
  const { mediaType, digest, size } = descriptor;
  const blobs = [image.config.descriptor, ...image.layers];
  return {
    ...inputs,
    mediaType,
    size,
    totalSize: blobs.reduce((sum, blob) => sum + blob.size, size),
    layers: image.layers.length,
    reference: `${inputs.repository}@${inputs.digest}`,
    descriptor: { mediaType, digest, size, platform: parsePlatform(inputs.platform) },
  };
}

/** @throws Error where the declared budget is exceeded and that is to fail */
function checkBudget(context: ResourceContext, { budget, repository, platform }: Inputs, state: State): void {
  if (!budget) return;
  const excess = [
    state.totalSize > budget.maximumBytes
      ? `${state.totalSize} bytes, and ${budget.maximumBytes} are the most`
      : "",
    budget.layers !== undefined && state.layers > budget.layers
      ? `${state.layers} layers, and ${budget.layers} are the most`
      : "",
  ].filter((text) => text !== "");
  if (excess.length === 0) return;
  const message = `${repository} for ${platform} is over its budget: it has ${excess.join("; and ")}`;
  if (budget.exceeded === "fail") throw new Error(`${message}. Make it smaller, or raise the budget`);
  context.say("warning", message);
}

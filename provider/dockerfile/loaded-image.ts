import { mkdir, rm } from "node:fs/promises";
import * as path from "node:path";
import { DockerEngine, DockerEngineError } from "../../lib/docker/engine";
import { writeImageArchive } from "../../lib/docker/image-archive";
import { temporaryName } from "../../lib/machine/atomic-file";
import { readBase } from "../../lib/oci/image/base";
import { matchesPlatform, parsePlatform } from "../../lib/oci/platform";
import { loadedImageDefinition } from "../../resources/definitions/docker";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown } from "../base/unknown";

type Inputs = InputsOf<typeof loadedImageDefinition>;
type State = StateOf<typeof loadedImageDefinition>;

/** `slipway:docker:LoadedImage`: what mode "load" leaves in Docker. */
export const loadedImageHandler = resourceHandler(loadedImageDefinition, {
  refreshBeforeUpdate: true,
  unknownAtPreview: true,

  refuse(_context, { platform, platforms, names }) {
    if (platforms === undefined || hasUnknown(platform) || isAmong(platform, platforms)) return;
    const reason =
      `the Docker engine runs ${platform}, and ${names[0]} is built for ${platforms.join(", ")} only ` +
      `(a valid example: platforms: ["${platform}"])`;
    throw new InputError([{ property: "platforms", reason }]);
  },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes = inputChanges(["digest", "platform", "names"], desired, oldInputs);
    const missing = desired.names.filter((name) => !observed.loaded.includes(name));
    return missing.length === 0 ? changes : { ...changes, loaded: { kind: "update" } };
  },

  id: ({ names }) => names[0] ?? "",

  create: load,

  async observe(context, inputs, state) {
    const engine = new DockerEngine(context.signal);
    try {
      return { state: { ...state, loaded: await named(engine, inputs.names, state.imageId) } };
    } catch (error) {
      // Which engine is missing, the resource of the engine says.
      if (error instanceof DockerEngineError) return { state: { ...state, loaded: [] } };
      throw error;
    }
  },

  delete(context, _id, _inputs, state) {
    context.say("info", `${state.names.join(", ")} stays in the Docker engine: docker image rm removes it`);
  },
});

function isAmong(wanted: string, platforms: readonly string[]): boolean {
  return platforms.some((platform) => matchesPlatform(parsePlatform(wanted), parsePlatform(platform)));
}

async function load(context: ResourceContext, desired: Inputs): Promise<State> {
  const { services, signal } = context;
  const engine = new DockerEngine(signal);
  const repository = await services.repository(desired.repository);
  const image = await readBase(repository, desired.digest, parsePlatform(desired.platform));
  const folder = path.join(services.project, ".slipway", "cache", "loads");
  await mkdir(folder, { recursive: true });
  const archive = temporaryName(path.join(folder, "image.tar"));
  context.status(`loading ${desired.names.join(", ")} into Docker`);
  try {
    await writeImageArchive(archive, image, desired.names);
    await engine.load(archive);
  } catch (error) {
    if (!(error instanceof DockerEngineError)) throw error;
    throw new Error(`Docker did not load ${desired.names.join(", ")}: ${error.message}`, { cause: error });
  } finally {
    await rm(archive, { force: true });
  }
  const imageId = (await engine.imageId(desired.names[0] ?? "")) ?? "";
  const loaded = await named(engine, desired.names, imageId);
  return { ...desired, imageId, loaded };
}

/** Those of the names that an image has. */
async function named(engine: DockerEngine, names: readonly string[], imageId: string): Promise<string[]> {
  const ids = await Promise.all(names.map((name) => engine.imageId(name)));
  return names.filter((_name, index) => ids[index] === imageId && imageId !== "");
}

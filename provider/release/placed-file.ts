import { stat } from "node:fs/promises";
import * as path from "node:path";
import { placeFile } from "../../lib/release/place-file";
import { placedFileDefinition } from "../../resources/definitions/placed-file";
import type { ResourceContext } from "../run/context";
import { placedDigest } from "./placing";
import type { Changes, InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { hasUnknown, unknown } from "../base/unknown";
import { pathsAt } from "../run/written-files";

type Inputs = InputsOf<typeof placedFileDefinition>;
type State = StateOf<typeof placedFileDefinition>;

/** `slipway:build:PlacedFile`: a copy of a built file, which is made again where it is needed. */
export const placedFileHandler: ResourceHandler<Inputs, State> = {
  definition: placedFileDefinition,
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path"),

  async check(_context, inputs) {
    return inputs;
  },

  async diff(_context, desired, _oldInputs, observed): Promise<Changes> {
    return {
      ...(desired.digest === observed.digest ? {} : { digest: { kind: "update" } }),
      ...(modeOf(desired) === observed.mode ? {} : { mode: { kind: "update" } }),
    };
  },

  async create(context, desired) {
    const id = desired.path;
    if (hasUnknown(desired)) return { id, state: unplaced(desired) };
    if (!context.preview) await place(context, desired);
    return { id, state: { ...desired, mode: modeOf(desired) } };
  },

  async read(context, id, inputs, state) {
    if (!inputs || !state)
      throw new Error(
        "slipway:build:PlacedFile cannot be imported: declare it, and a file with its content is adopted",
      );
    const digest = await placedDigest(context.services, inputs.path);
    if (digest === undefined) return undefined;
    await context.services.saveHashes();
    return { id, inputs, state: { ...state, digest, mode: await modeAt(context, inputs.path) } };
  },

  async update(context, desired) {
    return (await placedFileHandler.create(context, desired)).state;
  },

  async delete(context, id) {
    context.say("info", `${id} stays on this machine: it left the program only`);
  },
};

async function place(context: ResourceContext, desired: Inputs): Promise<void> {
  const { services } = context;
  const { source, digest } = desired;
  const there = (await placedDigest(services, desired.path)) === digest;
  if (there && (await modeAt(context, desired.path)) === modeOf(desired)) return;
  await services.builds.ensure(source, context.observer);
  await services.assets.ensure(source);
  const target = path.resolve(services.project, desired.path);
  const content = { path: path.resolve(services.project, source) };
  await placeFile(target, content, digest, Number.parseInt(modeOf(desired), 8));
  await services.saveHashes();
  context.status(`placed ${desired.path}`);
}

function modeOf({ mode = "0755" }: Inputs): string {
  return mode.padStart(4, "0");
}

async function modeAt({ services }: ResourceContext, file: string): Promise<string> {
  const { mode } = await stat(path.resolve(services.project, file));
  return (mode & 0o777).toString(8).padStart(4, "0");
}

function unplaced(inputs: Inputs): State {
  return { ...inputs, digest: unknown, mode: modeOf(inputs) } as unknown as State;
}

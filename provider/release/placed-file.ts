import { stat } from "node:fs/promises";
import * as path from "node:path";
import { placeFile } from "../../lib/release/place-file";
import { placedFileDefinition } from "../../resources/definitions/placed-file";
import type { ResourceContext } from "../run/context";
import { placedDigest } from "../run/placed-files";
import { pathsAt } from "../run/written-files";
import type { Changes, InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof placedFileDefinition>;

/**
 * `slipway:build:PlacedFile`: a copy of a built file. One that is not on this machine is placed when
 * something needs it; one that was changed is drift, for whoever looks there would take it.
 */
export const placedFileHandler = resourceHandler(placedFileDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path"),

  compute(context, desired) {
    const { path: file, digest } = desired;
    context.services.made.declare(context.urn, [
      { path: file, digest, place: () => place(context, desired) },
    ]);
    return {};
  },

  diff(_context, desired, _oldInputs, observed): Changes {
    const changes: Changes = {};
    if (desired.digest !== observed.digest) changes.digest = { kind: "update" };
    if (modeOf(desired) !== observed.mode) changes.mode = { kind: "update" };
    return changes;
  },

  id: ({ path: file }) => file,

  planned: (_context, desired) => ({ mode: modeOf(desired) }),

  async create(context, desired) {
    if (!context.preview) await context.services.made.inTurn(desired.path, () => place(context, desired));
    return { ...desired, mode: modeOf(desired) };
  },

  async observe(context, inputs, state) {
    const digest = await placedDigest(context.services, inputs.path);
    if (digest === undefined) return { state };
    await context.services.saveHashes();
    return { state: { ...state, digest, mode: await modeAt(context, inputs.path) } };
  },

  delete(context, id) {
    context.say("info", `${id} stays on this machine: it was removed from the program only`);
  },
});

async function place(context: ResourceContext, desired: Inputs): Promise<void> {
  const { services } = context;
  const { source, digest } = desired;
  const there = (await placedDigest(services, desired.path)) === digest;
  if (there && (await modeAt(context, desired.path)) === modeOf(desired)) return;
  await services.ensureFile(source, context.observer);
  const target = path.resolve(services.project, desired.path);
  const content = { path: path.resolve(services.project, source) };
  await placeFile(target, content, digest, Number.parseInt(modeOf(desired), 8));
  await services.saveHashes();
}

function modeOf({ mode = "0755" }: Inputs): string {
  return hasUnknown(mode) ? unknown : mode.padStart(4, "0");
}

async function modeAt({ services }: ResourceContext, file: string): Promise<string> {
  const { mode } = await stat(path.resolve(services.project, file));
  return (mode & 0o777).toString(8).padStart(4, "0");
}

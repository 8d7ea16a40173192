import * as path from "node:path";
import { commandDefinition } from "../../schema/command";
import { BuildError, type CommandSpec } from "../../build/command-spec";
import { meetExpectation } from "../../build/expectation";
import { inputsDigest } from "../../build/inputs-digest";
import { InputError } from "../../schema/findings";
import type { ResourceContext } from "../context";
import { inputChanges } from "../replacement";
import type { InputsOf, ResourceHandler, StateOf } from "../resource";
import { hasUnknown, unknown } from "../unknown";

type Inputs = InputsOf<typeof commandDefinition>;
type State = StateOf<typeof commandDefinition>;

const defaultTimeoutSeconds = 3600;

/** `slipway:build:Command`: runs when its inputs are new; the engine runs independent ones side by side. */
export const commandHandler: ResourceHandler<Inputs, State> = {
  definition: commandDefinition,
  // Its result is a cache entry; there is nothing outside to drift.
  refreshBeforeUpdate: false,

  async check(context, inputs) {
    const { inputsDigest: _inputsDigest, ...declared } = inputs;
    if (hasUnknown(declared)) return { ...declared, inputsDigest: unknown } as unknown as Inputs;
    refuseUnknownFile(declared);
    const spec = specOf(context, declared);
    try {
      const digest = await inputsDigest(spec, (file) => context.services.fileDigest(file));
      await context.services.saveHashes();
      context.services.builds.register(digest, spec);
      return { ...declared, inputsDigest: digest };
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const [, property, reason] = /^(\w+): ([^]*)$/.exec(error.message) ?? [undefined, "", error.message];
      throw new InputError([{ property, reason }]);
    }
  },

  async diff(_context, desired, oldInputs) {
    const expect = inputChanges(["expect"], desired, oldInputs);
    if (desired.inputsDigest === oldInputs.inputsDigest) return expect;
    return {
      ...expect,
      ...inputChanges(["directory", "command", "environment", "sources", "outputs"], desired, oldInputs),
      inputsDigest: { kind: "update", inputDiff: true },
    };
  },

  async create(context, desired) {
    const id = desired.inputsDigest ?? "";
    if (hasUnknown(desired) || desired.inputsDigest === undefined) return { id, state: unbuilt(desired) };
    const { builds, config } = context.services;
    const mayBuild = (desired.atPreview ?? true) && (config.buildAtPreview ?? true);
    if (context.preview && !mayBuild) {
      const earlier = await builds.lookup(desired.inputsDigest);
      if (!earlier) context.say("info", "unknown until built: commands do not run at preview here");
      return { id, state: earlier ? await checked(context, desired, earlier) : unbuilt(desired) };
    }
    try {
      const files = await builds.build(desired.inputsDigest, specOf(context, desired), {
        onLine: (line) => context.status(line),
        signal: context.signal,
      });
      return { id, state: await checked(context, desired, files) };
    } catch (error) {
      await builds.settled(context.signal);
      throw error;
    }
  },

  async read(_context, id, inputs, state) {
    if (!inputs || !state)
      throw new Error("slipway:build:Command cannot be imported: it has no existence outside of the project");
    return { id, inputs, state };
  },

  async update(context, desired) {
    return (await commandHandler.create(context, desired)).state;
  },

  async delete() {
    // Results of commands are cache entries; they go with the cache.
  },
};

/** State with the files, once they are what is expected of them. */
async function checked(context: ResourceContext, desired: Inputs, files: State["files"]): Promise<State> {
  const evidence = await meetExpectation(desired.expect ?? {}, files, {
    project: context.services.project,
    onLine: (line) => context.status(line),
    signal: context.signal,
  });
  for (const { result, by, detail } of evidence) {
    if (result === "not executed") context.say("info", `not executed: ${by} (${detail ?? ""})`);
  }
  return {
    ...desired,
    files,
    evidence: evidence.map((item) =>
      item.detail === undefined ? item : { ...item, detail: context.shown(item.detail) },
    ),
  };
}

function refuseUnknownFile({ expect, outputs }: Inputs): void {
  for (const [index, { file }] of (expect?.tests ?? []).entries()) {
    if (file === undefined || outputs.includes(file)) continue;
    throw new InputError([
      {
        property: `expect.tests[${index}].file`,
        reason: `${JSON.stringify(file)} is none of the outputs (a valid example: ${JSON.stringify(outputs[0])})`,
      },
    ]);
  }
}

function specOf(context: ResourceContext, inputs: Inputs): CommandSpec {
  return {
    directory: path.resolve(context.services.project, inputs.directory ?? "."),
    command: inputs.command,
    environment: inputs.environment ?? {},
    sources: inputs.sources,
    outputs: inputs.outputs,
    timeoutSeconds: inputs.timeoutSeconds ?? defaultTimeoutSeconds,
  };
}

function unbuilt(inputs: Inputs): State {
  const evidence = inputs.expect === undefined ? [] : unknown;
  return { ...inputs, files: unknown, evidence } as unknown as State;
}

import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { commandDefinition } from "../../resources/definitions/command";
import { BuildError, type CommandSpec } from "../../lib/command/command-spec";
import { meetExpectation } from "../../lib/command/expectation";
import { inputsDigest } from "../../lib/command/inputs-digest";
import { InputError } from "../../resources/definitions/input-findings";
import { projectSalt } from "../../lib/machine/project-salt";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import { keyedSecrets } from "../base/keyed-inputs";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { unknown } from "../base/unknown";

type Inputs = InputsOf<typeof commandDefinition>;
type State = StateOf<typeof commandDefinition>;

const defaultTimeoutSeconds = 3600;

/**
 * `slipway:build:Command`: runs when its inputs are new; the engine runs independent ones side by
 * side.
 */
export const commandHandler = resourceHandler(commandDefinition, {
  // Its result is a cache entry; there is nothing outside to drift.
  refreshBeforeUpdate: false,

  async compute(context, declared, oldInputs) {
    refuseUnknownFile(declared);
    const spec = specOf(context, declared);
    try {
      const { digested, digestSalt } = await withoutSecrets(context, spec, oldInputs?.digestSalt);
      const digest = await inputsDigest(digested, (file) => context.services.fileDigest(file));
      await context.services.saveHashes();
      context.services.builds.register(digest, spec);
      return { inputsDigest: digest, digestSalt };
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const [, property, reason] = /^(\w+): ([^]*)$/.exec(error.message) ?? [undefined, "", error.message];
      throw new InputError([{ property, reason }]);
    }
  },

  // Whether there are secrets to hide is not known yet.
  computedLater: () => ({ digestSalt: undefined }),

  diff(_context, desired, oldInputs): Changes {
    const expect = inputChanges(["expect"], desired, oldInputs);
    if (desired.inputsDigest === oldInputs.inputsDigest) return expect;
    return {
      ...expect,
      ...inputChanges(["directory", "command", "env", "inherit", "sources", "outputs"], desired, oldInputs),
      inputsDigest: { kind: "update", inputDiff: true },
    };
  },

  id: (desired) => desired.inputsDigest ?? "",

  planned: (_context, { expect }) => (expect === undefined ? { evidence: [] } : {}),

  async create(context, desired) {
    const { inputsDigest: digest = "" } = desired;
    const { builds, config } = context.services;
    const mayBuild = (desired.atPreview ?? true) && (config.buildAtPreview ?? true);
    if (context.preview && !mayBuild) {
      const earlier = await builds.lookup(digest);
      if (earlier) return checked(context, desired, earlier);
      context.say("info", "unknown until built: commands do not run at preview here");
      return { files: unknown, evidence: desired.expect === undefined ? [] : unknown };
    }
    try {
      const files = await builds.build(digest, specOf(context, desired), context.observer);
      const state = await checked(context, desired, files);
      if (!context.preview) await context.services.pruneCache();
      return state;
    } catch (error) {
      await builds.settled(context.signal);
      throw error;
    }
  },
});

/** State with the files, once they are what is expected of them. */
async function checked(context: ResourceContext, desired: Inputs, files: State["files"]): Promise<State> {
  const evidence = await meetExpectation(desired.expect ?? {}, files, {
    project: context.services.project,
    ...context.observer,
  });
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
        reason:
          `${JSON.stringify(file)} is not one of the outputs (a valid example: ` +
          `${JSON.stringify(outputs[0])})`,
      },
    ]);
  }
}

/**
 * A command as it is digested: keyed hashes stand for its secrets. The salt travels with the state,
 * encrypted, so that another machine computes the same digest; a command that has none yet takes
 * that of this project's folder, so that a preview and the update after it have the same.
 */
async function withoutSecrets(
  context: ResourceContext,
  spec: CommandSpec,
  known: string | undefined,
): Promise<{ digested: CommandSpec; digestSalt?: string }> {
  const isSecret = (path: readonly string[]) => context.isSecret(path);
  const { command, env } = spec;
  const probe = keyedSecrets({ command, env }, isSecret, "");
  if (isDeepStrictEqual(probe, { command, env })) return { digested: spec };
  const digestSalt = known ?? (await projectSalt(context.services.project));
  context.addSecret(digestSalt);
  return {
    digested: { ...spec, ...keyedSecrets({ command, env }, isSecret, digestSalt) },
    digestSalt,
  };
}

function specOf(context: ResourceContext, inputs: Inputs): CommandSpec {
  return {
    directory: path.resolve(context.services.project, inputs.directory ?? "."),
    command: inputs.command,
    env: inputs.env ?? {},
    ...context.inherited(inputs.inherit),
    sources: inputs.sources,
    outputs: inputs.outputs,
    timeoutSeconds: inputs.timeoutSeconds ?? defaultTimeoutSeconds,
  };
}

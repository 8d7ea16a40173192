import { setTimeout as sleep } from "node:timers/promises";
import * as path from "node:path";
import { checksumCheck } from "../../lib/checks/checksum-check";
import { BuildError } from "../../lib/command/command-spec";
import { sourceFiles } from "../../lib/command/source-files";
import { commandCheck } from "../../lib/checks/command-check";
import { httpCheck } from "../../lib/checks/http-check";
import type { CheckOutcome } from "../../lib/checks/outcome";
import { anonymousPullCheck } from "../../lib/checks/pull-check";
import { digestOf } from "../../lib/oci/digest";
import { checkDefinition } from "../../resources/definitions/check";
import type { Evidence } from "../../resources/definitions/evidence";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof checkDefinition>;
type State = StateOf<typeof checkDefinition>;

const defaultTimeoutSeconds = 300;
const defaultDelaySeconds = 5;

/** Inputs whose change runs the check again; how long and how often it is tried does not. */
const checkedInputs = [
  "subject",
  "command",
  "http",
  "anonymousPull",
  "checksum",
  "triggers",
  "advisory",
  "sourcesDigest",
];

/** `slipway:gate:Check`: its miss stops what depends on it. */
export const checkHandler = resourceHandler(checkDefinition, {
  // A check says how things were when it ran.
  refreshBeforeUpdate: false,
  // Nothing but the patterns of the sources, and these are looked at below.
  computedFrom: [],
  unknownAtPreview: true,

  compute: async (context, { command }) => ({ sourcesDigest: await digestOfSources(context, command) }),

  diff: (_context, desired, oldInputs) => inputChanges(checkedInputs, desired, oldInputs),

  id: (desired, context) => context.blot(title(desired)),

  create: run,
});

/**
 * Returns what the command reads, as one digest; undefined where it declares nothing.
 * @throws InputError naming the field
 */
async function digestOfSources(
  { services }: ResourceContext,
  command: Inputs["command"],
): Promise<string | undefined> {
  const { sources, directory = "." } = command ?? {};
  if (sources === undefined) return undefined;
  if (hasUnknown(sources) || hasUnknown(directory)) return unknown;
  try {
    const folder = path.resolve(services.project, directory);
    const files = await sourceFiles(folder, sources, (file) => services.fileDigest(file));
    await services.saveHashes();
    return digestOf(JSON.stringify(files));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const [, property, reason] = /^(\w+): ([^]*)$/.exec(error.message) ?? [undefined, "", error.message];
    throw new InputError([{ property: `command.${property}`, reason }]);
  }
}

/** Returns what the check is, in a few words, as far as it is known. */
function title(desired: Inputs): string {
  const { command, http, anonymousPull, checksum } = desired;
  if (hasUnknown([command?.command, http?.url, checksum?.file, checksum?.url, anonymousPull]))
    return "a check of what is not known yet";
  if (command) return typeof command.command === "string" ? command.command : command.command.join(" ");
  if (http) return `GET ${http.url}`;
  if (checksum) return `digest of ${checksum.file ?? checksum.url}`;
  return `anonymous pull of ${anonymousPull}`;
}

async function run(context: ResourceContext, desired: Inputs): Promise<State> {
  const started = Date.now();
  const outcome = await tryOften(context, desired);
  const { passed } = outcome;
  const detail = context.shown(outcome.detail);
  const output = context.shown(outcome.output);
  if (!passed && !desired.advisory) {
    const subjects = subjectsOf(desired);
    const about = subjects.length === 0 ? "" : `, of ${subjects.join(" and ")}`;
    const text = output === "" ? "" : `\nits last lines:\n${output.replace(/^/gm, "  ")}`;
    throw new Error(
      `check failed: ${title(desired)}${about}\n${detail}${text}\nWhat depends on the check is ` +
        "left unchanged. Fix the cause and run the update again.",
    );
  }
  if (!passed) context.say("warning", `check missed, advisory: ${title(desired)}: ${detail}`);
  return {
    ...desired,
    result: passed ? "passed" : "failed",
    detail,
    output,
    checkedAt: new Date(started).toISOString(),
    durationSeconds: Math.round(Date.now() - started) / 1000,
    evidence: evidenceOf(desired, context.blot(title(desired)), { passed, detail, output }),
  };
}

function evidenceOf(desired: Inputs, by: string, { passed, detail }: CheckOutcome): Evidence[] {
  const result = passed ? "passed" : "failed";
  return subjectsOf(desired).map((subject) => ({ kind: "check", subject, result, by, detail }));
}

function subjectsOf({ subject }: Inputs): string[] {
  return [...new Set([subject ?? []].flat())];
}

async function tryOften(context: ResourceContext, desired: Inputs): Promise<CheckOutcome> {
  const attempts = desired.attempts ?? 1;
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(context, desired);
    if (outcome.passed || attempt >= attempts) return outcome;
    context.status(`try ${attempt} of ${attempts}: ${outcome.detail}`);
    await sleep((desired.delaySeconds ?? defaultDelaySeconds) * 1000, undefined, { signal: context.signal });
  }
}

async function tryOnce(context: ResourceContext, desired: Inputs): Promise<CheckOutcome> {
  const { command, http, anonymousPull, checksum } = desired;
  const { project, config } = context.services;
  const { signal } = context;
  const timeoutSeconds = desired.timeoutSeconds ?? defaultTimeoutSeconds;
  if (command) {
    // What it reads is its own business: it may look at any file that the program makes.
    await context.services.made.ensureAll();
    const spec = {
      command: command.command,
      directory: path.resolve(project, command.directory ?? "."),
      env: command.env ?? {},
      ...context.inherited(command.inherit),
      timeoutSeconds,
    };
    return commandCheck(spec, command, context.observer);
  }
  if (http) return httpCheck({ status: 200, ...http, timeoutSeconds }, signal);
  if (anonymousPull !== undefined) {
    return anonymousPullCheck(anonymousPull, config.registries ?? [], context.services.pushes);
  }
  if (checksum) {
    const { file, url, digest } = checksum;
    if (file !== undefined) await context.services.ensureFile(file, context.observer);
    const target = file === undefined ? { url } : { file: path.resolve(project, file) };
    return checksumCheck({ ...target, digest, timeoutSeconds }, signal);
  }
  throw new Error("a check without a kind passed validation");
}

import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { knownBuilder, type KnownBuilder } from "../../lib/buildkit/builder-endpoint";
import { dockerBuildx, pinnedBuildx, runBuildx } from "../../lib/buildkit/buildx";
import { builderDefinition } from "../../resources/definitions/builder";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf, ResourceHandler, StateOf } from "../run/resource";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof builderDefinition>;
type State = StateOf<typeof builderDefinition>;

/** Options of the driver `remote` that are paths. */
const certificatePaths = ["cacert", "cert", "key"];

const compared = ["driver", "endpoint", "options", "platforms"];

/** `slipway:build:Builder`: `docker buildx create`, where buildx has no equal builder yet. */
export const builderHandler: ResourceHandler<Inputs, State> = {
  definition: builderDefinition,
  refreshBeforeUpdate: true,

  async check(_context, inputs) {
    if (inputs.driver === "remote" && inputs.endpoint === undefined) {
      throw new InputError([
        {
          property: "endpoint",
          reason: `is missing: a remote builder is at an address (a valid example: "tcp://arm.example.com:1234")`,
        },
      ]);
    }
    return inputs;
  },

  async diff(_context, desired, oldInputs) {
    return inputChanges(compared, desired, oldInputs);
  },

  async create(context, desired) {
    if (context.preview || hasUnknown(desired)) {
      return { id: String(desired.name), state: { ...desired, created: unknown } as unknown as State };
    }
    const known = await knownBuilder(desired.name);
    if (known !== undefined && !isEqual(context, desired, known)) throw otherBuilder(desired, known);
    if (known === undefined) await createBuilder(context, desired);
    return { id: desired.name, state: { ...desired, created: known === undefined } };
  },

  async read(context, id, inputs, state) {
    // The ID of one whose name is secret does not say it.
    const name = state?.name ?? id;
    const known = await knownBuilder(name);
    if (known === undefined) return undefined;
    if (inputs && state && isEqual(context, inputs, known)) return { id, inputs, state };
    const observed = inputsOf(name, known);
    return { id, inputs: observed, state: { ...observed, created: state?.created ?? false } };
  },

  async update(context, desired, _oldInputs, observed) {
    if (context.preview || hasUnknown(desired)) return { ...desired, created: observed.created };
    const known = await knownBuilder(desired.name);
    if (known !== undefined && !observed.created) throw otherBuilder(desired, known);
    if (known !== undefined) await remove(desired.name);
    await createBuilder(context, desired);
    return { ...desired, created: true };
  },

  async delete(_context, _id, _inputs, state) {
    if (state.created && (await knownBuilder(state.name)) !== undefined) await remove(state.name);
  },
};

function isEqual(context: ResourceContext, desired: Inputs, known: KnownBuilder): boolean {
  return (
    desired.driver === known.driver &&
    (desired.endpoint === undefined || known.endpoints.includes(desired.endpoint)) &&
    isDeepStrictEqual(options(context, desired), known.options) &&
    (desired.platforms === undefined || isDeepStrictEqual(desired.platforms, known.platforms))
  );
}

function inputsOf(name: string, known: KnownBuilder): Inputs {
  const [endpoint] = known.endpoints;
  return {
    name,
    driver: known.driver as Inputs["driver"],
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(Object.keys(known.options).length > 0 ? { options: known.options } : {}),
    ...(known.platforms.length > 0 ? { platforms: known.platforms } : {}),
  };
}

/** buildx takes certificates from absolute paths only. */
function options(
  { services }: ResourceContext,
  { driver, options: declared = {} }: Inputs,
): Record<string, string> {
  const isPath = (key: string) => driver === "remote" && certificatePaths.includes(key);
  return Object.fromEntries(
    Object.entries(declared).map(([key, value]) => [
      key,
      isPath(key) ? path.resolve(services.project, value) : value,
    ]),
  );
}

async function createBuilder(context: ResourceContext, desired: Inputs): Promise<void> {
  const { name, driver, endpoint, platforms = [] } = desired;
  const driverOptions = Object.entries(options(context, desired)).map(([key, value]) => `${key}=${value}`);
  await runBuildx(
    await buildx(),
    [
      ...["create", "--name", name, "--driver", driver],
      ...driverOptions.flatMap((option) => ["--driver-opt", csvField(option)]),
      ...(platforms.length > 0 ? ["--platform", platforms.join(",")] : []),
      ...(endpoint === undefined ? [] : [endpoint]),
    ],
    process.env,
  );
}

async function remove(name: string): Promise<void> {
  await runBuildx(await buildx(), ["rm", "--force", name], process.env);
}

async function buildx() {
  return (await dockerBuildx(process.env)) ?? (await pinnedBuildx({}));
}

/** Options of drivers are read as lines of CSV. */
function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function otherBuilder({ name }: Inputs, { driver, endpoints }: KnownBuilder): Error {
  return new Error(
    `buildx has another builder ${JSON.stringify(name)} already, with the driver ${driver} at ${endpoints.join(", ") || "no endpoint"}, ` +
      `and this program did not create it. Remove it (docker buildx rm ${name}), or declare this one under another name.`,
  );
}

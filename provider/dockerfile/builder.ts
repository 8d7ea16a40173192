import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { knownBuilder, type KnownBuilder } from "../../lib/buildkit/builder-endpoint";
import { dockerBuildx, pinnedBuildx, runBuildx } from "../../lib/buildkit/buildx";
import { builderDefinition } from "../../resources/definitions/builder";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { inputChanges } from "../run/replacement";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof builderDefinition>;

/** Options of the driver `remote` that are paths. */
const certificatePaths = ["cacert", "cert", "key"];

const compared = ["driver", "endpoint", "options", "platforms"];

/** `slipway:build:Builder`: `docker buildx create`, where buildx has no equal builder yet. */
export const builderHandler = resourceHandler(builderDefinition, {
  refreshBeforeUpdate: true,
  unknownAtPreview: true,

  refuse(_context, { driver, endpoint }) {
    if (driver !== "remote" || endpoint !== undefined) return;
    throw new InputError([
      {
        property: "endpoint",
        reason:
          "is missing: a remote builder needs an address (a valid example: " +
          '"tcp://arm.example.com:1234")',
      },
    ]);
  },

  diff: (_context, desired, oldInputs) => inputChanges(compared, desired, oldInputs),

  id: ({ name }) => name,

  planned: (_context, _desired, observed) => (observed ? { created: observed.created } : {}),

  async create(context, desired) {
    const known = await knownBuilder(desired.name);
    if (known !== undefined && !isEqual(context, desired, known)) throw otherBuilder(desired, known);
    if (known === undefined) await createBuilder(context, desired);
    return { created: known === undefined };
  },

  async update(context, desired, _oldInputs, observed) {
    const known = await knownBuilder(desired.name);
    if (known !== undefined && !observed.created) throw otherBuilder(desired, known);
    if (known !== undefined) await remove(desired.name);
    await createBuilder(context, desired);
    return { created: true };
  },

  async observe(context, inputs, state) {
    // The ID of one whose name is secret does not say it.
    const known = await knownBuilder(state.name);
    if (known === undefined) return undefined;
    if (isEqual(context, inputs, known)) return { state };
    const observed = inputsOf(state.name, known);
    return { inputs: observed, state: { ...observed, created: state.created } };
  },

  async importById(_context, id) {
    const known = await knownBuilder(id);
    if (known === undefined) return undefined;
    const observed = inputsOf(id, known);
    return { id, inputs: observed, state: { ...observed, created: false } };
  },

  async delete(_context, _id, _inputs, state) {
    if (state.created && (await knownBuilder(state.name)) !== undefined) await remove(state.name);
  },
});

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
    endpoint,
    options: Object.keys(known.options).length > 0 ? known.options : undefined,
    platforms: known.platforms.length > 0 ? known.platforms : undefined,
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
    `buildx has another builder ${JSON.stringify(name)} already, with the driver ${driver} at ` +
      `${endpoints.join(", ") || "no endpoint"}, and this program did not create it. Remove it ` +
      `(docker buildx rm ${name}), or declare this one under another name.`,
  );
}

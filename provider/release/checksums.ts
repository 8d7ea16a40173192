import * as path from "node:path";
import { formatSums, SumsError } from "../../lib/archive/sums";
import { digestOf } from "../../lib/oci/digest";
import { checksumsDefinition } from "../../resources/definitions/checksums";
import { InputError } from "../../resources/definitions/input-findings";
import { placeFile } from "../../lib/release/place-file";
import { placedDigest, removeOwn, removePlaced, type PlacedContent } from "../run/placed-files";
import type { ResourceContext } from "../run/context";
import { pathsAt } from "../run/written-files";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof checksumsDefinition>;
type State = StateOf<typeof checksumsDefinition>;

/**
 * `slipway:build:Checksums`: follows from the digests alone, so that the artifacts need not be on
 * this machine, and nor need the sums until somebody needs them.
 */
export const checksumsHandler = resourceHandler(checksumsDefinition, {
  refreshBeforeUpdate: false,
  computedFrom: ["path", "artifacts"],
  // What was made is removed when it is left: it is no file of a release either.
  written: (inputs) => pathsAt(inputs, "path", "made"),

  compute(context, declared) {
    const text = textOf(declared);
    const digest = digestOf(text);
    context.services.madeSums.set(digest, text);
    const file = declared.path;
    context.services.made.declare(context.urn, [
      { path: file, digest, place: () => place(context, file, text, digest) },
    ]);
    return { digest };
  },

  diff(_context, desired, oldInputs, observed) {
    const changes: Changes = inputChanges(["path"], desired, oldInputs);
    if (desired.digest === observed.digest) return changes;
    return { ...changes, ...inputChanges(["artifacts"], desired, oldInputs), digest: { kind: "update" } };
  },

  id: () => "checksums",

  async create(context, desired) {
    const state = stateOf(desired);
    if (!context.preview) await placeInTurn(context, desired, state.digest);
    return state;
  },

  async update(context, desired, oldInputs) {
    const state = stateOf(desired);
    if (context.preview) return state;
    await placeInTurn(context, desired, state.digest);
    await removePlaced(context.services, [placeOf(oldInputs), ...leftOf(oldInputs, desired.made)]);
    return state;
  },

  delete: (context, _id, inputs) => removeOwn(context, [placeOf(inputs), ...leftOf(inputs, [])]),
});

/** Files that the program has made, and that are not listed any more. */
function leftOf({ artifacts, made: before = [] }: Inputs, now: Inputs["made"] = []): PlacedContent[] {
  return artifacts.filter(({ path: file }) => before.includes(file) && !now.includes(file));
}

function placeOf({ path: file, digest = "" }: Inputs): PlacedContent {
  return { path: file, digest };
}

async function placeInTurn(context: ResourceContext, desired: Inputs, digest: string): Promise<void> {
  const { path: file } = desired;
  await context.services.made.inTurn(file, () => place(context, file, textOf(desired), digest));
}

async function place(
  { services }: ResourceContext,
  file: string,
  text: string,
  digest: string,
): Promise<void> {
  if ((await placedDigest(services, file)) === digest) return;
  await placeFile(path.resolve(services.project, file), { bytes: Buffer.from(text, "utf8") }, digest);
}

function textOf({ artifacts }: Pick<Inputs, "artifacts">): string {
  try {
    return formatSums(artifacts);
  } catch (error) {
    if (!(error instanceof SumsError)) throw error;
    throw new InputError([{ property: "artifacts", reason: `${error.message}: give another name` }]);
  }
}

function stateOf(inputs: Inputs): State {
  const text = textOf(inputs);
  const digest = digestOf(text);
  const name = path.posix.basename(inputs.path);
  return {
    ...inputs,
    digest,
    size: Buffer.byteLength(text),
    artifact: { name, path: inputs.path, digest },
  };
}

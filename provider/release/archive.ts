import * as path from "node:path";
import { archiveEntries } from "../../lib/archive/entries";
import { ArchiveError, formatOfName, type ArchiveFormat } from "../../lib/archive/format";
import type { CachedArchive } from "../../lib/archive/cache";
import { digestOf } from "../../lib/oci/digest";
import { DigestMismatchError } from "../../lib/oci/errors";
import { isSelfContained } from "../../lib/oci/layer/entry";
import { archiveDefinition } from "../../resources/definitions/archive";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { placeFile } from "../../lib/release/place-file";
import { placedDigest } from "./placing";
import { inputChanges } from "../run/replacement";
import { pathsAt } from "../run/written-files";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof archiveDefinition>;
type State = StateOf<typeof archiveDefinition>;

/** `slipway:build:Archive`: made in the cache by content, then placed under its names. */
export const archiveHandler = resourceHandler(archiveDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path", "aliases"),

  async compute(context, declared, oldInputs) {
    const format = formatOf(declared);
    refuseAliases(declared, format);
    const { entries, root, sums } = declared;
    const declaration = digestOf(JSON.stringify({ entries, root, sums, format }));
    // What is known by digest is not needed on this machine, where another one made it.
    if (isSelfContained(entries) && oldInputs?.declaration === declaration) {
      return { declaration, digest: oldInputs.digest, size: oldInputs.size };
    }
    const { digest, size } = await make(context, declared);
    return { declaration, digest, size };
  },

  diff(_context, desired, oldInputs, observed) {
    const changes: Changes = inputChanges(["aliases"], desired, oldInputs);
    if (desired.digest !== observed.digest) {
      Object.assign(changes, inputChanges(["entries", "format", "root", "sums"], desired, oldInputs));
      changes.digest = { kind: "update" };
    }
    const copies = desired.aliases ?? [];
    if (copies.some((alias) => observed.copies?.[alias] !== desired.digest))
      changes.copies = { kind: "update" };
    return changes;
  },

  id: ({ path: file }) => file,

  async create(context, desired) {
    if (!context.preview) await place(context, desired);
    return stateOf(desired);
  },

  async observe(context, inputs, state) {
    const digest = await placedDigest(context.services, inputs.path);
    if (digest === undefined) return undefined;
    const copies: Record<string, string> = {};
    for (const alias of inputs.aliases ?? []) {
      const found = await placedDigest(context.services, alias);
      if (found !== undefined) copies[alias] = found;
    }
    await context.services.saveHashes();
    return { state: { ...state, digest, copies } };
  },

  delete(context, _id, inputs) {
    context.say("info", `${inputs.path} stays on this machine: it was removed from the program only`);
  },
});

function formatOf(inputs: Inputs): ArchiveFormat {
  const format = inputs.format ?? formatOfName(inputs.path);
  if (format) return format;
  throw new InputError([
    {
      property: "format",
      reason:
        `is missing, and the name ${JSON.stringify(inputs.path)} does not tell it (a valid ` +
        'example: "tar.gz")',
    },
  ]);
}

function refuseAliases(inputs: Inputs, format: ArchiveFormat): void {
  for (const [index, alias] of (inputs.aliases ?? []).entries()) {
    const property = `aliases[${index}]`;
    if (alias === inputs.path || (inputs.aliases ?? []).indexOf(alias) < index) {
      throw new InputError([
        { property, reason: `${JSON.stringify(alias)} is listed twice: give another name` },
      ]);
    }
    const told = formatOfName(alias);
    if (told !== undefined && told !== format) {
      throw new InputError([
        {
          property,
          reason:
            `${JSON.stringify(alias)} says ${told}, and the archive is ${format}: the bytes are ` +
            "the same",
        },
      ]);
    }
  }
}

async function make(context: ResourceContext, inputs: Inputs): Promise<CachedArchive> {
  const { services, signal } = context;
  for (const { source } of inputs.entries) {
    if (source === undefined) continue;
    await services.builds.ensure(source, context.observer);
    await services.assets.ensure(source);
  }
  try {
    const { root, sums } = inputs;
    const entries = await archiveEntries(inputs.entries, { root, sums }, (files, field) =>
      services.layers.resolve(services.project, files, { field, overBase: false }),
    );
    return await services.archives.build(entries, formatOf(inputs), signal);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new InputError([{ property: error.field, reason: error.reason }]);
  }
}

/** Puts the bytes under every name that does not have them. */
async function place(context: ResourceContext, desired: Inputs): Promise<void> {
  const { services } = context;
  const wanted = { digest: desired.digest ?? "", size: desired.size ?? 0 };
  for (const name of [desired.path, ...(desired.aliases ?? [])]) {
    if ((await placedDigest(services, name)) === wanted.digest) continue;
    const target = path.resolve(services.project, name);
    const content = async () => {
      const made = (await services.archives.find(wanted)) ?? (await make(context, desired));
      if (made.digest !== wanted.digest) throw madeOtherwise(desired.path, wanted.digest, made.digest);
      return made;
    };
    await placeFile(target, await content(), wanted.digest).catch(async (error: unknown) => {
      if (!(error instanceof DigestMismatchError)) throw error;
      // The cache was damaged: it is made again.
      await services.archives.discard(wanted);
      await placeFile(target, await content(), wanted.digest);
    });
    context.status(`placed ${name}`);
  }
  await services.saveHashes();
  await services.pruneLayers();
}

function madeOtherwise(name: string, expected: string, actual: string): Error {
  return new Error(
    `${name} was ${expected} before and comes out as ${actual} on this machine: a command ` +
      "whose output it holds makes other bytes from the same inputs; make it reproducible, or " +
      "change its inputs",
  );
}

function stateOf(inputs: Inputs): State {
  const { aliases = [] } = inputs;
  const digest = inputs.digest ?? "";
  return {
    ...inputs,
    digest,
    size: inputs.size ?? 0,
    copies: Object.fromEntries(aliases.map((alias) => [alias, digest])),
    artifacts: [inputs.path, ...aliases].map((file) => ({
      name: path.posix.basename(file),
      path: file,
      digest,
    })),
  };
}

import * as path from "node:path";
import { archiveEntries } from "../../lib/archive/entries";
import { ArchiveError, formatOfName, isFileFormat, type ReleaseFormat } from "../../lib/archive/format";
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
  written: (inputs) => pathsAt(inputs, "path", "alsoPaths"),

  async compute(context, declared, oldInputs) {
    const format = formatOf(declared);
    refuseFurtherPaths(declared, format);
    refuseShape(declared, format);
    const { entries, root, checksums: sums } = declared;
    // `sums` is the former name: by another one, every state would count as declared anew.
    const declaration = digestOf(JSON.stringify({ entries, root, sums, format }));
    // What is known by digest is not needed on this machine, where another one made it.
    if (isSelfContained(entries) && oldInputs?.declaration === declaration) {
      return { declaration, digest: oldInputs.digest, size: oldInputs.size };
    }
    const { digest, size } = await make(context, declared);
    return { declaration, digest, size };
  },

  diff(_context, desired, oldInputs, observed) {
    const changes: Changes = inputChanges(["alsoPaths"], desired, oldInputs);
    if (desired.digest !== observed.digest) {
      Object.assign(changes, inputChanges(["entries", "format", "root", "checksums"], desired, oldInputs));
      changes.digest = { kind: "update" };
    }
    const copies = desired.alsoPaths ?? [];
    if (copies.some((copy) => observed.copies?.[copy] !== desired.digest))
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
    for (const copy of inputs.alsoPaths ?? []) {
      const found = await placedDigest(context.services, copy);
      if (found !== undefined) copies[copy] = found;
    }
    await context.services.saveHashes();
    return { state: { ...state, digest, copies } };
  },

  delete(context, _id, inputs) {
    context.say("info", `${inputs.path} stays on this machine: it was removed from the program only`);
  },
});

function formatOf(inputs: Inputs): ReleaseFormat {
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

function refuseFurtherPaths(inputs: Inputs, format: ReleaseFormat): void {
  for (const [index, alias] of (inputs.alsoPaths ?? []).entries()) {
    const property = `alsoPaths[${index}]`;
    if (alias === inputs.path || (inputs.alsoPaths ?? []).indexOf(alias) < index) {
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

/** What one file has no place for. */
function refuseShape(inputs: Inputs, format: ReleaseFormat): void {
  if (!isFileFormat(format)) return;
  for (const property of ["root", "checksums"] as const) {
    if (inputs[property] === undefined) continue;
    throw new InputError([{ property, reason: `has no place in the format ${format}, which is one file` }]);
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
    const { root, checksums } = inputs;
    const entries = await archiveEntries(inputs.entries, { root, checksums }, (files, field) =>
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
  const mode = formatOf(desired) === "binary" ? 0o755 : undefined;
  for (const name of [desired.path, ...(desired.alsoPaths ?? [])]) {
    if ((await placedDigest(services, name)) === wanted.digest) continue;
    const target = path.resolve(services.project, name);
    const content = async () => {
      const made = (await services.archives.find(wanted)) ?? (await make(context, desired));
      if (made.digest !== wanted.digest) throw madeOtherwise(desired.path, wanted.digest, made.digest);
      return made;
    };
    await placeFile(target, await content(), wanted.digest, mode).catch(async (error: unknown) => {
      if (!(error instanceof DigestMismatchError)) throw error;
      // The cache was damaged: it is made again.
      await services.archives.discard(wanted);
      await placeFile(target, await content(), wanted.digest, mode);
    });
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
  const { alsoPaths = [] } = inputs;
  const digest = inputs.digest ?? "";
  return {
    ...inputs,
    digest,
    size: inputs.size ?? 0,
    copies: Object.fromEntries(alsoPaths.map((copy) => [copy, digest])),
    artifacts: [inputs.path, ...alsoPaths].map((file) => ({
      name: path.posix.basename(file),
      path: file,
      digest,
    })),
  };
}

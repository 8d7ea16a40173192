import * as path from "node:path";
import { archiveEntries } from "../../lib/archive/entries";
import { ArchiveError, formatOfName, isFileFormat, type WrittenFormat } from "../../lib/archive/format";
import type { CachedArchive } from "../../lib/archive/cache";
import { withWheelRecord } from "../../lib/channels/pypi/wheel-record";
import { digestOf } from "../../lib/oci/digest";
import { DigestMismatchError } from "../../lib/oci/errors";
import { isSelfContained } from "../../lib/oci/layer/entry";
import { LayerContentError } from "../../lib/oci/layer/content-error";
import { archiveDefinition } from "../../resources/definitions/archive";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";
import { placeFile } from "../../lib/release/place-file";
import { placedDigest, removeOwn, removePlaced, type PlacedContent } from "../run/placed-files";
import { inputChanges } from "../run/replacement";
import { pathsAt } from "../run/written-files";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Inputs = InputsOf<typeof archiveDefinition>;
type State = StateOf<typeof archiveDefinition>;

/**
 * `slipway:build:Archive`: made in the cache by content, then placed under its names. Where these
 * are not on this machine, they are placed when somebody needs them.
 */
export const archiveHandler = resourceHandler(archiveDefinition, {
  // It follows from what is declared: there is nothing outside to observe.
  refreshBeforeUpdate: false,
  written: (inputs) => pathsAt(inputs, "path", "alsoPaths"),

  async compute(context, declared, oldInputs) {
    const format = formatOf(declared);
    refuseFurtherPaths(declared, format);
    refuseShape(declared, format);
    const { entries, root, checksums: sums } = declared;
    const content = await looseContent(context, declared);
    // `sums` is the former name: by another one, every state would count as declared anew.
    const declaration = digestOf(JSON.stringify({ entries, root, sums, format, content }));
    // What is known by digest is not needed on this machine, where another one made it.
    const known = oldInputs?.declaration === declaration ? oldInputs : await make(context, declared);
    const { digest = "", size } = known;
    registerPlaces(context, { ...declared, digest, size });
    return { declaration, digest, size };
  },

  diff(_context, desired, oldInputs, observed) {
    const changes: Changes = inputChanges(["path", "alsoPaths"], desired, oldInputs);
    if (desired.digest !== observed.digest) {
      Object.assign(changes, inputChanges(["entries", "format", "root", "checksums"], desired, oldInputs));
      changes.digest = { kind: "update" };
    }
    return changes;
  },

  id: () => "archive",

  async create(context, desired) {
    if (!context.preview) await placeAll(context, desired);
    return stateOf(desired);
  },

  async update(context, desired, oldInputs) {
    if (context.preview) return stateOf(desired);
    await placeAll(context, desired);
    await removePlaced(context.services, placesOf(oldInputs));
    return stateOf(desired);
  },

  delete: (context, _id, inputs) => removeOwn(context, placesOf(inputs)),
});

function formatOf(inputs: Inputs): WrittenFormat {
  const format = inputs.format ?? packageFormat(inputs.path) ?? formatOfName(inputs.path);
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

function packageFormat(file: string): WrittenFormat | undefined {
  if (file.endsWith(".whl")) return "wheel";
  if (file.endsWith(".snap")) return "snap";
  return file.endsWith(".nupkg") ? "nupkg" : undefined;
}

function refuseFurtherPaths(inputs: Inputs, format: WrittenFormat): void {
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
function refuseShape(inputs: Inputs, format: WrittenFormat): void {
  if (!isFileFormat(format)) return;
  for (const property of ["root", "checksums"] as const) {
    if (inputs[property] === undefined) continue;
    throw new InputError([{ property, reason: `has no place in the format ${format}, which is one file` }]);
  }
}

/**
 * Returns what the entries hold whose content the declaration alone does not decide, as one digest;
 * undefined where it decides all. What others make is known by its digest, and need not be on this
 * machine.
 */
async function looseContent(context: ResourceContext, { entries }: Inputs): Promise<string | undefined> {
  const loose = entries.filter((entry) => !isSelfContained([entry]));
  if (loose.length === 0) return undefined;
  const files = loose.map(({ path: name, ...rest }) => ({ to: `/${name}`, ...rest }));
  for (const { source } of loose) {
    if (source !== undefined) await context.services.ensureFile(source, context.observer);
  }
  try {
    const found = await context.services.layers.resolve(context.services.project, files, { overBase: false });
    return digestOf(
      JSON.stringify(
        found.map(({ path: at, type, mode, digest, linkname }) => [at, type, mode, digest, linkname]),
      ),
    );
  } catch (error) {
    // What is wrong with an entry is told by what makes the archive of it, which names the field.
    if (error instanceof LayerContentError) return "unreadable";
    throw error;
  }
}

async function make(context: ResourceContext, inputs: Inputs): Promise<CachedArchive> {
  const { services, signal } = context;
  for (const { source } of inputs.entries) {
    if (source !== undefined) await services.ensureFile(source, context.observer);
  }
  try {
    const { root, checksums } = inputs;
    const entries = await archiveEntries(inputs.entries, { root, checksums }, (files, field) =>
      services.layers.resolve(services.project, files, { field, overBase: false }),
    );
    const format = formatOf(inputs);
    const all = format === "wheel" ? withWheelRecord(entries) : entries;
    return await services.archives.build(all, format, signal);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new InputError([{ property: error.field, reason: error.reason }]);
  }
}

function namesOf({ path: file, alsoPaths = [] }: Inputs): string[] {
  return [file, ...alsoPaths];
}

function placesOf(inputs: Inputs): PlacedContent[] {
  return namesOf(inputs).map((file) => ({ path: file, digest: inputs.digest ?? "" }));
}

/** Makes known how each file is made, for whoever needs it. */
function registerPlaces(context: ResourceContext, desired: Inputs): void {
  context.services.made.declare(
    context.urn,
    placesOf(desired).map((file) => ({ ...file, place: () => place(context, desired, file.path) })),
  );
}

async function placeAll(context: ResourceContext, desired: Inputs): Promise<void> {
  const { made } = context.services;
  for (const name of namesOf(desired)) await made.inTurn(name, () => place(context, desired, name));
  await context.services.saveHashes();
  await context.services.pruneCache();
}

/** Permission bits of the file; an archive has those that files have. */
function modeOf(inputs: Inputs): number | undefined {
  if (formatOf(inputs) !== "binary") return undefined;
  return Number.parseInt(inputs.entries[0]?.mode ?? "0755", 8);
}

/** Puts the bytes under a name that does not have them. */
async function place(context: ResourceContext, desired: Inputs, name: string): Promise<void> {
  const { services } = context;
  const wanted = { digest: desired.digest ?? "", size: desired.size ?? 0 };
  const mode = modeOf(desired);
  if ((await placedDigest(services, name)) === wanted.digest) return;
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

import { chmod, readFile, stat } from "node:fs/promises";
import { DocumentError } from "../../lib/documents/document-error";
import { applyEdits, type DocumentEdit } from "../../lib/documents/edits";
import { locateDocument } from "../../lib/documents/path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { placeFile } from "../../lib/release/place-file";
import { compareVersions, parseVersion } from "../../lib/version/version";
import { documentDefinition } from "../../resources/definitions/document";
import { InputError } from "../../resources/definitions/input-findings";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { editProblem, foundIn, refuseSecretTexts, sayEdited, textOf } from "./edited-file";
import { resolvedEdits } from "./resolved-edits";
import { pathsAt } from "../run/written-files";

type Inputs = InputsOf<typeof documentDefinition>;
type Declared = DeclaredOf<typeof documentDefinition>;
type Outputs = OutputsOf<typeof documentDefinition>;
type State = StateOf<typeof documentDefinition>;

/** `slipway:files:Document`: edits of a file in the checkout, which nobody sees half done. */
export const documentHandler = resourceHandler(documentDefinition, {
  refreshBeforeUpdate: true,
  written: (inputs) => pathsAt(inputs, "path"),

  async refuse(context, declared, oldInputs) {
    const { path: file, edits } = declared;
    if (hasUnknown(file) || !Array.isArray(edits)) return;
    refuseSecretTexts(context, edits, ["edits"], "edits");
    const { present } = await fileAt(context, file);
    const isOwn = oldInputs?.path === file || declared.takeOver === true;
    checkAll(file, present, await resolvedEdits(context, edits), isOwn);
  },

  async compute(context, declared) {
    return { owned: await ownedBy(context, declared.path, await resolvedEdits(context, declared.edits)) };
  },

  /** A template need not have the values that are not known yet. */
  async computedLater(context, declared) {
    if (hasUnknown([declared.path]) || !Array.isArray(declared.edits)) return {};
    const edits = await resolvedEdits(context, declared.edits);
    return hasUnknown(edits) ? {} : { owned: await ownedBy(context, declared.path, edits) };
  },

  diff(_context, desired, oldInputs, observed): Changes {
    if (hasUnknown([desired.version, desired.prereleases])) return {};
    if (reasonToStay(desired, observed) !== undefined) {
      // Nothing is written; that it stays is said once.
      const isTold = desired.version === oldInputs.version;
      return isTold ? {} : { version: { kind: "update", inputDiff: true } };
    }
    const changes: Changes = {};
    if (hasUnknown(desired.owned)) changes.edits = { kind: "update" };
    else {
      for (const [name, text] of Object.entries(desired.owned ?? {})) {
        const there = observed.owned[name];
        if (there !== text)
          changes[entryPath("owned", name)] = { kind: there === undefined ? "add" : "update" };
      }
    }
    if (desired.mode !== undefined && observed.mode !== undefined && !isSameMode(desired.mode, observed.mode))
      changes.mode = { kind: "update" };
    // The same text is that of the new version.
    if (desired.version !== observed.version) changes.version = { kind: "update" };
    return changes;
  },

  id: ({ path: file }) => file,

  planned: (_context, { owned = {} }) => ({ owned }),

  create: (context, desired) => write(context, desired, undefined),

  update: (context, desired, _oldInputs, observed) => write(context, desired, observed),

  async observe(context, inputs, state) {
    const { path: file } = inputs;
    const { present, mode } = await fileAt(context, file);
    const digest = present === undefined ? undefined : digestOf(present);
    if (digest === state.digest && mode === state.mode) return { state };
    const found = present === undefined ? undefined : foundIn(file, present, inputs.edits);
    const observed: State = { ...state, digest, mode, owned: { ...found } };
    if (state.written && (inputs.version === undefined || inputs.version === state.version))
      sayEdited(context, file, found, state.owned);
    return { state: observed };
  },

  delete(context, id) {
    context.say("info", `${id} stays as it is: it was removed from the program only`);
  },
});

/** Text and permissions of a file; none where it is not there. */
async function fileAt(
  { services }: ResourceContext,
  file: string,
): Promise<{ target: string; present?: string; mode?: string }> {
  const target = await refusedLater("path", () => locateDocument(services.project, file));
  try {
    const [bytes, { mode }] = await Promise.all([readFile(target), stat(target)]);
    return {
      target,
      present: refused("path", () => textOf(file, bytes)),
      mode: (mode & 0o7777).toString(8).padStart(4, "0"),
    };
  } catch (error) {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return { target };
    if (error instanceof InputError) throw error;
    const reason = `${JSON.stringify(file)} cannot be read: ${(error as Error).message}`;
    throw new InputError([{ property: "path", reason }]);
  }
}

async function ownedBy(
  context: ResourceContext,
  file: string,
  edits: readonly DocumentEdit[],
): Promise<Record<string, string>> {
  const { present } = await fileAt(context, file);
  return { ...refused("edits", () => applyEdits(file, present, edits)).owned };
}

async function write(
  context: ResourceContext,
  desired: Inputs,
  observed: State | undefined,
): Promise<Outputs> {
  const { path: file, version } = desired;
  const { target, present, mode } = await fileAt(context, file);
  const digest = present === undefined ? undefined : digestOf(present);
  const reason = reasonToStay(desired, observed);
  if (reason !== undefined) {
    context.say("info", `${file} stays as it is: ${reason}`);
    const owned =
      observed?.owned ?? (present === undefined ? {} : { ...foundIn(file, present, desired.edits) });
    return { digest, owned, mode, version: observed?.version, written: observed?.written ?? false };
  }
  const isOwn = observed?.written === true || desired.takeOver === true;
  const edits = await resolvedEdits(context, desired.edits);
  checkAll(file, present, edits, isOwn);
  const { text, owned } = applyEdits(file, present, edits);
  const wantedMode = desired.mode?.padStart(4, "0") ?? mode ?? "0644";
  const wanted = { digest: digestOf(text), owned, mode: wantedMode, version, written: true };
  if (context.preview) return wanted;
  const permissions = Number.parseInt(wantedMode, 8);
  if (text !== present)
    await placeFile(target, { bytes: Buffer.from(text, "utf8") }, wanted.digest, permissions);
  else if (mode !== wantedMode) await chmod(target, permissions);
  return wanted;
}

/** @throws InputError for what the file cannot take, also while texts are not known */
function checkAll(
  file: string,
  present: string | undefined,
  edits: readonly DocumentEdit[],
  isOwn: boolean,
): void {
  const problem = editProblem(file, present, edits, isOwn);
  if (problem) throw new InputError([{ property: `edits[${problem.index}]`, reason: problem.reason }]);
}

/** Why texts of a version are not for the file; undefined where they are. */
function reasonToStay(desired: Declared, observed: Pick<State, "version"> | undefined): string | undefined {
  const own = parseVersion(desired.version ?? "");
  if (!own) return undefined;
  if (!own.stable && desired.prereleases !== true)
    return `${desired.version} is a pre-release, and prereleases: true is not declared`;
  const there = parseVersion(observed?.version ?? "");
  if (!there || compareVersions(there, own) <= 0) return undefined;
  return `it is of ${observed?.version}, which is higher than ${desired.version}`;
}

function refused<T>(property: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFinding(property, error);
  }
}

async function refusedLater<T>(property: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFinding(property, error);
  }
}

function asFinding(property: string, error: unknown): unknown {
  return error instanceof DocumentError ? new InputError([{ property, reason: error.message }]) : error;
}

function isSameMode(one: string, other: string): boolean {
  return one.padStart(4, "0") === other.padStart(4, "0");
}

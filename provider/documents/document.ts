import { chmod, readFile, stat } from "node:fs/promises";
import { DocumentError } from "../../lib/documents/document-error";
import { applyEdits, checkEdit, type DocumentEdit } from "../../lib/documents/edits";
import { firstDifference } from "../../lib/documents/lines";
import { locateDocument } from "../../lib/documents/path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { digestOf } from "../../lib/oci/digest";
import { placeFile } from "../../lib/release/place-file";
import { withVisibleControls } from "../../lib/text/controls";
import { compareVersions, parseVersion } from "../../lib/version/version";
import { documentDefinition } from "../../resources/definitions/document";
import { InputError } from "../../resources/definitions/input-findings";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
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
    refuseSecrets(context, edits);
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
    const found = present === undefined ? {} : foundIn(file, present, inputs);
    const observed: State = { ...state, digest, mode, owned: withVisibleControls(found) };
    if (state.written && (inputs.version === undefined || inputs.version === state.version))
      sayDrift(context, inputs, observed, state);
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
    return { target, present: textOf(file, bytes), mode: (mode & 0o7777).toString(8).padStart(4, "0") };
  } catch (error) {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return { target };
    if (error instanceof InputError) throw error;
    const reason = `${JSON.stringify(file)} cannot be read: ${(error as Error).message}`;
    throw new InputError([{ property: "path", reason }]);
  }
}

/** @throws InputError for what is no UTF-8, of which not every byte could be kept */
function textOf(file: string, bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text;
  const reason = `${JSON.stringify(file)} is no UTF-8, and edits would change other bytes of it: convert it`;
  throw new InputError([{ property: "path", reason }]);
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
    const owned = observed?.owned ?? (present === undefined ? {} : foundIn(file, present, desired));
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

/**
 * Refuses what the file cannot take, also while texts are not known.
 *
 * @throws InputError
 */
function checkAll(
  file: string,
  present: string | undefined,
  edits: readonly DocumentEdit[],
  isOwn: boolean,
): void {
  for (const [index, edit] of edits.entries()) {
    if (hasUnknown([edit.region?.name])) return;
    // What is there already, whoever has written it, is no conflict.
    if (isOwn || !isAsWanted(file, present, edit)) {
      refused(`edits[${index}]`, () => checkEdit(file, present, withStandIns(edit), isOwn));
    }
    // What follows is in the new file.
    if (edit.whole || edit.yaml) return;
  }
}

/** What stands where Slipway writes; nothing where the file has no place for it any more. */
function foundIn(file: string, present: string, { edits }: Pick<Inputs, "edits">): Record<string, string> {
  try {
    // What is there does not depend on what is to be there.
    const places = edits.map(({ template, ...edit }) =>
      template ? { whole: { text: template.from } } : edit,
    );
    return { ...applyEdits(file, present, places).found };
  } catch (error) {
    if (error instanceof DocumentError) return {};
    throw error;
  }
}

function isAsWanted(file: string, present: string | undefined, edit: DocumentEdit): boolean {
  if (present === undefined || hasUnknown(edit)) return false;
  return (edit.whole ?? edit.yaml) !== undefined && applyEdits(file, present, [edit]).text === present;
}

const standInDigest = digestOf("");

/** An edit with stand-ins for digests that are not known yet: the file is refused before images are built. */
function withStandIns(edit: DocumentEdit): DocumentEdit {
  const { references } = edit;
  if (!references) return edit;
  const images = references.images.map((image) =>
    hasUnknown(image.digest) ? { ...image, digest: standInDigest } : image,
  );
  return { ...edit, references: { ...references, images } };
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

/** Warns of each part that is not as it was left, with the line in it. */
function sayDrift(context: ResourceContext, { path: file }: Inputs, now: State, before: State): void {
  if (now.digest === undefined) return context.say("warning", putBack(`somebody deleted ${file}`));
  for (const [name, left] of Object.entries(before.owned)) {
    const line = firstDifference(now.owned[name] ?? "", left);
    if (line === undefined) continue;
    const where =
      name === "file" ? `from line ${line}` : `in region ${JSON.stringify(name)}, from its line ${line}`;
    context.say("warning", putBack(`somebody changed ${file} ${where}`));
  }
}

/** The text of a file is in clear for whoever has the checkout. */
function refuseSecrets(context: ResourceContext, edits: Declared["edits"]): void {
  const paths = edits.flatMap(({ template }, index) => [
    [index, "region", "text"],
    [index, "whole", "text"],
    [index, "references"],
    [index, "yaml"],
    ...Object.keys(template?.values ?? {}).map((name) => [index, "template", "values", name]),
  ]);
  const secret = paths.find((keys) => context.isSecret(["edits", ...keys.map(String)]));
  if (secret === undefined) return;
  const reason = "is a secret, which the file would have in clear: leave it out";
  throw new InputError([{ property: `edits[${secret[0]}].${secret.slice(1).join(".")}`, reason }]);
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

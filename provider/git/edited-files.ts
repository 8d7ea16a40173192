import { isDeepStrictEqual } from "node:util";
import { DocumentError } from "../../lib/documents/document-error";
import { applyEdits, type DocumentEdit } from "../../lib/documents/edits";
import type { FoundFile, GitFile } from "../../lib/git/remote-branch";
import type { gitFilesDefinition } from "../../resources/definitions/git-files";
import { InputError } from "../../resources/definitions/input-findings";
import { entryPath } from "../base/property-path";
import { hasUnknown, Unknown, unknown } from "../base/unknown";
import { ChannelConflict } from "../channels/outcome";
import { editProblem, foundIn, refuseSecretTexts, textOf, type OwnedTexts } from "../documents/edited-file";
import { resolvedEdits } from "../documents/resolved-edits";
import type { ResourceContext } from "../run/context";
import type { Changes, DeclaredOf, InputsOf, OutputsOf } from "../run/resource";

/** Files of a branch in which parts are written, and whatever else is in them stays. */

type Inputs = InputsOf<typeof gitFilesDefinition>;
type Declared = DeclaredOf<typeof gitFilesDefinition>;
type Outputs = OutputsOf<typeof gitFilesDefinition>;
type Files = Declared["files"];
type Edits = NonNullable<Files[string]["edits"]>;

/** What is at the paths of a branch. */
type BranchFiles = ReadonlyMap<string, FoundFile>;

/** The files that are edited, with their edits. */
export function editsOf(files: Files): [file: string, edits: Edits][] {
  return Object.entries(files).flatMap(([file, { edits }]): [string, Edits][] =>
    Array.isArray(edits) ? [[file, edits]] : [],
  );
}

/** @throws InputError for a secret in a text, and for edits that nobody could commit */
export function refuseEdits(context: ResourceContext, { files, pullRequest }: Declared): void {
  if (Unknown.isInstance(files)) return;
  for (const [file, edits] of editsOf(files)) {
    const property = `${entryPath("files", file)}.edits`;
    refuseSecretTexts(context, edits, ["files", file, "edits"], property);
    if (pullRequest === undefined || pullRequest === false || hasUnknown(pullRequest)) continue;
    const reason =
      "edit what the branch has, which a pull request does not know while it waits: leave out pullRequest, or give the " +
      "whole file as content";
    throw new InputError([{ property, reason }]);
  }
}

/**
 * What edits make of the files of a branch: the computed input. It is unknown for a file while a text of it is.
 *
 * @param place for messages: the repository with its branch
 * @param oldInputs those of the last update
 * @throws InputError for a file that cannot take its edits, with its line
 */
export async function ownedByEdits(
  context: ResourceContext,
  { files, takeOver }: Pick<Declared, "files" | "takeOver">,
  place: string,
  there: BranchFiles,
  oldInputs: Inputs | undefined,
): Promise<NonNullable<Inputs["owned"]>> {
  const owned: Record<string, Record<string, string>> = {};
  for (const [file, edits] of editsOf(files)) {
    const property = `${entryPath("files", file)}.edits`;
    const resolved = await resolvedEdits(context, edits, property);
    const isOwn = (files[file]?.takeOver ?? takeOver) === true || oldInputs?.owned?.[file] !== undefined;
    try {
      const present = presentText(file, there);
      const problem = editProblem(file, present, resolved, isOwn);
      if (problem !== undefined)
        throw new InputError([
          { property: `${property}[${problem.index}]`, reason: `${place}: ${problem.reason}` },
        ]);
      owned[file] = hasUnknown(resolved) ? unknown : { ...applyEdits(file, present, resolved).owned };
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      throw new InputError([{ property, reason: `${place}: ${error.message}` }]);
    }
  }
  return owned;
}

/**
 * Whether edits would make what they have made of a branch that is as it was left, so that nobody has to look at it.
 */
export async function areAsMade(
  context: ResourceContext,
  files: Files,
  oldInputs: Inputs | undefined,
): Promise<boolean> {
  for (const [file, edits] of editsOf(files)) {
    const made = oldInputs?.owned?.[file];
    if (made === undefined || !isDeepStrictEqual(edits, oldInputs?.files[file]?.edits)) return false;
    if (!edits.some(({ template }) => template !== undefined)) continue;
    const [only, ...more] = await resolvedEdits(context, edits, entryPath("files", file));
    if (only === undefined || more.length > 0 || hasUnknown(only)) return false;
    if (applyEdits(file, undefined, [only]).owned.file !== made.file) return false;
  }
  return true;
}

/** What differs in edited files. */
export function editChanges(
  desired: Inputs,
  oldInputs: Inputs,
  { owned: there = {}, found }: Pick<Outputs, "owned" | "found">,
): Changes {
  const changes: Changes = {};
  for (const [file, edits] of editsOf(desired.files)) {
    const path = `${entryPath("files", file)}.edits`;
    if (Unknown.isInstance(desired.owned)) {
      changes[path] = { kind: "update" };
      continue;
    }
    const texts = desired.owned?.[file];
    if (texts === undefined) {
      // Nobody could look: what was made before is taken to be there.
      if (!isDeepStrictEqual(edits, oldInputs.files[file]?.edits))
        changes[path] = { kind: "update", inputDiff: true };
      continue;
    }
    if (hasUnknown(texts)) {
      changes[path] = { kind: "update" };
      continue;
    }
    for (const [name, text] of Object.entries(texts)) {
      const before = there[file]?.[name];
      if (before !== text)
        changes[entryPath(entryPath("owned", file), name)] = {
          kind: before === undefined ? "add" : "update",
        };
    }
    const { executable } = desired.files[file] ?? {};
    const now = found[file];
    if (executable !== undefined && now !== undefined && now.executable !== executable)
      changes[entryPath("found", file)] = { kind: "update" };
  }
  return changes;
}

/** A file of a branch with its edits. */
export interface EditedFile extends GitFile {
  readonly owned: OwnedTexts;
  readonly isDifferent: boolean;
}

/**
 * The files that are edited, as the branch has them now, with their edits.
 *
 * @param isOwn whether this resource has put a file there
 * @throws ChannelConflict for a file that cannot take its edits, with its line
 */
export async function editedFiles(
  context: ResourceContext,
  desired: Inputs,
  place: string,
  there: BranchFiles,
  isOwn: (file: string) => boolean,
): Promise<Map<string, EditedFile>> {
  const edited = new Map<string, EditedFile>();
  for (const [file, edits] of editsOf(desired.files)) {
    const resolved = await resolvedEdits(context, edits, `${entryPath("files", file)}.edits`);
    edited.set(file, withEdits(desired, place, file, resolved, there, isOwn));
  }
  return edited;
}

function withEdits(
  { files, takeOver }: Inputs,
  place: string,
  file: string,
  edits: readonly DocumentEdit[],
  there: BranchFiles,
  isOwn: (file: string) => boolean,
): EditedFile {
  const { executable: wanted, takeOver: isTaken = takeOver } = files[file] ?? {};
  try {
    const present = presentText(file, there);
    const problem = editProblem(file, present, edits, isTaken === true || isOwn(file));
    if (problem !== undefined) throw new DocumentError(problem.reason);
    const { text, owned, found } = applyEdits(file, present, edits);
    const was = there.get(file)?.executable ?? false;
    const executable = wanted ?? was;
    const isDifferent =
      executable !== was || Object.entries(owned).some(([name, made]) => found[name] !== made);
    return { bytes: Buffer.from(text, "utf8"), executable, owned, isDifferent };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new ChannelConflict(`${place}: ${error.message}`);
  }
}

/** What stands in a branch where edits write, by path; undefined where there are none. */
export function ownedThere(files: Files, there: BranchFiles): Outputs["owned"] {
  const edits = editsOf(files);
  if (edits.length === 0) return undefined;
  return Object.fromEntries(
    edits.flatMap(([file, own]) => {
      const text = readable(file, there);
      return text === undefined ? [] : [[file, { ...foundIn(file, text, own) }] as const];
    }),
  );
}

/** Whether a branch has what edits were to make. */
export function hasOwned({ owned = {} }: Inputs, there: Outputs["owned"] = {}): boolean {
  return Object.entries(owned).every(([file, texts]) =>
    Object.entries(texts).every(([name, text]) => there[file]?.[name] === text),
  );
}

function readable(file: string, there: BranchFiles): string | undefined {
  try {
    return presentText(file, there);
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}

/** @throws DocumentError for what is no text */
function presentText(file: string, there: BranchFiles): string | undefined {
  const found = there.get(file);
  if (found === undefined) return undefined;
  if (found.bytes !== undefined) return textOf(file, found.bytes);
  throw new DocumentError(`${file} is a folder or a link, and edits are of a file: take another path`);
}

import { defined } from "../lib/objects/defined";
import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import type { ProgramTest, ReleaseDirectoryArgs } from "../resources";
import { inputText } from "./declaration/call-arguments";
import { DeclarationError } from "./declaration/declaration-error";

/** Notes of a release target, as declared. */
export interface NotesArgs {
  /** Notes as Markdown. */
  notes?: pulumi.Input<string>;
  /**
   * Change log whose section of the version are the notes, relative to the project's folder, e.g.
   * `CHANGELOG.md`.
   */
  changelog?: string;
  /**
   * Notes with `{version}`, `{tag}`, `{changes}` (the section of the change log), `{artifacts}` (a
   * table of the files with their SHA-256 sums), `{verification}` (how downloaded files are checked
   * with them) and `{tests}` (a table of the checks of each program for each platform). Default:
   * `{changes}`.
   */
  notesTemplate?: string;
}

/** Shape of {@link NotesArgs}. */
export const notesArguments = {
  notes: inputText.meta({ examples: ["The first release."] }).optional(),
  changelog: z
    .string()
    .min(1, "the name of a file is expected")
    .meta({ examples: ["CHANGELOG.md"] })
    .optional(),
  notesTemplate: z
    .string()
    .meta({ examples: ["{changes}\n\n{artifacts}"] })
    .optional(),
};

/** Notes as the resource of a release takes them. */
export function notesOf(
  { notes, changelog, notesTemplate }: NotesArgs,
  { version, tests }: { version: string; tests?: pulumi.Input<ProgramTest[]> },
): { notes?: pulumi.Input<string>; notesFrom?: NonNullable<ReleaseDirectoryArgs["notesFrom"]> } {
  if (changelog === undefined && notesTemplate === undefined) return notes === undefined ? {} : { notes };
  return {
    notesFrom: defined({
      version,
      changelog,
      template: notesTemplate,
      // A preview does not know those of a new version, nor then the notes: they are asked for
      // where they are shown.
      tests: tests === undefined || !notesTemplate?.includes("{tests}") ? undefined : tests,
    }),
  };
}

/** Notes are said once. @throws DeclarationError */
export function checkNotes({ notes, changelog, notesTemplate }: NotesArgs, subject: string): void {
  if (notes === undefined || (changelog === undefined && notesTemplate === undefined)) return;
  const property = changelog === undefined ? "notesTemplate" : "changelog";
  const reason =
    `${JSON.stringify(changelog ?? notesTemplate)} contradicts notes: declare one of them ` +
    `(a valid example: { changelog: "CHANGELOG.md" })`;
  throw new DeclarationError(subject, [{ property, reason }]);
}

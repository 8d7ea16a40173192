import type * as pulumi from "@pulumi/pulumi";
import type { NotesSource } from "../schema/release-notes";
import { DeclarationError } from "./declaration-error";

/** What a release target declares of its notes. */
export interface NotesArgs {
  /** Notes as Markdown. */
  notes?: pulumi.Input<string>;
  /** Change log whose section of the version are the notes, relative to the project's folder, e.g. `CHANGELOG.md`. */
  changelog?: string;
  /**
   * Notes with `{version}`, `{tag}`, `{changes}` (the section of the change log), `{artefacts}` (a table of the files
   * with their SHA-256 sums) and `{verification}` (how downloaded files are checked with them). Default: `{changes}`.
   */
  notesTemplate?: string;
}

/** Notes as the resource of a release takes them. */
export function notesOf(
  { notes, changelog, notesTemplate }: NotesArgs,
  version: string,
): { notes?: pulumi.Input<string>; notesFrom?: NotesSource } {
  if (changelog === undefined && notesTemplate === undefined) return notes === undefined ? {} : { notes };
  return {
    notesFrom: {
      version,
      ...(changelog === undefined ? {} : { changelog }),
      ...(notesTemplate === undefined ? {} : { template: notesTemplate }),
    },
  };
}

/** Notes are said once. @throws DeclarationError */
export function checkNotes({ notes, changelog, notesTemplate }: NotesArgs, subject: string): void {
  if (notes === undefined || (changelog === undefined && notesTemplate === undefined)) return;
  const property = changelog === undefined ? "notesTemplate" : "changelog";
  const reason =
    `${JSON.stringify(changelog ?? notesTemplate)} does not go with notes, which say them already: declare one of both ` +
    `(a valid example: { changelog: "CHANGELOG.md" })`;
  throw new DeclarationError(subject, [{ property, reason }]);
}

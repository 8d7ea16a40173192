/** A file that release notes can list. */
export interface ListedFile {
  readonly name: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
}

/** What the names in a template of release notes stand for. */
export interface NotesValues {
  readonly version: string;
  readonly tag: string;
  /** What the change log says of the version; undefined where there is no change log. */
  readonly changes?: string;
  /** The files of the release. */
  readonly artefacts: readonly ListedFile[];
}

/** A template of release notes that cannot be filled in. */
export class NotesError extends Error {
  override readonly name = "NotesError";
}

/** Whether a template lists the files of the release. */
export function listsArtefacts(template: string | undefined): boolean {
  return template?.includes("{artefacts}") ?? false;
}

/**
 * Release notes from a template: `{version}` and `{tag}`, `{changes}` for the section of the change log, and `{artefacts}`
 * for a table of the files with their SHA-256 sums. Other braces stay as they are: notes may show commands.
 *
 * @throws NotesError for `{changes}` without a change log
 */
export function renderNotes(template: string, values: NotesValues): string {
  if (template.includes("{changes}") && values.changes === undefined) {
    throw new NotesError(`{changes} needs a change log (a valid example: changelog: "CHANGELOG.md")`);
  }
  return template.replace(/\{(version|tag|changes|artefacts)\}/g, (_whole, name: keyof NotesValues) =>
    name === "artefacts" ? artefactTable(values.artefacts) : (values[name] ?? ""),
  );
}

/** A Markdown table of files and their SHA-256 sums, by name, so that the same files give the same text. */
function artefactTable(artefacts: readonly ListedFile[]): string {
  const rows = [...artefacts]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, digest }) => `| ${name} | \`${digest.replace("sha256:", "")}\` |`);
  return ["| File | SHA-256 |", "| --- | --- |", ...rows].join("\n");
}

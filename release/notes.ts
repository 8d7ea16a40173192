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

/** Whether a template says something of the files of the release. */
export function listsArtefacts(template: string | undefined): boolean {
  return template !== undefined && /\{(artefacts|verification)\}/.test(template);
}

/**
 * Release notes from a template: `{version}` and `{tag}`, `{changes}` for the section of the change log, `{artefacts}`
 * for a table of the files with their SHA-256 sums, and `{verification}` for the commands that check downloaded files with
 * the sums file (DISTRO-09). Other braces stay as they are: notes may show commands.
 *
 * @throws NotesError for `{changes}` without a change log, and for `{verification}` without a sums file
 */
export function renderNotes(template: string, values: NotesValues): string {
  if (template.includes("{changes}") && values.changes === undefined) {
    throw new NotesError(`{changes} needs a change log (a valid example: changelog: "CHANGELOG.md")`);
  }
  const names = /\{(version|tag|changes|artefacts|verification)\}/g;
  return template.replace(names, (_whole, name: keyof NotesValues | "verification") => {
    if (name === "verification") return verification(values.artefacts);
    return name === "artefacts" ? artefactTable(values.artefacts) : (values[name] ?? "");
  });
}

/** Names that sums files have by custom, e.g. `SHA256SUMS` and `hello_1.0.0_checksums.txt`. */
const sumsFile = /sums(?:\.txt)?$/i;

/** How the downloaded files are checked, as Markdown. */
function verification(artefacts: readonly ListedFile[]): string {
  const [sums, ...others] = artefacts.filter(({ name }) => sumsFile.test(name));
  if (sums === undefined || others.length > 0) {
    const found = artefacts.map(({ name }) => name).join(", ");
    throw new NotesError(
      `{verification} needs one sums file among the files, e.g. SHA256SUMS, and there ${sums === undefined ? "is none" : "are several"} (${found})`,
    );
  }
  return [
    `Download \`${sums.name}\` beside the files, and check them where they are:`,
    "",
    "```sh",
    `sha256sum --check --ignore-missing ${sums.name}`,
    "```",
    "",
    `On macOS: \`shasum -a 256 --check --ignore-missing ${sums.name}\`.`,
  ].join("\n");
}

/** A Markdown table of files and their SHA-256 sums, by name, so that the same files give the same text. */
function artefactTable(artefacts: readonly ListedFile[]): string {
  const rows = [...artefacts]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, digest }) => `| ${name} | \`${digest.replace("sha256:", "")}\` |`);
  return ["| File | SHA-256 |", "| --- | --- |", ...rows].join("\n");
}

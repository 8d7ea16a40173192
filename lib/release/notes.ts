import { markdownText } from "../text/markdown";

/** A file that release notes can list. */
export interface ListedFile {
  readonly name: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Whether other content may take its place: its sum would not stay true. */
  readonly replaceable?: boolean | undefined;
}

/** Result of a check of a program for one platform. */
export interface ListedTest {
  readonly program: string;
  readonly platform: string;
  /** The check, or the command that was run. */
  readonly check: string;
  readonly result: "passed" | "failed" | "not executed";
}

/** Values of the names in a template of release notes. */
export interface NotesValues {
  readonly version: string;
  readonly tag: string;
  /** Section of the version in the change log; undefined without a change log. */
  readonly changes?: string;
  /** The files of the release. */
  readonly artifacts: readonly ListedFile[];
  /** Checks of each program for each platform. */
  readonly tests?: readonly ListedTest[];
}

/** A template of release notes that cannot be filled in. */
export class NotesError extends Error {
  override readonly name = "NotesError";
}

/** Returns what of the files of the release a template shows. */
export function shownOfFiles(template: string, files: readonly ListedFile[]): unknown[] {
  return [
    ...(template.includes("{artifacts}") ? lasting(files) : []),
    ...(template.includes("{verification}") ? files.map(({ name }) => name) : []),
  ];
}

function lasting(files: readonly ListedFile[]): ListedFile[] {
  return files.filter(({ replaceable }) => !replaceable);
}

/**
 * Release notes from a template: `{version}` and `{tag}`, `{changes}` for the section of the change
 * log, `{artifacts}` for a table of the files that stay as they are, with their SHA-256 sums,
 * `{verification}` for the commands that check downloaded files with the sums file, and `{tests}`
 * for a table of what was seen of each program for each platform. Other braces stay as they are:
 * notes may show commands.
 *
 * @throws NotesError for `{changes}` without a change log, `{verification}` without a sums file,
 * and `{tests}` without tests
 */
export function renderNotes(template: string, values: NotesValues): string {
  if (template.includes("{changes}") && values.changes === undefined) {
    throw new NotesError(`{changes} needs a change log (a valid example: changelog: "CHANGELOG.md")`);
  }
  const names = /\{(version|tag|changes|artifacts|verification|tests)\}/g;
  return template.replace(names, (_whole, name: keyof NotesValues | "verification") => {
    if (name === "verification") return verification(values.artifacts);
    if (name === "tests") return testTable(values.tests ?? []);
    return name === "artifacts" ? artifactTable(values.artifacts) : (values[name] ?? "");
  });
}

/** Names that sums files have by custom, e.g. `SHA256SUMS` and `hello_1.0.0_checksums.txt`. */
const sumsFile = /sums(?:\.txt)?$/i;

/** Returns how the downloaded files are checked, as Markdown. */
function verification(artifacts: readonly ListedFile[]): string {
  const [sums, ...others] = artifacts.filter(({ name }) => sumsFile.test(name));
  if (sums === undefined || others.length > 0) {
    const found = artifacts.map(({ name }) => name).join(", ");
    throw new NotesError(
      "{verification} needs one sums file among the files, e.g. SHA256SUMS, and there " +
        `${sums === undefined ? "is none" : "are several"} (${found})`,
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

/**
 * A Markdown table of files and their SHA-256 sums, by name, so that the same files give the same
 * text.
 */
function artifactTable(artifacts: readonly ListedFile[]): string {
  const rows = lasting(artifacts)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, digest }) => `| ${markdownText(name)} | \`${digest.replace("sha256:", "")}\` |`);
  return ["| File | SHA-256 |", "| --- | --- |", ...rows].join("\n");
}

/** A Markdown table of what was seen of programs, by program, platform and order of the checks. */
function testTable(tests: readonly ListedTest[]): string {
  if (tests.length === 0) {
    throw new NotesError(
      "{tests} needs a program that is built here: leave it out of the template, or declare binaries",
    );
  }
  const key = ({ program, platform }: ListedTest) => `${program}\n${platform}`;
  const rows = [...tests]
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
    .map(
      ({ program, platform, check, result }) =>
        `| ${[program, platform, check, result].map(markdownText).join(" | ")} |`,
    );
  return ["| Program | Platform | Check | Result |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

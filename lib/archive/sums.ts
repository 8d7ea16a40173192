import { digestHex } from "../oci/digest";

/** Name of a sums file where none is declared. */
export const defaultSumsFile = "SHA256SUMS";

/** A file and its digest, as a line of a sums file has it. */
export interface SummedFile {
  /** Name as `sha256sum -c` looks for it, relative to the folder it runs in. */
  name: string;
  /** `sha256:<hex>`. */
  digest: string;
}

/** Sums that cannot be written or read. */
export class SumsError extends Error {
  override readonly name = "SumsError";
}

/**
 * Text of a sums file in the format that `sha256sum -c` reads: 64 hexadecimal digits, two spaces,
 * the name. Lines are sorted by name.
 *
 * @throws SumsError for a name that a line cannot hold as it is, or one that is listed twice.
 */
export function formatSums(files: readonly SummedFile[]): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const [index, { name }] of sorted.entries()) {
    // coreutils escapes such names, which other tools do not read.
    if (name === "" || /[\\\n\r]/.test(name)) {
      throw new SumsError(
        `${JSON.stringify(name)} is not a name for a sums file: it is empty, or has "\\" or a line end`,
      );
    }
    if (sorted[index + 1]?.name === name)
      throw new SumsError(`two files have the name ${JSON.stringify(name)}`);
  }
  return sorted.map(({ name, digest }) => `${digestHex(digest)}  ${name}\n`).join("");
}

/**
 * Returns whether a file goes by the name of a sums file, of several files or of one: what it
 * lists, only its content tells.
 */
export function isSumsName(name: string): boolean {
  return /(^|[._-])(sha256sums?|checksums)(\.txt)?$/i.test(name) || /\.sha256$/i.test(name);
}

import { DocumentError } from "./document-error";
import { regionOf, textOfRegion, trimmed, withRegion } from "./regions";
import { hasMark, withEndsOf, withMark } from "./whole-file";
import { withPlainEnds } from "./lines";

/** One edit of a file: exactly one of these. */
export interface DocumentEdit {
  /** What stands between the markers of a name. */
  readonly region?: { readonly name: string; readonly text: string } | undefined;
  /** The whole file. */
  readonly whole?: { readonly text: string; readonly mark?: boolean | undefined } | undefined;
}

/** A file with the edits in it. */
export interface EditedDocument {
  readonly text: string;
  /** What the edits make of it, by their names, and what is there instead; absent where there is nothing. */
  readonly owned: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
}

/** Name of what is owned by an edit. */
export function nameOfEdit({ region }: DocumentEdit): string {
  return region?.name ?? "file";
}

/**
 * Applies edits to the text of a file, in their order.
 *
 * @param file path, which says how comments are written in it
 * @param present undefined where there is no file
 * @throws DocumentError for what the file cannot take
 */
export function applyEdits(
  file: string,
  present: string | undefined,
  edits: readonly DocumentEdit[],
): EditedDocument {
  let text = present;
  const owned: Record<string, string> = {};
  const found: Record<string, string> = {};
  for (const edit of edits) {
    const name = nameOfEdit(edit);
    const { region, whole } = edit;
    if (region) {
      const there = textForRegion(file, text, region.name);
      const place = regionOf(file, there, region.name);
      found[name] = textOfRegion(there, place);
      owned[name] = trimmed(region.text);
      // What differs in nothing but the empty lines that a formatter has put stays as it is.
      if (found[name] !== owned[name]) text = withRegion(file, there, place, region.text);
    } else if (whole) {
      const wanted = whole.mark === false ? whole.text : withMark(file, whole.text);
      owned[name] = withPlainEnds(wanted);
      if (text !== undefined) found[name] = withPlainEnds(text);
      text = withEndsOf(text, wanted);
    }
  }
  return { text: text ?? "", owned, found };
}

/**
 * Checks that a file can take edits, whose texts need not be known yet.
 *
 * @param isOwn whether Slipway has written the file before
 * @throws DocumentError
 */
export function checkEdit(
  file: string,
  present: string | undefined,
  edit: DocumentEdit,
  isOwn: boolean,
): void {
  if (edit.region) regionOf(file, textForRegion(file, present, edit.region.name), edit.region.name);
  if (!edit.whole || present === undefined || isOwn || hasMark(file, present)) return;
  throw new DocumentError(
    `${file} is there, and Slipway has not written it: move it away, or replace it with takeOver: true`,
  );
}

function textForRegion(file: string, present: string | undefined, name: string): string {
  if (present !== undefined) return present;
  throw new DocumentError(
    `${file} is not there, and region ${JSON.stringify(name)} is to stand in it: write the file, with the markers ` +
      "where the region is to stand",
  );
}

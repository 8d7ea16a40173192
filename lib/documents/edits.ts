import { DocumentError } from "./document-error";
import { regionOf, textOfRegion, trimmed, withRegion } from "./regions";
import { hasMark, withEndsOf, withMark } from "./whole-file";
import { jsonList } from "./json-list";
import { withPlainEnds } from "./lines";
import { textsOfReferences, withReferences, type FollowedImages } from "./references";
import { renderYaml } from "../yaml/render";

/** One edit of a file: exactly one of these. */
export interface DocumentEdit {
  /** What stands between the markers of a name. */
  readonly region?: { readonly name: string; readonly text: string } | undefined;
  /** The whole file. */
  readonly whole?: WholeText | undefined;
  /** References of images. */
  readonly references?: FollowedImages | undefined;
  /** The whole file in YAML, as a list of what its documents have. */
  readonly yaml?: { readonly json: string } | undefined;
}

interface WholeText {
  readonly text: string;
  readonly mark?: boolean | undefined;
}

/** A file with the edits in it. */
export interface EditedDocument {
  readonly text: string;
  /** What the edits make of it, by their names, and what is there instead; absent where there is nothing. */
  readonly owned: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
}

/** Name of what is owned by an edit. */
export function nameOfEdit({ region, references }: DocumentEdit): string {
  return region?.name ?? (references ? "image references" : "file");
}

/** The text of a whole file; undefined where an edit is of a part. */
function wholeOf({ whole, yaml }: DocumentEdit): WholeText | undefined {
  return yaml ? { text: renderYaml(jsonList(yaml.json)) } : whole;
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
    const { region, references } = edit;
    const whole = wholeOf(edit);
    if (region) {
      const there = textForRegion(file, text, region.name);
      const place = regionOf(file, there, region.name);
      found[name] = textOfRegion(there, place);
      owned[name] = trimmed(region.text);
      // What differs in nothing but the empty lines that a formatter has put stays as it is.
      if (found[name] !== owned[name]) text = withRegion(file, there, place, region.text);
    } else if (references) {
      const followed = withReferences(file, text, references);
      [found[name], owned[name]] = textsOfReferences(followed);
      ({ text } = followed);
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
  if (edit.references) withReferences(file, present, edit.references);
  if ((!edit.whole && !edit.yaml) || present === undefined || isOwn || hasMark(file, present)) return;
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

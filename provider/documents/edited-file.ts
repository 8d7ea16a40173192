import { DocumentError } from "../../lib/documents/document-error";
import { applyEdits, checkEdit, type DocumentEdit } from "../../lib/documents/edits";
import { firstDifference } from "../../lib/documents/lines";
import { digestOf } from "../../lib/oci/digest";
import { withVisibleControls } from "../../lib/text/controls";
import type { documentDefinition } from "../../resources/definitions/document";
import { InputError } from "../../resources/definitions/input-findings";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import { putBack } from "../run/drift-sentences";
import type { InputsOf } from "../run/resource";

/** What an edited file has in common, whether it is in the checkout or in a repository elsewhere. */

type DeclaredEdit = InputsOf<typeof documentDefinition>["edits"][number];

/** Texts where Slipway writes, by the name of the region; `file` is a whole file. */
export type OwnedTexts = Readonly<Record<string, string>>;

/** Which edit a file cannot take, and why. */
export interface EditProblem {
  readonly index: number;
  readonly reason: string;
}

/**
 * The text of a file.
 *
 * @throws DocumentError for what is no UTF-8, of which not every byte could be kept
 */
export function textOf(file: string, bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text;
  throw new DocumentError(
    `${JSON.stringify(file)} is no UTF-8, and edits would change other bytes of it: convert it`,
  );
}

/**
 * The first edit that a file cannot take, also while texts are not known; undefined where it takes all.
 *
 * @param isOwn whether Slipway has written the file before
 */
export function editProblem(
  file: string,
  present: string | undefined,
  edits: readonly DocumentEdit[],
  isOwn: boolean,
): EditProblem | undefined {
  for (const [index, edit] of edits.entries()) {
    if (hasUnknown([edit.region?.name])) return undefined;
    try {
      // What is there already, whoever has written it, is no conflict.
      if (isOwn || !isAsWanted(file, present, edit)) checkEdit(file, present, withStandIns(edit), isOwn);
    } catch (error) {
      if (error instanceof DocumentError) return { index, reason: error.message };
      throw error;
    }
    // What follows is in the new file.
    if (edit.whole || edit.yaml) return undefined;
  }
  return undefined;
}

/** What stands where Slipway writes; nothing where the file has no place for it any more. */
export function foundIn(file: string, present: string, edits: readonly DeclaredEdit[]): OwnedTexts {
  try {
    // What is there does not depend on what is to be there.
    const places = edits.map(({ template, ...edit }) =>
      template ? { whole: { text: template.from } } : edit,
    );
    return withVisibleControls(applyEdits(file, present, places).found);
  } catch (error) {
    if (error instanceof DocumentError) return {};
    throw error;
  }
}

/** Warns of each part of a file that is not as it was left, with the line in it. @param now undefined where it is gone */
export function sayEdited(
  context: ResourceContext,
  file: string,
  now: OwnedTexts | undefined,
  left: OwnedTexts,
): void {
  if (now === undefined) return context.say("warning", putBack(`somebody deleted ${file}`));
  for (const [name, text] of Object.entries(left)) {
    const line = firstDifference(now[name] ?? "", text);
    if (line === undefined) continue;
    const where =
      name === "file" ? `from line ${line}` : `in region ${JSON.stringify(name)}, from its line ${line}`;
    context.say("warning", putBack(`somebody changed ${file} ${where}`));
  }
}

/**
 * The text of a file is in clear for whoever has it.
 *
 * @param at path of the edits among the inputs
 * @throws InputError
 */
export function refuseSecretTexts(
  context: ResourceContext,
  edits: readonly DeclaredEdit[],
  at: readonly string[],
  property: string,
): void {
  const paths = edits.flatMap(({ template }, index) => [
    [index, "region", "text"],
    [index, "whole", "text"],
    [index, "references"],
    [index, "yaml"],
    ...Object.keys(template?.values ?? {}).map((name) => [index, "template", "values", name]),
  ]);
  const secret = paths.find((keys) => context.isSecret([...at, ...keys.map(String)]));
  if (secret === undefined) return;
  const reason = "is a secret, which the file would have in clear: leave it out";
  throw new InputError([{ property: `${property}[${secret[0]}].${secret.slice(1).join(".")}`, reason }]);
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

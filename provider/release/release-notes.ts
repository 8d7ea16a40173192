import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { ChangelogError, refuseControls, releaseNotes } from "../../lib/release/changelog";
import {
  NotesError,
  renderNotes,
  shownOfFiles,
  type ListedFile,
  type ListedTest,
} from "../../lib/release/notes";
import { versionOfTag } from "../../lib/version/version";
import { InputError } from "../../resources/definitions/input-findings";
import type { NotesSource } from "../../resources/definitions/release-notes";
import type { ResourceContext } from "../run/context";
import { hasUnknown, Unknown, unknown } from "../base/unknown";

/** Sources of the notes of a release. */
export interface NotesInputs {
  readonly tag: string;
  readonly notes?: string | undefined;
  readonly notesFrom?: NotesSource | undefined;
}

interface ReleasedAsset {
  readonly name: string;
  readonly replaceable?: boolean | undefined;
  readonly inNotes?: boolean | undefined;
}

/**
 * The files of a release as its notes can list them, with what is unknown of them.
 *
 * @param digestOf undefined where it is not known yet
 */
export function listedFiles<T extends ReleasedAsset>(
  assets: readonly T[],
  digestOf: (asset: T) => string | undefined,
): ListedFile[] {
  const unlisted: ListedFile = { name: unknown, digest: unknown };
  if (!Array.isArray(assets)) return [unlisted];
  return assets.map((asset: T) =>
    asset instanceof Unknown
      ? unlisted
      : { name: asset.name, digest: digestOf(asset) ?? unknown, replaceable: isLeftOut(asset) },
  );
}

/** What notes do not list is as what may change; undefined where the release decides it. */
function isLeftOut({ inNotes, replaceable }: ReleasedAsset): boolean | undefined {
  return inNotes === undefined ? replaceable : !inNotes;
}

/**
 * The notes of a release: as declared, or read from where they come from, so that a preview shows
 * them. Unknown where what they are made from is.
 *
 * @param artifacts files of the release; may have unknown values
 * @param longest in characters
 * @throws InputError naming the file and the version
 */
export async function declaredNotes(
  context: ResourceContext,
  { tag, notes, notesFrom }: NotesInputs,
  artifacts: readonly ListedFile[],
  longest = Number.POSITIVE_INFINITY,
): Promise<string | undefined> {
  if (notesFrom === undefined) return notes;
  if (notes !== undefined) {
    throw refusal("notesFrom", "contradicts `notes`: declare one of them");
  }
  const { template } = notesFrom;
  if (hasUnknown([tag, notesFrom]) || hasUnknown(shownOfFiles(template ?? "", artifacts))) return unknown;
  const version = notesFrom.version ?? versionOfTag(tag)?.version;
  if (version === undefined) {
    throw refusal(
      "notesFrom.version",
      `is missing, and the tag ${JSON.stringify(tag)} has none (a valid example: "1.2.3")`,
    );
  }
  const changes =
    notesFrom.changelog === undefined ? undefined : await changesOf(context, notesFrom.changelog, version);
  const text = filledIn(template ?? "{changes}", {
    version,
    tag,
    changes,
    artifacts,
    tests: notesFrom.tests ?? [],
  });
  if (text.length > longest) {
    throw refusal(
      "notesFrom",
      `${JSON.stringify(notesFrom.changelog ?? template)} makes notes of ${text.length} ` +
        `characters for ${version}, and ${longest} are possible: shorten them, and link to the ` +
        "rest",
    );
  }
  return text;
}

async function changesOf(context: ResourceContext, changelog: string, version: string): Promise<string> {
  const property = "notesFrom.changelog";
  try {
    const text = await readFile(path.resolve(context.services.project, changelog), "utf8");
    const notes = releaseNotes(text, version);
    refuseControls(text, version);
    return notes;
  } catch (error) {
    if (error instanceof ChangelogError)
      throw refusal(property, `${JSON.stringify(changelog)}: ${error.message}`);
    if (isMissingFile(error)) {
      throw refusal(
        property,
        `${JSON.stringify(changelog)}: there is no such file to take the notes of ${version} ` +
          'from; paths are relative to the project\'s folder (a valid example: "CHANGELOG.md")',
      );
    }
    throw error;
  }
}

function filledIn(
  template: string,
  {
    changes,
    ...values
  }: {
    version: string;
    tag: string;
    changes: string | undefined;
    artifacts: readonly ListedFile[];
    tests: readonly ListedTest[];
  },
): string {
  try {
    return renderNotes(template, { ...values, changes });
  } catch (error) {
    if (!(error instanceof NotesError)) throw error;
    throw refusal("notesFrom.template", error.message);
  }
}

function refusal(property: string, reason: string): InputError {
  return new InputError([{ property, reason }]);
}

import { followReferences, type FollowedReference, type FollowOptions } from "../deploy/follow";
import { YamlError } from "../yaml/parse";
import { DocumentError } from "./document-error";

/** Images whose references a file follows, and those that only look so. */
export type FollowedImages = FollowOptions;

/** A file whose references say what they are to. */
export interface FollowedText {
  readonly text: string;
  readonly references: readonly FollowedReference[];
}

/**
 * Lets the references of a file follow.
 *
 * @throws DocumentError with the line, and for a file that has none
 */
export function withReferences(
  file: string,
  present: string | undefined,
  images: FollowedImages,
): FollowedText {
  if (present === undefined) {
    throw new DocumentError(
      `${file} is not there, and its references of images are to follow: write the file, or declare it with composeFile() ` +
        "or kubernetesManifests()",
    );
  }
  try {
    const followed = followReferences(present, images);
    if (followed.references.length > 0) return followed;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new DocumentError(`${file}, ${error.message}`);
  }
  const places = images.images.flatMap(({ repositories }) => repositories);
  throw new DocumentError(
    `${file} has no reference of an image of this distribution (${places.join(", ")}): write one, such as ` +
      `\`image: ${places[0]}\`, or mark a value with "# slipway: ${images.images[0]?.name}"`,
  );
}

/** What the references of a file say, and what they are to say, one a line. */
export function textsOfReferences({ references }: FollowedText): [found: string, wanted: string] {
  return [references.map(({ from }) => from).join("\n"), references.map(({ to }) => to).join("\n")];
}

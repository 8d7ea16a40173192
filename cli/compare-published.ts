import {
  compareContents,
  type ComparedImage,
  type ContentsDifference,
} from "../lib/contents/compare-contents";
import { readContents, type ImageContents } from "../lib/contents/image-contents";
import { pairedImages, publishedImages, type PublishedImage } from "../lib/contents/published-images";
import type { RunCli } from "../lib/display/shown-run";
import { SetupError } from "../lib/machine/setup-error";
import { AddressError, formatAddress, parseAddress, type Address } from "../lib/oci/address";
import { exportedState } from "./exported-state";
import { PublishedRepositories } from "./published-repositories";

/** What is compared: versions that a stack has published, or references of images. */
export interface Compared {
  /** Folder of the project. */
  readonly project: string;
  readonly stack: string | undefined;
  /** A version, or a reference. Default: the version that was published before `to`. */
  readonly from: string | undefined;
  /** A version, or a reference. Default: the version that was published last. */
  readonly to: string | undefined;
}

/**
 * Compares what is in the images of two published versions, or in two images, as their registries
 * tell it.
 *
 * @throws SetupError for what is not there; RegistryError
 */
export async function comparePublished(
  run: RunCli,
  { project, stack, from, to }: Compared,
): Promise<{ readonly title: string; readonly difference: ContentsDifference }> {
  const isImage = (text: string | undefined) => text !== undefined && /[/:]/.test(text);
  if (isImage(from) || isImage(to)) {
    if (from === undefined || to === undefined || !isImage(from) || !isImage(to)) {
      throw new SetupError(
        "An image is compared with an image, and a version with a version.",
        "Name both by references (--from ghcr.io/acme/hello:v1.0.0 --to localhost:5000/hello:next), or both by versions.",
      );
    }
    const pair = { before: imageOf(from), after: imageOf(to) };
    return { title: `${from} → ${to}`, difference: await compared(project, [pair]) };
  }
  const versions = publishedImages(await exportedState(run, project, stack));
  const names = [...versions.keys()];
  const named = (version: string, option: string) => {
    const found = versions.get(version);
    if (found) return found.images;
    throw new SetupError(
      `${option} ${version}: the stack has published no such version.`,
      names.length === 0 ? "It has published none yet." : `It has published: ${names.slice(-10).join(", ")}.`,
    );
  };
  const later = to ?? names.at(-1) ?? "";
  const after = named(later, "--to");
  const earlier = from ?? names[names.indexOf(later) - 1] ?? "";
  const before = named(earlier, "--from");
  return {
    title: `${earlier} → ${later}`,
    difference: await compared(project, pairedImages(before, after)),
  };
}

/** @throws SetupError for what is no reference */
function imageOf(reference: string): PublishedImage {
  const { digest, tag, ...address } = parsed(reference);
  return { repository: formatAddress(address), digest: digest ?? tag ?? "latest" };
}

function parsed(reference: string): Address {
  try {
    return parseAddress(reference);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new SetupError(error.message, "");
  }
}

async function compared(
  project: string,
  pairs: readonly { readonly before?: PublishedImage; readonly after?: PublishedImage }[],
): Promise<ContentsDifference> {
  const repositories = new PublishedRepositories(project);
  const read = async (image: PublishedImage | undefined): Promise<ImageContents[]> => {
    if (!image) return [];
    try {
      return await repositories.read(image.repository, (opened) => readContents(opened, image.digest));
    } catch (error) {
      if (!(error instanceof Error) || "hint" in error) throw error;
      throw new SetupError(`${image.repository} (${image.digest}): ${error.message}`, "");
    }
  };
  try {
    const images = pairs.map(async ({ before, after }): Promise<ComparedImage> => {
      const [old, now] = await Promise.all([read(before), read(after)]);
      return { name: (after ?? before)?.repository ?? "", before: old, after: now };
    });
    return compareContents(await Promise.all(images));
  } finally {
    await repositories.close();
  }
}

import { resolve } from "node:path";
import {
  compareContents,
  type ComparedImage,
  type ContentsDifference,
} from "../lib/contents/compare-contents";
import { readContents, type ImageContents } from "../lib/contents/image-contents";
import { pairedImages, publishedImages, type PublishedImage } from "../lib/contents/published-images";
import type { RunCli } from "../lib/display/shown-run";
import { recordedAddress } from "../lib/embedded/address";
import { embeddedCredentials } from "../lib/embedded/registry-access";
import { ensureRunning } from "../lib/embedded/registry";
import { SetupError } from "../lib/machine/setup-error";
import { AddressError, formatAddress, openRepository, parseAddress, type Address } from "../lib/oci/address";
import { RegistryClient } from "../lib/oci/registry/client";

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
  const versions = publishedImages(await exported(run, project, stack));
  const names = [...versions.keys()];
  const named = (version: string, option: string) => {
    const images = versions.get(version);
    if (images) return images;
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

async function exported(run: RunCli, project: string, stack: string | undefined): Promise<string> {
  let text = "";
  const args = ["stack", "export", "--cwd", project, "--non-interactive"];
  const { code } = await run([...args, ...(stack === undefined ? [] : ["--stack", stack])], {
    stdio: ["ignore", "pipe", "inherit"],
    onStart: (child) => {
      child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part));
    },
  });
  if (code === 0) return text;
  throw new SetupError(`pulumi ${args.join(" ")} has failed.`, "What it says is above.");
}

async function compared(
  project: string,
  pairs: readonly { readonly before?: PublishedImage; readonly after?: PublishedImage }[],
): Promise<ContentsDifference> {
  const registryClient = new RegistryClient({ credentialsOf: (host) => embeddedCredentials(project, host) });
  const read = async (image: PublishedImage | undefined): Promise<ImageContents[]> => {
    if (!image) return [];
    const address = parseAddress(image.repository);
    // Before its password goes there it has proven that it is the one.
    if (address.kind === "registry" && address.repository.registry === recordedAddress(project)) {
      await ensureRunning(project, { expected: address.repository.registry });
    }
    const repository = await openRepository(address, { registryClient, baseDirectory: resolve(project) });
    try {
      return await readContents(repository, image.digest);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new SetupError(`${image.repository} (${image.digest}): ${error.message}`, "");
    } finally {
      await repository.close?.();
    }
  };
  try {
    const images = pairs.map(async ({ before, after }): Promise<ComparedImage> => {
      const [old, now] = await Promise.all([read(before), read(after)]);
      return { name: (after ?? before)?.repository ?? "", before: old, after: now };
    });
    return compareContents(await Promise.all(images));
  } finally {
    await registryClient.close();
  }
}

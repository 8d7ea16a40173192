import { open } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { isSumsName, SumsError, type SummedFile } from "../../lib/archive/sums";
import { nameBySumsFile, parseSums } from "../../lib/archive/sums-reading";
import { digestOf, isDigest } from "../../lib/oci/digest";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";

/** The largest sums file that is read, in bytes: ten thousand lines have about one megabyte. */
const sumsLimitBytes = 4 * 1024 * 1024;

/** A file of a release whose content is known by its digest. */
interface ReleasedContent {
  readonly name: string;
  readonly path: string;
  readonly digest: string;
}

/**
 * Returns which files of a release are listed in its sums files with the very digest that they
 * have: the names of the sums files by the name of what they list. A file's name only tells where
 * to look; what it lists is read.
 *
 * @throws InputError where a sums file lists another digest for a file of the release
 */
export async function sumsCoverage(
  context: ResourceContext,
  files: readonly ReleasedContent[],
): Promise<Record<string, string[]>> {
  const coverage: Record<string, string[]> = {};
  const findings: Finding[] = [];
  for (const [index, sums] of files.entries()) {
    if (!isSumsName(sums.name)) continue;
    for (const { name, digest } of await listedBy(context, sums)) {
      const listed = files.find((file) => file.name === name);
      if (!listed) continue;
      if (listed.digest === digest) (coverage[name] ??= []).push(sums.name);
      else {
        const reason =
          `${sums.name} lists ${name} as ${digest}, and what is released has ${listed.digest}, ` +
          "so a check of the sums would fail. Make the sums again";
        findings.push({ property: `assets[${index}]`, reason });
      }
    }
  }
  if (findings.length > 0) throw new InputError(findings);
  return coverage;
}

/**
 * Returns what a sums file lists: as this run has made it, or as it is on this machine; nothing
 * where that is another one.
 */
async function listedBy({ services }: ResourceContext, file: ReleasedContent): Promise<SummedFile[]> {
  const made = services.madeSums.get(file.digest);
  const text = made ?? (await smallText(path.resolve(services.project, file.path)));
  if (text === undefined || digestOf(text) !== file.digest) return [];
  try {
    return parseSums(text).flatMap(({ name = nameBySumsFile(file.name), digest }) =>
      name === undefined || !isDigest(digest) ? [] : [{ name, digest }],
    );
  } catch (error) {
    if (error instanceof SumsError) return [];
    throw error;
  }
}

async function smallText(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      return size > sumsLimitBytes ? undefined : await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

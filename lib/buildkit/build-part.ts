import { readdir, readFile, stat } from "node:fs/promises";
import * as path from "node:path";
import * as z from "zod";
import { isMissingFile } from "../machine/atomic-file";
import { parseBoundedJson } from "../oci/bounded-json";
import { canonicalJson } from "../oci/canonical-json";
import { digestHex, digestOf } from "../oci/digest";
import { parsePlatform } from "../oci/platform";
import { checkDigest, parseRepository } from "../oci/reference";

/**
 * Files in which a run that built for one platform says what it has pushed, for the run that joins the platforms.
 */

/** Most bytes of a file; a hundred images take a tenth of it. */
const maximumBytes = 1024 * 1024;

/** Most files that are read; there is one a platform. */
const mostFiles = 100;

const accepted = (check: (value: string) => unknown) =>
  z.string().superRefine((value, context) => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  });

const builtFrom = z.strictObject({
  version: z.string().optional().describe("Version of the distribution."),
  revision: z.string().optional().describe("Commit of the sources."),
  context: z.string().describe("Digest of the Dockerfile and of the files that it reads."),
  bases: z
    .record(z.string(), z.string())
    .describe("Digest of each image that it starts from or copies from, by its reference; empty if unknown."),
  settings: z
    .record(z.string(), z.string())
    .describe("Digest of each further setting of the build, such as `buildArgs` and `labels`."),
});

const part = z.strictObject({
  image: z.string().min(1).describe("Name of the image."),
  repository: accepted(parseRepository).describe("Repository that has it, `host/path`."),
  platform: accepted(parsePlatform).describe("Platform as `os/architecture[/variant]`."),
  digest: accepted(checkDigest).describe("Digest of its manifest."),
  size: z.number().int().positive().describe("Size of the manifest, in bytes."),
  builtFrom: builtFrom.describe(
    "What it was built from: only a run that would build from the same takes it.",
  ),
});

const partsFile = z.strictObject({
  version: z.literal(1).describe("Version of this format."),
  parts: z.array(part).min(1).describe("What was pushed, by image."),
  sum: accepted(checkDigest).describe(
    "Digest of `parts` as canonical JSON: a file that was edited is refused.",
  ),
});

/** What an image was built from. */
export type BuiltFrom = z.infer<typeof builtFrom>;
/** An image for one platform, which some run has pushed by digest. */
export type BuildPart = z.infer<typeof part>;

/** A file with parts that cannot be taken; the message names it. */
export class PartFileError extends Error {
  override readonly name = "PartFileError";
}

/**
 * Returns the parts in a state, as the engine exports it.
 *
 * @throws PartFileError where one has a secret in it, which is for no file
 */
export function recordedParts(
  resources: readonly { readonly type: string; readonly outputs?: object }[],
): BuildPart[] {
  return resources
    .filter(({ type }) => type === "slipway:build:Part")
    .map(({ outputs }) => {
      const {
        image,
        repository,
        platform,
        digest,
        size,
        builtFrom: from,
      } = { ...outputs } as Record<string, unknown>;
      const read = part.safeParse({ image, repository, platform, digest, size, builtFrom: from });
      if (read.success) return read.data;
      const places = read.error.issues.map(({ path: place }) => place.join(".")).join(", ");
      throw new PartFileError(
        `${typeof image === "string" ? `image ${image}: ` : ""}${places}: is a secret in the program, which no file may tell another run`,
      );
    });
}

/** Text of a file with parts. */
export function partsText(parts: readonly BuildPart[]): string {
  return `${JSON.stringify({ version: 1, parts, sum: sumOf(parts) }, undefined, 2)}\n`;
}

/**
 * Reads such a text.
 *
 * @param name of the file, for messages
 * @throws PartFileError where it is another file, or was edited
 */
export function readPartsText(bytes: Buffer, name: string): BuildPart[] {
  let value: unknown;
  try {
    value = parseBoundedJson(bytes);
  } catch (error) {
    throw new PartFileError(`${name} is not JSON: ${(error as Error).message}`);
  }
  const read = partsFile.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = issue?.path.join(".") ?? "";
    throw new PartFileError(
      `${name} was not written by \`slipway build\`: ${place === "" ? "" : `${place}: `}${issue?.message ?? ""}`,
    );
  }
  if (read.data.sum !== sumOf(read.data.parts)) {
    throw new PartFileError(
      `${name} was changed after \`slipway build\` has written it: its sum is another one`,
    );
  }
  return read.data.parts;
}

/**
 * Reads the parts in the files `*.json` of a folder, by image and platform ({@link partKey}).
 *
 * @throws PartFileError where there are none, one cannot be taken, or two contradict each other
 */
export async function readParts(folder: string): Promise<Map<string, BuildPart & { file: string }>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw isMissingFile(error) ? new PartFileError(`there is no folder ${folder}`) : error;
  });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  if (files.length === 0) throw new PartFileError(`there is no file *.json in ${folder}`);
  if (files.length > mostFiles) {
    throw new PartFileError(`${folder} has ${files.length} files, and ${mostFiles} are the most`);
  }
  const parts = new Map<string, BuildPart & { file: string }>();
  for (const file of files) {
    const place = path.join(folder, file);
    const { size } = await stat(place);
    if (size > maximumBytes) {
      throw new PartFileError(`${place} has ${size} bytes, and ${maximumBytes} are the most`);
    }
    for (const read of readPartsText(await readFile(place), place)) {
      const other = parts.get(partKey(read));
      if (other !== undefined && other.digest !== read.digest) {
        throw new PartFileError(
          `${other.file} and ${place} both have ${read.repository} for ${read.platform}, with different digests: ` +
            "remove the older one",
        );
      }
      parts.set(partKey(read), { ...read, file: place });
    }
  }
  return parts;
}

/** Names a part among others. */
export function partKey({ repository, platform }: Pick<BuildPart, "repository" | "platform">): string {
  return `${repository} ${platform}`;
}

/** Returns in what two builds differ, a phrase each; none where they are the same build. */
export function buildDifferences(other: BuiltFrom, own: BuiltFrom): string[] {
  const said = (text: string | undefined) => (text === undefined || text === "" ? "none" : text);
  const entries = (what: string, others: Record<string, string>, owns: Record<string, string>) =>
    [...new Set([...Object.keys(others), ...Object.keys(owns)])]
      .filter((name) => others[name] !== owns[name])
      .map((name) => [what, name] as const);
  return [
    ...(["version", "revision"] as const)
      .filter((field) => other[field] !== own[field])
      .map((field) => `${field} ${said(other[field])}, and here it is ${said(own[field])}`),
    ...(other.context === own.context ? [] : ["another Dockerfile or other files"]),
    ...entries("base", other.bases, own.bases).map(
      ([, name]) => `base ${name} at ${said(other.bases[name])}, and here it is at ${said(own.bases[name])}`,
    ),
    // The labels say the version and the revision too.
    ...(other.version === own.version && other.revision === own.revision
      ? entries("settings", other.settings, own.settings).map(([, name]) => `other ${name}`)
      : []),
  ];
}

/** Digests of settings, by name: what they are is not for a file that is carried about. */
export function settingDigests(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, digestHex(digestOf(canonicalJson(value)))]),
  );
}

function sumOf(parts: readonly BuildPart[]): string {
  return digestOf(canonicalJson(parts));
}

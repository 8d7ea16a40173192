import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";

/** Images to start from, made by crane. */

/** What {@link pushBase} makes. */
export interface BaseOptions {
  /** Platforms; with more than one it is an index. */
  platforms?: readonly string[];
  /** Media types of OCI or of Docker. Default: OCI. */
  mediaTypes?: "oci" | "docker";
  /** Files by name. Default: `etc/base` with the platform as its content. */
  files?: Readonly<Record<string, string>>;
}

/**
 * Pushes a base image under a tag.
 *
 * @param reference `host/path:tag`
 * @returns its digest, that of the index where there are several platforms
 */
export async function pushBase(reference: string, options: BaseOptions = {}): Promise<string> {
  const { platforms = ["linux/amd64"], mediaTypes = "oci", files } = options;
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-base-"));
  try {
    const images = await Promise.all(
      platforms.map(async (platform) => {
        const archive = await archiveOf(folder, platform, files ?? { "etc/base": platform });
        const tag = platforms.length === 1 ? reference : `${reference}-${platform.replaceAll("/", "-")}`;
        const empty = mediaTypes === "oci" ? ["--oci-empty-base"] : [];
        await crane(["append", ...empty, "-f", archive, "-t", tag]);
        const settings = ["--set-platform", platform, "--env", "FROM_BASE=yes", "--cmd", "base-command"];
        await crane(["mutate", tag, ...settings, "-t", tag]);
        return tag;
      }),
    );
    if (images.length > 1) {
      const empty = mediaTypes === "docker" ? ["--docker-empty-base"] : [];
      await crane([
        "index",
        "append",
        ...empty,
        ...images.flatMap((image) => ["-m", image]),
        "-t",
        reference,
      ]);
    }
    return await crane(["digest", reference]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function archiveOf(
  folder: string,
  platform: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const root = path.join(folder, platform.replaceAll("/", "-"));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const archive = `${root}.tar`;
  await runClient("tar", ["-c", "-f", archive, "-C", root, "."]);
  return archive;
}

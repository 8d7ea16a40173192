import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Index, Manifest } from "../../lib/oci/types";
import { crane, runClient } from "../support/clients";

/** What others see of a published image; nothing of Slipway takes part. */

/**
 * Checks digests, sizes and diff IDs of everything that a reference leads to. Layers have to be
 * compressed with gzip: crane takes the diff IDs of no other.
 *
 * @throws Error where something is wrong
 */
export async function validate(reference: string): Promise<void> {
  await crane(["validate", "--remote", reference]);
}

export async function manifestOf(reference: string): Promise<Manifest> {
  return JSON.parse(await crane(["manifest", reference])) as Manifest;
}

export async function indexOf(reference: string): Promise<Index> {
  return JSON.parse(await crane(["manifest", reference])) as Index;
}

/** An image's configuration, as far as tests look at it. */
export interface ReadConfig {
  os: string;
  architecture: string;
  created: string;
  config: {
    Entrypoint?: string[];
    Cmd?: string[];
    Env?: string[];
    Labels?: Record<string, string>;
    User?: string;
    ExposedPorts?: Record<string, object>;
  };
  rootfs: { diff_ids: string[] };
  history: { created_by: string }[];
}

export async function configOf(reference: string): Promise<ReadConfig> {
  return JSON.parse(await crane(["config", reference])) as ReadConfig;
}

/** The root file system of an image as lines of `tar -tv`: mode, owner, size, time, name. */
export function listRoot(reference: string): Promise<string[]> {
  return withRoot(reference, list);
}

/** Files of an image by name, without a leading slash. */
export function filesOf(reference: string): Promise<Record<string, string>> {
  return withRoot(reference, async (archive) => {
    const files = (await list(archive)).filter((line) => line.startsWith("-"));
    const names = files.map((line) => line.split(/\s+/).slice(5).join(" "));
    const contents = names.map(
      async (name) => [name, await runClient("tar", ["-xOf", archive, name])] as const,
    );
    return Object.fromEntries(await Promise.all(contents));
  });
}

async function list(archive: string): Promise<string[]> {
  const lines = await runClient("tar", ["-tv", "--numeric-owner", "-f", archive], { TZ: "UTC" });
  return lines.split("\n").filter(Boolean);
}

/** Lends the root file system of an image, as crane flattens it, as a tar archive. */
async function withRoot<T>(reference: string, use: (archive: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-root-"));
  try {
    const archive = path.join(folder, "root.tar");
    await crane(["export", reference, archive]);
    return await use(archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Index, Manifest } from "../../oci/types";
import { crane, runClient } from "../support/clients";

/** What others see of a published image; nothing of Slipway takes part. */

/**
 * Checks digests, sizes and diff IDs of everything that a reference leads to. Layers have to be compressed with gzip: crane
 * takes the diff IDs of no other.
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

/** The root file system of an image, as crane flattens it. */
export class RootFileSystem {
  private constructor(private readonly folder: string) {}

  static async of(reference: string): Promise<RootFileSystem> {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-root-"));
    await crane(["export", reference, path.join(folder, "root.tar")]);
    return new RootFileSystem(folder);
  }

  /** Lines of `tar -tv`: mode, owner, size, time, name. */
  async list(): Promise<string[]> {
    return (await this.tar(["-tv", "--numeric-owner"])).split("\n").filter(Boolean);
  }

  /** Names of regular files. */
  async names(): Promise<string[]> {
    const lines = (await this.list()).filter((line) => line.startsWith("-"));
    return lines.map((line) => line.split(/\s+/).slice(5).join(" "));
  }

  async read(name: string): Promise<string> {
    return this.tar(["-xO", name]);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private tar([mode = "", ...rest]: string[]): Promise<string> {
    return runClient("tar", [mode, "-f", path.join(this.folder, "root.tar"), ...rest], { TZ: "UTC" });
  }
}

/** Files of an image by name, without a leading slash. */
export async function filesOf(reference: string): Promise<Record<string, string>> {
  const root = await RootFileSystem.of(reference);
  try {
    const names = await root.names();
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await root.read(name)] as const)),
    );
  } finally {
    await root.remove();
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";

/** A descriptor, as far as tests look at it. */
interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** Configuration of an image, as far as tests look at it. */
export interface PlatformConfig {
  created: string;
  config: { Labels: Record<string, string>; User?: string };
  history: { created_by?: string }[];
}

/** A published image for one platform, read by clients that are not ours. */
export class PlatformImage {
  /** @param reference `host/path:tag` or `host/path@digest` of the index */
  constructor(
    readonly reference: string,
    readonly platform: string,
  ) {}

  /** The manifest's bytes, as text. */
  manifestText(): Promise<string> {
    return crane(["manifest", "--platform", this.platform, this.reference]);
  }

  async manifest(): Promise<{ config: Descriptor; layers: Descriptor[] }> {
    return JSON.parse(await this.manifestText()) as { config: Descriptor; layers: Descriptor[] };
  }

  async config(): Promise<PlatformConfig> {
    return JSON.parse(await crane(["config", "--platform", this.platform, this.reference])) as PlatformConfig;
  }

  /** Paths of its files, without folders, in order. */
  async files(): Promise<string[]> {
    return this.exported(async (archive) => {
      const lines = (await runClient("tar", ["-tvf", archive])).split("\n");
      const entries = lines.map((line) =>
        /^(\S)\S+ +\S+ +\d+ \S+ \S+ (.*?)(?: -> .*| link to .*)?$/.exec(line),
      );
      return entries.flatMap((entry) => (entry?.[1] === "d" ? [] : [entry?.[2] ?? "?"])).sort();
    });
  }

  /** Text of one of its files. */
  async text(file: string): Promise<string> {
    return this.exported((archive) => runClient("tar", ["-xOf", archive, file]));
  }

  private async exported<T>(look: (archive: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-export-"));
    try {
      const archive = path.join(folder, "image.tar");
      await crane(["export", "--platform", this.platform, this.reference, archive]);
      return await look(archive);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

import * as pulumi from "@pulumi/pulumi";
import type { Evidence } from "../resources";
import { buildBinary, type BinaryFile } from "./binary";
import type { DistributionDeclaration } from "./declaration/declaration";
import { downloadProgram } from "./download";

/** A check of a binary for one platform: its format, or a test that ran it. */
export type BinaryResult = Pick<Evidence, "result" | "by" | "detail">;

/** Results by binary and platform. */
export type TestedBinaries = Record<string, Record<string, BinaryResult[]>>;

interface PlatformBinary {
  file: BinaryFile;
  /** For what was built here; a download has none. */
  evidence?: pulumi.Output<Evidence[]>;
  binary: string;
  platform: string;
}

/** Each binary is built, or downloaded, once a platform, whichever images and archives take it. */
export class BinaryBuilds {
  private readonly built = new Map<string, PlatformBinary>();

  constructor(
    private readonly distribution: string,
    private readonly args: DistributionDeclaration,
    private readonly parent: pulumi.Resource,
  ) {}

  file(binary: string, platform: string): BinaryFile {
    const key = `${binary}-${platform.replaceAll("/", "-")}`;
    const known = this.built.get(key);
    if (known) return known.file;
    const made = this.create(key, binary, platform);
    this.built.set(key, { ...made, binary, platform });
    return made.file;
  }

  private create(key: string, binary: string, platform: string): Pick<PlatformBinary, "file" | "evidence"> {
    const { binaries = {}, downloads = {}, version = "" } = this.args;
    const download = downloads[binary];
    if (download) return { file: downloadProgram(key, binary, download, platform, this.parent) };
    const declaration = binaries[binary];
    if (!declaration) throw new Error(`${this.distribution}: no binary named ${binary}`);
    return buildBinary(key, binary, declaration, platform, version, this.parent);
  }

  /** The built files of some binaries, as a provenance names them. */
  dependencies(
    names: ReadonlySet<string>,
  ): { uri: string; digest: pulumi.Output<string>; platform: string }[] {
    return [...this.built]
      .filter(([, { binary }]) => names.has(binary))
      .map(([key, { file, platform }]) => ({ uri: `file:${key}`, digest: file.digest, platform }));
  }

  /** Returns what platforms and tests have shown, by binary and platform. */
  results(): Record<string, Record<string, pulumi.Output<BinaryResult[]>>> {
    const results: Record<string, Record<string, pulumi.Output<BinaryResult[]>>> = {};
    for (const { binary, platform, evidence } of this.built.values()) {
      if (!evidence) continue;
      (results[binary] ??= {})[platform] = evidence.apply((items) =>
        items.map(({ result, by, detail }) => ({ result, by, detail })),
      );
    }
    return results;
  }
}

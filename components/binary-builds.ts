import type * as pulumi from "@pulumi/pulumi";
import { buildBinary, type BinaryFile } from "./binary";
import type { DistributionArgs } from "./declaration";
import { downloadProgram } from "./download";

/** Each binary is built, or downloaded, once a platform, whichever images and archives take it. */
export class BinaryBuilds {
  private readonly built = new Map<string, BinaryFile>();

  constructor(
    private readonly distribution: string,
    private readonly args: DistributionArgs,
    private readonly parent: pulumi.Resource,
  ) {}

  file(binary: string, platform: string): BinaryFile {
    const key = `${binary}-${platform.replaceAll("/", "-")}`;
    const known = this.built.get(key);
    if (known) return known;
    const file = this.create(key, binary, platform);
    this.built.set(key, file);
    return file;
  }

  private create(key: string, binary: string, platform: string): BinaryFile {
    const { binaries = {}, downloads = {}, version = "" } = this.args;
    const download = downloads[binary];
    if (download) return downloadProgram(key, binary, download, platform, this.parent);
    const declaration = binaries[binary];
    if (!declaration) throw new Error(`${this.distribution}: there is no binary ${binary}`);
    return buildBinary(key, binary, declaration, platform, version, this.parent);
  }

  /** The built files of some binaries, as a provenance names them. */
  dependencies(names: ReadonlySet<string>): { uri: string; digest: pulumi.Output<string> }[] {
    return [...this.built]
      .filter(([key]) => [...names].some((name) => key.startsWith(`${name}-`)))
      .map(([key, { digest }]) => ({ uri: `file:${key}`, digest }));
  }
}

import type * as pulumi from "@pulumi/pulumi";
import { buildBinary, type BinaryFile } from "./binary";
import type { DistributionArgs } from "./declaration";

/** Each binary is built once a platform, whichever images take it. */
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
    const declaration = this.args.binaries?.[binary];
    if (!declaration) throw new Error(`${this.distribution}: there is no binary ${binary}`);
    const file = buildBinary(key, binary, declaration, platform, this.args.version ?? "", this.parent);
    this.built.set(key, file);
    return file;
  }

  /** The built files of some binaries, as a provenance names them. */
  dependencies(names: ReadonlySet<string>): { uri: string; digest: pulumi.Output<string> }[] {
    return [...this.built]
      .filter(([key]) => [...names].some((name) => key.startsWith(`${name}-`)))
      .map(([key, { digest }]) => ({ uri: `file:${key}`, digest }));
  }
}

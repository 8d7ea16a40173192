// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { archiveDefinition } from "./definitions/archive";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Archive}. */
export type ArchiveArgs = {
  /**
   * Where the archive is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  path: pulumi.Input<string>;
  /**
   * Format. `binary` is the only entry as it is, executable unless its `mode` says otherwise; `gz` is
   * it compressed. `wheel` is a package of Python, whose RECORD is written; `nupkg` is one of NuGet,
   * whose parts are the entries; `snap` is a squashfs. Default: by the end of the name, which tells
   * archives and packages only.
   */
  format?: pulumi.Input<
    "tar.gz" | "tar.zst" | "zip" | "binary" | "gz" | "wheel" | "nupkg" | "snap" | undefined
  >;
  /**
   * What is in the archive. Order does not matter. Example:
   * `[{"path":"hello","source":"dist/linux_amd64/hello","mode":"0755"}]`.
   */
  entries: DeepInput<types.ArchiveFile[]>;
  /**
   * Folder that contains everything. Default: none; the archive is flat. Example: `"hello-1.0.0"`.
   */
  root?: pulumi.Input<string | undefined>;
  /**
   * Name of a sums file over the files inside, for `sha256sum -c`. Default: none. Example:
   * `"SHA256SUMS"`.
   */
  checksums?: pulumi.Input<string | undefined>;
  /**
   * Further paths for the same bytes, e.g. a name with `latest`. Example:
   * `["dist/hello_latest_linux_amd64.tar.gz"]`.
   */
  alsoPaths?: DeepInput<string[] | undefined>;
};

/**
 * A `.tar.gz`, `.tar.zst` or `.zip` archive of declared files, or a program by itself, at a path of
 * the project. Equal content gives equal bytes, on every machine, so that its digest is known at
 * preview. It is placed when it changes, and where it is not on this machine, when something needs
 * it: a missing file is no difference. What was placed under another path, or leaves the program,
 * is removed, unless somebody changed it. (`slipway:build:Archive`)
 */
export class Archive extends pulumi.CustomResource implements ObservedProperties<typeof archiveDefinition> {
  /**
   * Where the archive is placed, relative to the project's folder. Example:
   * `"dist/hello_1.0.0_linux_amd64.tar.gz"`.
   */
  declare readonly path: pulumi.Output<string>;
  /**
   * What is in the archive. Order does not matter. Example:
   * `[{"path":"hello","source":"dist/linux_amd64/hello","mode":"0755"}]`.
   */
  declare readonly entries: pulumi.Output<types.ArchiveFile[]>;
  /** Digest of the archive. */
  declare readonly digest: pulumi.Output<string>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** Digest of the file at each further path. */
  declare readonly copies: pulumi.Output<Record<string, string>>;
  /** The archive and its further names, as a release takes them. */
  declare readonly artifacts: pulumi.Output<types.Artifact[]>;

  constructor(name: string, args: ArchiveArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, size: undefined, copies: undefined, artifacts: undefined };
    super("slipway:build:Archive", name, properties<typeof archiveDefinition>(outputs, args), options);
  }
}

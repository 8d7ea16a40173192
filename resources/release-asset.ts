// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { releaseAssetDefinition } from "./definitions/release-asset";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ReleaseAsset}. */
export type ReleaseAssetArgs = {
  /**
   * Base of `releases/download/TAG/FILE`: a URL, or a folder relative to the project's. Plain HTTP to
   * another machine only with `digest` or `signature`. Example: `"https://github.com/acme/hello"`.
   */
  from: pulumi.Input<string>;
  /** Tag of the release. Example: `"v1.2.3"`. */
  tag: pulumi.Input<string>;
  /**
   * Name of the file; `*` matches any characters except folder separators. Exactly one file must
   * match. Example: `"hello_*_linux_amd64.tar.gz"`.
   */
  asset: pulumi.Input<string>;
  /** Name of the release's sums file. Default: `SHA256SUMS`. */
  checksums?: pulumi.Input<string | undefined>;
  /**
   * Digest that the file must have, instead of the one in the sums file. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: pulumi.Input<string | undefined>;
  /** Signature that is verified before anything is used. Default: none. */
  signature?: DeepInput<types.AssetSignature | undefined>;
  /**
   * Files to extract from the archive, by their paths in it. A file that is no archive is extracted
   * under the one name that is given: as it is, or unpacked. Example: `["bin/hello"]`.
   */
  extract?: DeepInput<string[] | undefined>;
  /**
   * Platform that an extracted program has to be for; scripts are for any. Default: they are not
   * looked at. Example: `"linux/arm64"`.
   */
  platform?: pulumi.Input<string | undefined>;
};

/**
 * A file of another project's release, fetched by version and name or pattern, and verified against
 * the release's sums or a declared digest before anything uses it. It is kept by digest, so that a
 * second run needs no network; an interrupted download resumes where it stopped.
 * (`slipway:release:Asset`)
 */
export class ReleaseAsset
  extends pulumi.CustomResource
  implements ObservedProperties<typeof releaseAssetDefinition>
{
  /**
   * Base of `releases/download/TAG/FILE`: a URL, or a folder relative to the project's. Plain HTTP to
   * another machine only with `digest` or `signature`. Example: `"https://github.com/acme/hello"`.
   */
  declare readonly from: pulumi.Output<string>;
  /** Tag of the release. Example: `"v1.2.3"`. */
  declare readonly tag: pulumi.Output<string>;
  /**
   * Name of the file; `*` matches any characters except folder separators. Exactly one file must
   * match. Example: `"hello_*_linux_amd64.tar.gz"`.
   */
  declare readonly asset: pulumi.Output<string>;
  /** Name of the file. */
  declare readonly name: pulumi.Output<string>;
  /** Where it was fetched from. */
  declare readonly location: pulumi.Output<string>;
  /**
   * Path of the file, relative to the project's folder. It follows from the digest, not from `name`.
   */
  declare readonly path: pulumi.Output<string>;
  /** Digest of the file. */
  declare readonly digest: pulumi.Output<string>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** What the digest was compared with: the sums file, or the declaration. */
  declare readonly verifiedBy: pulumi.Output<string>;
  /** Who signed, where a signature was verified. */
  declare readonly signedBy: pulumi.Output<string | undefined>;
  /** Files extracted from the archive. */
  declare readonly files: pulumi.Output<Record<string, types.FetchedFile>>;

  constructor(name: string, args: ReleaseAssetArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      name: undefined,
      location: undefined,
      path: undefined,
      digest: undefined,
      size: undefined,
      verifiedBy: undefined,
      signedBy: undefined,
      files: undefined,
    };
    super("slipway:release:Asset", name, properties<typeof releaseAssetDefinition>(outputs, args), options);
  }
}

// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { apkRepositoryDefinition } from "./definitions/apk-repository";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ApkRepository}. */
export type ApkRepositoryArgs = {
  /** Folder that is served, relative to the project's folder. Example: `"dist/alpine"`. */
  directory: pulumi.Input<string>;
  /** What it is, in its indexes. Example: `"Acme tools"`. */
  label: pulumi.Input<string>;
  /** RSA private key that signs packages and indexes, as PEM, a secret: of 2048 bits or more. */
  key: pulumi.Input<string>;
  /** Passphrase of the key, a secret. Default: it has none. */
  passphrase?: pulumi.Input<string | undefined>;
  /**
   * Name of the public key in `/etc/apk/keys`, without `.rsa.pub`: another key needs another name.
   * Example: `"releases@acme.example-1"`.
   */
  keyName: pulumi.Input<string>;
  /**
   * The key that clients have from before: until its day both sign the indexes and both public keys
   * are there, so that nobody has to change at once. Default: none.
   */
  formerKey?: DeepInput<types.FormerApkKey | undefined>;
  /**
   * Whether an index in the folder that another key has signed is gone on with. Default: false, it is
   * refused.
   */
  takeOver?: pulumi.Input<boolean | undefined>;
  /** Packages that are added. */
  packages: DeepInput<types.AddedApk[]>;
  /** Why the release is not for the repository, where it is not: nothing is added. Default: it is. */
  held?: pulumi.Input<string | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * Packages of Alpine in a signed repository: a folder for any static host, with an index for each
 * architecture. Packages come first, and the index that names them last, so that a client that asks
 * meanwhile gets the old repository or the new one. Versions that are there stay, and never get
 * other bytes; adding one reads none of them. An index that was changed or deleted by hand is put
 * back. What leaves the program stays in the repository. (`slipway:apk:Repository`)
 */
export class ApkRepository
  extends pulumi.CustomResource
  implements ObservedProperties<typeof apkRepositoryDefinition>
{
  /** Folder that is served, relative to the project's folder. Example: `"dist/alpine"`. */
  declare readonly directory: pulumi.Output<string>;
  /** What it is, in its indexes. Example: `"Acme tools"`. */
  declare readonly label: pulumi.Output<string>;
  /** RSA private key that signs packages and indexes, as PEM, a secret: of 2048 bits or more. */
  declare readonly key: pulumi.Output<string>;
  /**
   * Name of the public key in `/etc/apk/keys`, without `.rsa.pub`: another key needs another name.
   * Example: `"releases@acme.example-1"`.
   */
  declare readonly keyName: pulumi.Output<string>;
  /** Packages that are added. */
  declare readonly packages: pulumi.Output<types.AddedApk[]>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** The public key, as PEM; the former one after it, where that still signs. */
  declare readonly publicKey: pulumi.Output<string>;
  /** Its indexes as they were left, by architecture. */
  declare readonly served: pulumi.Output<Record<string, types.ApkArchitectureRecord>>;
  /** Digests of packages and key, by path. */
  declare readonly files: pulumi.Output<Record<string, string>>;
  /** Files that are not as they were left, with what they are. */
  declare readonly drifted: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ApkRepositoryArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      publicKey: undefined,
      served: undefined,
      files: undefined,
      drifted: undefined,
    };
    super(
      "slipway:apk:Repository",
      name,
      properties<typeof apkRepositoryDefinition>(outputs, args),
      retained(options),
    );
  }
}

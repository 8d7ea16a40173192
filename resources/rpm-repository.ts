// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { rpmRepositoryDefinition } from "./definitions/rpm-repository";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link RpmRepository}. */
export type RpmRepositoryArgs = {
  /** Folder that is served, relative to the project's folder. Example: `"dist/rpm"`. */
  directory: pulumi.Input<string>;
  /** What it is, as clients show it. Example: `"Acme tools"`. */
  label: pulumi.Input<string>;
  /**
   * Address that the folder is served under, for the `.repo` file that users download. Default: there
   * is none. Example: `"https://rpm.acme.example"`.
   */
  url?: pulumi.Input<string | undefined>;
  /**
   * Armored OpenPGP private key that signs packages and lists, a secret: Ed25519, or RSA of 3072 bits
   * or more.
   */
  key: pulumi.Input<string>;
  /** Passphrase of the key, a secret. Default: it has none. */
  passphrase?: pulumi.Input<string | undefined>;
  /**
   * The key that clients have from before: until its day both sign what names the lists, and while it
   * is declared clients get both, so that packages which it has signed can be installed. Default:
   * none.
   */
  formerKey?: DeepInput<types.FormerKey | undefined>;
  /**
   * For how many days a list that is replaced is kept, for clients that have just asked what it is.
   * Default: 7. Example: `7`.
   */
  keepDays?: pulumi.Input<number | undefined>;
  /**
   * Whether a repository in the folder that another key has signed is gone on with. Default: false,
   * it is refused.
   */
  takeOver?: pulumi.Input<boolean | undefined>;
  /** Name of the key's and `.repo` files, and its id for dnf. Example: `"hello"`. */
  name: pulumi.Input<string>;
  /** Packages that are added. */
  packages: DeepInput<types.AddedRpm[]>;
  /** Why the release is not for the repository, where it is not: nothing is added. Default: it is. */
  held?: pulumi.Input<string | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * RPM packages in a signed repository: a folder for any static host. Packages come first, lists
 * with their digest in their name after them, and what names these last, so that a client that asks
 * meanwhile gets the old repository or the new one. Versions that are there stay, and never get
 * other bytes; adding one reads none of them. A list that was changed or deleted by hand is put
 * back. What leaves the program stays in the repository. (`slipway:rpm:Repository`)
 */
export class RpmRepository
  extends pulumi.CustomResource
  implements ObservedProperties<typeof rpmRepositoryDefinition>
{
  /** Folder that is served, relative to the project's folder. Example: `"dist/rpm"`. */
  declare readonly directory: pulumi.Output<string>;
  /** What it is, as clients show it. Example: `"Acme tools"`. */
  declare readonly label: pulumi.Output<string>;
  /**
   * Armored OpenPGP private key that signs packages and lists, a secret: Ed25519, or RSA of 3072 bits
   * or more.
   */
  declare readonly key: pulumi.Output<string>;
  /** Name of the key's and `.repo` files, and its id for dnf. Example: `"hello"`. */
  declare readonly name: pulumi.Output<string>;
  /** Packages that are added. */
  declare readonly packages: pulumi.Output<types.AddedRpm[]>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** The public key, armored; the former one after it, where that is declared. */
  declare readonly publicKey: pulumi.Output<string>;
  /** Its lists as they were left. */
  declare readonly served: pulumi.Output<types.RpmRepositoryRecord>;
  /** Digests of packages, key and `.repo` file, by path. */
  declare readonly files: pulumi.Output<Record<string, string>>;
  /** Lists that are kept for a while after they were replaced, with when that was. */
  declare readonly superseded: pulumi.Output<Record<string, string>>;
  /** Files that are not as they were left, with what they are. */
  declare readonly drifted: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: RpmRepositoryArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      publicKey: undefined,
      served: undefined,
      files: undefined,
      superseded: undefined,
      drifted: undefined,
    };
    super(
      "slipway:rpm:Repository",
      name,
      properties<typeof rpmRepositoryDefinition>(outputs, args),
      retained(options),
    );
  }
}

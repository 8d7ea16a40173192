// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { aptRepositoryDefinition } from "./definitions/apt-repository";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link AptRepository}. */
export type AptRepositoryArgs = {
  /** Folder that is served, relative to the project's folder. Example: `"dist/apt"`. */
  directory: pulumi.Input<string>;
  /** Component. Default: `main`. Example: `"main"`. */
  component?: pulumi.Input<string | undefined>;
  /** Who publishes it, as clients show it and rules of priority name it. Example: `"Acme"`. */
  origin: pulumi.Input<string>;
  /** What it is, for the same. Default: the origin. Example: `"Acme tools"`. */
  label?: pulumi.Input<string | undefined>;
  /** One line about it. Default: none. Example: `"Tools by Acme"`. */
  description?: pulumi.Input<string | undefined>;
  /**
   * Address that the folder is served under, for the `.sources` files that users download. Default:
   * there are none. Example: `"https://apt.acme.example"`.
   */
  url?: pulumi.Input<string | undefined>;
  /**
   * Armored OpenPGP private key that signs the indexes, a secret: Ed25519, or RSA of 3072 bits or
   * more.
   */
  key: pulumi.Input<string>;
  /** Passphrase of the key, a secret. Default: it has none. */
  passphrase?: pulumi.Input<string | undefined>;
  /**
   * The key that clients have from before: while it is declared, both sign the indexes and both are
   * in the sources, so that nobody has to change at once. Default: none.
   */
  formerKey?: DeepInput<types.FormerKey | undefined>;
  /**
   * For how many days clients believe an index (`Valid-Until`); an update signs it anew when half of
   * that is left. Default: for good. Example: `30`.
   */
  validDays?: pulumi.Input<number | undefined>;
  /**
   * For how many days an index that is replaced is kept, for clients that have just asked what it is.
   * Default: 7. Example: `7`.
   */
  keepDays?: pulumi.Input<number | undefined>;
  /**
   * Whether a suite in the folder that another key has signed is gone on with. Default: false, it is
   * refused.
   */
  takeOver?: pulumi.Input<boolean | undefined>;
  /** Name of the key's and sources' files. Example: `"hello"`. */
  name: pulumi.Input<string>;
  /** Suites that the packages are added to. Example: `["stable","testing"]`. */
  suites: DeepInput<string[]>;
  /** Packages that are added. */
  packages: DeepInput<types.AddedPackage[]>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * Debian packages in a signed APT repository: a folder for any static host. Packages come first,
 * indexes under their digests after them, and what names these last, so that a client that asks
 * meanwhile gets the old repository or the new one. Versions that are there stay, and never get
 * other bytes; adding one reads none of them. An index that was changed or deleted by hand is put
 * back. What leaves the program stays in the repository. (`slipway:apt:Repository`)
 */
export class AptRepository
  extends pulumi.CustomResource
  implements ObservedProperties<typeof aptRepositoryDefinition>
{
  /** Folder that is served, relative to the project's folder. Example: `"dist/apt"`. */
  declare readonly directory: pulumi.Output<string>;
  /** Who publishes it, as clients show it and rules of priority name it. Example: `"Acme"`. */
  declare readonly origin: pulumi.Output<string>;
  /**
   * Armored OpenPGP private key that signs the indexes, a secret: Ed25519, or RSA of 3072 bits or
   * more.
   */
  declare readonly key: pulumi.Output<string>;
  /** Name of the key's and sources' files. Example: `"hello"`. */
  declare readonly name: pulumi.Output<string>;
  /** Suites that the packages are added to. Example: `["stable","testing"]`. */
  declare readonly suites: pulumi.Output<string[]>;
  /** Packages that are added. */
  declare readonly packages: pulumi.Output<types.AddedPackage[]>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** The public key, armored; the former one after it, where that still signs. */
  declare readonly publicKey: pulumi.Output<string>;
  /** Suites of the repository as they were left. */
  declare readonly served: pulumi.Output<Record<string, types.SuiteRecord>>;
  /** Digests of packages, key and sources, by path. */
  declare readonly files: pulumi.Output<Record<string, string>>;
  /** Indexes that are kept under their digests for a while, with when they were replaced. */
  declare readonly superseded: pulumi.Output<Record<string, string>>;
  /** Files that are not as they were left, with what they are. */
  declare readonly drifted: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AptRepositoryArgs, options?: pulumi.CustomResourceOptions) {
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
      "slipway:apt:Repository",
      name,
      properties<typeof aptRepositoryDefinition>(outputs, args),
      retained(options),
    );
  }
}

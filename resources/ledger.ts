// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { ledgerDefinition } from "./definitions/ledger";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import { withSecretSigner } from "./signer-arguments";
import type * as types from "./types";

/** Arguments of {@link Ledger}. */
export type LedgerArgs = {
  /**
   * Version that is published. Default: none, e.g. a branch is; earlier ones stay watched. Example:
   * `"v1.2.3"`.
   */
  version?: pulumi.Input<string | undefined>;
  /** Images, in each place that has them. */
  images: DeepInput<types.TaggedImage[]>;
  /** Signatures, SBOMs and statements that are attached to the images. Default: none. */
  proofs?: DeepInput<types.PublishedProof[] | undefined>;
  /** Releases. Default: none. */
  releases?: DeepInput<types.PublishedRelease[] | undefined>;
  /**
   * Catalogs that others fill, which the list has of each version as they are declared when that is
   * published first. Default: none.
   */
  catalogs?: DeepInput<types.ListedCatalog[] | undefined>;
  /** Which earlier versions every preview looks at. Default: all. */
  watch?: DeepInput<types.Watch | undefined>;
  /**
   * Which versions are given up, as the retention of the images has it: they are looked at no more.
   * Default: none.
   */
  retired?: DeepInput<types.RetiredVersions | undefined>;
  /** Signer of the published list. Default: none; it is not signed. */
  signer?: DeepInput<types.Signer | undefined>;
};

/**
 * What a stack has published: each version with its tags, their proofs, and the files of its
 * releases, by digest. Every preview looks whether the earlier versions are still so, with one
 * request a tag, and one for the proofs of each image; what somebody moved or deleted is named, and
 * put back by `up` from wherever the content still is. Versions, tags and files that other
 * resources declare now are those resources' business. What was published is listed for machines in
 * `releases.json`, at the root of a release folder and beside the files of a release on GitHub.
 * (`slipway:release:Ledger`)
 */
export class Ledger extends pulumi.CustomResource implements ObservedProperties<typeof ledgerDefinition> {
  /** Images, in each place that has them. */
  declare readonly images: pulumi.Output<types.TaggedImage[]>;
  /**
   * What was published, by version, as a text: when it was first noted, and in further lines its
   * version tags, the proofs of what they point to, and the files of its releases, each with its
   * digest.
   */
  declare readonly versions: pulumi.Output<Record<string, string>>;
  /** Aliases of earlier versions, by `repository:tag`: whose each of them was last. */
  declare readonly aliases: pulumi.Output<Record<string, types.LastAlias>>;
  /** `releases.json`, which is published beside the releases. */
  declare readonly list: pulumi.Output<types.PublishedList | undefined>;
  /** What is not as it was published: the digest that it has instead, or `gone`. */
  declare readonly drift: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: LedgerArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { versions: undefined, aliases: undefined, list: undefined, drift: undefined };
    super(
      "slipway:release:Ledger",
      name,
      properties<typeof ledgerDefinition>(outputs, withSecretSigner(args)),
      retained(options),
    );
  }
}

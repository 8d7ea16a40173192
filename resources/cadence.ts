// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { cadenceDefinition } from "./definitions/cadence";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Cadence}. */
export type CadenceArgs = {
  /** Repositories of the images. Example: `["ghcr.io/acme/hello"]`. */
  images: DeepInput<string[]>;
  /** Tags that this run publishes: by them newer versions are told. Default: none. */
  tags?: DeepInput<types.DeclaredTag[] | undefined>;
  /**
   * How old a published image may become before it is built again. Default: it may be of any age.
   * Example: `"31d"`.
   */
  rebuild?: pulumi.Input<string | undefined>;
  /**
   * How old the digests of a lock may become before they are taken anew. Default: of any age.
   * Example: `"92d"`.
   */
  refresh?: pulumi.Input<string | undefined>;
  /** Lock of the digests, for `refresh`. */
  lock?: DeepInput<types.LockUse | undefined>;
};

/**
 * How often images are built again, and the digests of their bases taken anew. Every preview and
 * update asks each repository for its newest stable version, and warns of what is overdue. When a
 * version was built is told, in this order, by the date in the tag of its rebuild, by what the
 * stack has noted of it, and by `org.opencontainers.image.created`; when digests were taken by the
 * lock. It makes nothing. (`slipway:release:Cadence`)
 */
export class Cadence extends pulumi.CustomResource implements ObservedProperties<typeof cadenceDefinition> {
  /** Repositories of the images. Example: `["ghcr.io/acme/hello"]`. */
  declare readonly images: pulumi.Output<string[]>;
  /** What is overdue, and since when, in a sentence each. */
  declare readonly overdue: pulumi.Output<string[]>;

  constructor(name: string, args: CadenceArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { overdue: undefined };
    super("slipway:release:Cadence", name, properties<typeof cadenceDefinition>(outputs, args), options);
  }
}

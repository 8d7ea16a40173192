// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { observedCatalogDefinition } from "./definitions/observed-catalog";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ObservedCatalog}. */
export type ObservedCatalogArgs = {
  /** Its name. Example: `"homebrew-core"`. */
  catalog: pulumi.Input<string>;
  /** Where a catalog says which version it has. */
  probe: DeepInput<types.CatalogProbe>;
  /** Version that was released. Example: `"v1.4.0"`. */
  version: pulumi.Input<string>;
  /**
   * `live`: it follows each release; `pending`: it is not listed yet; `deprecated`: it stays as it
   * is. Default: `live`.
   */
  expect?: pulumi.Input<"live" | "pending" | "deprecated" | undefined>;
  /**
   * For how long after a release it may have an earlier version: then it is `behind`. Default: `7d`.
   * Example: `"7d"`.
   */
  grace?: pulumi.Input<string | undefined>;
};

/**
 * A catalog that others fill, such as homebrew-core: which version it has is looked at, by an
 * update that brings a new version and by each refresh. It is never written to, and no state of it
 * fails a run. What cannot be read is `unknown`. (`slipway:channel:Observed`)
 */
export class ObservedCatalog
  extends pulumi.CustomResource
  implements ObservedProperties<typeof observedCatalogDefinition>
{
  /** Its name. Example: `"homebrew-core"`. */
  declare readonly catalog: pulumi.Output<string>;
  /** Where a catalog says which version it has. */
  declare readonly probe: pulumi.Output<types.CatalogProbe>;
  /** Version that was released. Example: `"v1.4.0"`. */
  declare readonly version: pulumi.Output<string>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Highest version that it has, as the project would write it. */
  declare readonly found: pulumi.Output<string | undefined>;
  /** When the version was released, as ISO 8601. */
  declare readonly since: pulumi.Output<string>;

  constructor(name: string, args: ObservedCatalogArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      found: undefined,
      since: undefined,
    };
    super(
      "slipway:channel:Observed",
      name,
      properties<typeof observedCatalogDefinition>(outputs, args),
      options,
    );
  }
}

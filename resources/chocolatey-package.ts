// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { chocolateyPackageDefinition } from "./definitions/chocolatey-package";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ChocolateyPackage}. */
export type ChocolateyPackageArgs = {
  /** Id of the package. Example: `"hello"`. */
  packageId: pulumi.Input<string>;
  /** Version as feeds have it. Example: `"1.2.0-rc0001"`. */
  version: pulumi.Input<string>;
  /** The package, relative to the project's folder. Example: `"dist/hello.1.2.0.nupkg"`. */
  path: pulumi.Input<string>;
  /**
   * Digest that the file must have, where another resource makes it. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest?: pulumi.Input<string | undefined>;
  /**
   * Feed. Default: the community's, `https://community.chocolatey.org/api/v2/` and
   * `https://push.chocolatey.org/`.
   */
  feed?: DeepInput<types.ChocolateyFeed | undefined>;
  /** Key that may push, a secret. It goes to the host of the pushes alone. */
  apiKey?: pulumi.Input<string | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * A version of a package in a feed that `choco` installs from. A version that the feed has with the
 * same bytes is left alone; one that it has with others is refused with both digests, because a
 * listed version never changes. While moderators have it in their queue it is `awaiting`, which is
 * no drift; a push that they put off is tried again by the next update. Removing the resource
 * leaves the package. (`slipway:chocolatey:Package`)
 */
export class ChocolateyPackage
  extends pulumi.CustomResource
  implements ObservedProperties<typeof chocolateyPackageDefinition>
{
  /** Id of the package. Example: `"hello"`. */
  declare readonly packageId: pulumi.Output<string>;
  /** Version as feeds have it. Example: `"1.2.0-rc0001"`. */
  declare readonly version: pulumi.Output<string>;
  /** The package, relative to the project's folder. Example: `"dist/hello.1.2.0.nupkg"`. */
  declare readonly path: pulumi.Output<string>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Hash of the package that the feed has, or has taken; absent where it has none. */
  declare readonly published: pulumi.Output<string | undefined>;

  constructor(name: string, args: ChocolateyPackageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { state: undefined, reason: undefined, awaitingSince: undefined, published: undefined };
    super(
      "slipway:chocolatey:Package",
      name,
      properties<typeof chocolateyPackageDefinition>(outputs, args),
      retained(options),
    );
  }
}

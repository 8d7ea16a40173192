// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { npmPackageDefinition } from "./definitions/npm-package";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link NpmPackage}. */
export type NpmPackageArgs = {
  /** Tarballs, those that others depend on first. */
  packages: DeepInput<types.NpmTarball[]>;
  /** Registry. Default: npm's own. Example: `"https://registry.npmjs.org"`. */
  registry?: pulumi.Input<string | undefined>;
  /** Token that may publish, a secret. */
  token?: pulumi.Input<string | undefined>;
  /** Who may see a new package with a scope. Default: `public`. */
  access?: pulumi.Input<"public" | "restricted" | undefined>;
  /** Tag of pre-releases. Default: `next`. Example: `"beta"`. */
  prereleaseTag?: pulumi.Input<string | undefined>;
  /**
   * Whether versions are staged: somebody approves them with a second factor before anybody can
   * install them, and the state is `staged` until then. Default: false, they are published.
   */
  staged?: pulumi.Input<boolean | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * The packages of one release in a registry of npm: a package, or packages of a program for its
 * platforms and the one that depends on them. All are published under a tag that nobody installs
 * by; when all are there, `latest` moves to them in the order of the declaration, and never to a
 * lower version; a pre-release has `next`, or the tag that is declared. A version that is there
 * with the same bytes is left alone, with others it is refused before anything is published.
 * Removing the resource leaves the packages. (`slipway:npm:Package`)
 */
export class NpmPackage
  extends pulumi.CustomResource
  implements ObservedProperties<typeof npmPackageDefinition>
{
  /** Tarballs, those that others depend on first. */
  declare readonly packages: pulumi.Output<types.NpmTarball[]>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** The packages as the registry has them, in the order of the declaration. */
  declare readonly published: pulumi.Output<types.PublishedNpmPackage[]>;

  constructor(name: string, args: NpmPackageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { state: undefined, reason: undefined, awaitingSince: undefined, published: undefined };
    super(
      "slipway:npm:Package",
      name,
      properties<typeof npmPackageDefinition>(outputs, args),
      retained(options),
    );
  }
}

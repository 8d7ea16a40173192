// Made from resources/definitions/ by `npm run format`; changes here are lost.
/* eslint-disable @typescript-eslint/no-explicit-any -- the definition takes anything there */
import * as pulumi from "@pulumi/pulumi";
import type { provenanceDefinition } from "./definitions/provenance";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import { withSecretSigner } from "./signer-arguments";
import type * as types from "./types";

/** Arguments of {@link Provenance}. */
export type ProvenanceArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** The index, and the manifest of each platform. */
  subjects: DeepInput<types.Subject[]>;
  /** How the parameters are to be read, a URI. Example: `"https://example.com/build/v1"`. */
  buildType: pulumi.Input<string>;
  /** What was declared. */
  parameters?: DeepInput<Record<string, any> | undefined>;
  /** What the build took from elsewhere, by digest. */
  dependencies?: DeepInput<types.BuildDependency[] | undefined>;
  /** The source tree. Default: what git says of the project's folder. */
  source?: DeepInput<types.SourceTree | undefined>;
  /**
   * Identifier of who ran the build. Default: the CI service's workflow, else
   * `urn:slipway:builder:local`.
   */
  builder?: pulumi.Input<string | undefined>;
  /** Who signs the statements. Default: nobody. */
  signer?: DeepInput<types.Signer | undefined>;
};

/**
 * The SLSA v1 provenance of an image, as an in-toto statement about its index and each platform's
 * manifest. It is made when a digest is published first, and stays what it was: a later revision
 * that builds the same digest is no news. Values that are secrets of the program are not in it.
 * (`slipway:trust:Provenance`)
 */
export class Provenance
  extends pulumi.CustomResource
  implements ObservedProperties<typeof provenanceDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** The index, and the manifest of each platform. */
  declare readonly subjects: pulumi.Output<types.Subject[]>;
  /** How the parameters are to be read, a URI. Example: `"https://example.com/build/v1"`. */
  declare readonly buildType: pulumi.Output<string>;
  /** The statements in the registry. */
  declare readonly attestations: pulumi.Output<types.AttachedStatement[]>;
  /** What the registry lacks of them, each with the reason. */
  declare readonly missing: pulumi.Output<string[]>;
  /** One fact for each statement. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;
  /** The predicate, as it was published. */
  declare readonly predicate: pulumi.Output<any>;

  constructor(name: string, args: ProvenanceArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      attestations: undefined,
      missing: undefined,
      evidence: undefined,
      predicate: undefined,
    };
    super(
      "slipway:trust:Provenance",
      name,
      properties<typeof provenanceDefinition>(outputs, withSecretSigner(args)),
      retained(options),
    );
  }
}

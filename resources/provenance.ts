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
  /** URI that defines how to read the parameters. Example: `"https://example.com/build/v1"`. */
  buildType: pulumi.Input<string>;
  /** What was declared. */
  parameters?: DeepInput<Record<string, any> | undefined>;
  /** External content that the build used, by digest. */
  dependencies?: DeepInput<types.BuildDependency[] | undefined>;
  /**
   * The source tree. What is not given is what git reports for the project's folder. A change of it
   * alone makes no other provenance: a digest keeps the one with which it was published.
   */
  source?: DeepInput<types.SourceTree | undefined>;
  /**
   * Identifier of whoever ran the build. Default: the CI service's workflow, else
   * `urn:slipway:builder:local`.
   */
  builder?: pulumi.Input<string | undefined>;
  /** Signer of the statements. Default: none; they are unsigned. */
  signer?: DeepInput<types.Signer | undefined>;
};

/**
 * The SLSA v1 provenance of an image, as an in-toto statement about its index and each platform's
 * manifest. It is made when a digest is first published, and does not change when a later revision
 * builds the same digest. Secret values of the program are left out. (`slipway:trust:Provenance`)
 */
export class Provenance
  extends pulumi.CustomResource
  implements ObservedProperties<typeof provenanceDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** The index, and the manifest of each platform. */
  declare readonly subjects: pulumi.Output<types.Subject[]>;
  /** URI that defines how to read the parameters. Example: `"https://example.com/build/v1"`. */
  declare readonly buildType: pulumi.Output<string>;
  /** The statements in the registry. */
  declare readonly attestations: pulumi.Output<types.AttachedStatement[]>;
  /** Statements missing from the registry, each with the reason. */
  declare readonly missing: pulumi.Output<string[]>;
  /** One fact for each statement. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;
  /**
   * The predicate as published. That of one platform's manifest is without the dependencies of other
   * platforms.
   */
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

import * as pulumi from "@pulumi/pulumi";
import type { attestationDefinition } from "./definitions/attestation";
import type { provenanceDefinition } from "./definitions/provenance";
import { withSecretSigner } from "./signer-arguments";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof attestationDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Attestation}. */
export type AttestationArgs = ArgumentsOf<Definition, "fileDigests">;

/** In-toto statements about digests, attached as referrers (`slipway:trust:Attestation`). */
export class Attestation extends pulumi.CustomResource {
  declare readonly attestations: pulumi.Output<Outputs["attestations"]>;
  /** What the registry lacks of them. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: AttestationArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["attestations", "missing", "evidence"] as const;
    super(
      "slipway:trust:Attestation",
      name,
      withOutputs<Definition>(withSecretSigner(args), outputs),
      retained(options),
    );
  }
}

/** Arguments of {@link Provenance}. */
export type ProvenanceArgs = ArgumentsOf<typeof provenanceDefinition>;

/** The SLSA provenance of an image (`slipway:trust:Provenance`). */
export class Provenance extends pulumi.CustomResource {
  declare readonly attestations: pulumi.Output<Outputs["attestations"]>;
  /** What the registry lacks of them. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;
  /** The predicate, as it was published. */
  declare readonly predicate: pulumi.Output<OutputsOf<typeof provenanceDefinition>["predicate"]>;

  constructor(name: string, args: ProvenanceArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["attestations", "missing", "evidence", "predicate"] as const;
    const properties = withOutputs<typeof provenanceDefinition>(withSecretSigner(args), outputs);
    super("slipway:trust:Provenance", name, properties, retained(options));
  }
}

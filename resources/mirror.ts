import * as pulumi from "@pulumi/pulumi";
import type { mirrorDefinition, mirrorGateDefinition } from "./definitions/mirror";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof mirrorDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Mirror}. */
export type MirrorArgs = ArgumentsOf<Definition, "pointers" | "rootDigest">;

/** A digest and all that refers to it, equal in another repository (`slipway:oci:Mirror`). */
export class Mirror extends pulumi.CustomResource {
  /** Where it goes. */
  declare readonly target: pulumi.Output<string>;
  /** Digest that each tag of the target has. */
  declare readonly pointers: pulumi.Output<Outputs["pointers"]>;
  /** Digest in the target. */
  declare readonly rootDigest: pulumi.Output<Outputs["rootDigest"]>;
  /** What the target lacks. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;

  constructor(name: string, args: MirrorArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["pointers", "rootDigest", "missing"] as const;
    super("slipway:oci:Mirror", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}

/** Arguments of {@link MirrorGate}. */
export type MirrorGateArgs = ArgumentsOf<typeof mirrorGateDefinition>;

/** Fails a run in which a mirror could not be completed (`slipway:oci:MirrorGate`). */
export class MirrorGate extends pulumi.CustomResource {
  /** Number of mirrors that are complete. */
  declare readonly complete: pulumi.Output<number>;

  constructor(name: string, args: MirrorGateArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "slipway:oci:MirrorGate",
      name,
      withOutputs<typeof mirrorGateDefinition>(args, ["complete"] as const),
      options,
    );
  }
}

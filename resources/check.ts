import * as pulumi from "@pulumi/pulumi";
import type { checkDefinition } from "./definitions/check";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof checkDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Check}. */
export type CheckArgs = ArgumentsOf<Definition>;

/** Something that has to hold before promotion, or after publication (`slipway:gate:Check`). */
export class Check extends pulumi.CustomResource {
  declare readonly result: pulumi.Output<Outputs["result"]>;
  /** What was seen, in one line. */
  declare readonly detail: pulumi.Output<Outputs["detail"]>;
  /** Last lines of what the other side printed or answered. */
  declare readonly output: pulumi.Output<Outputs["output"]>;
  /** When the check ran, RFC 3339. */
  declare readonly checkedAt: pulumi.Output<Outputs["checkedAt"]>;
  /** How long it took, in seconds. */
  declare readonly durationSeconds: pulumi.Output<Outputs["durationSeconds"]>;
  /** The result as evidence about `subject`. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: CheckArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["result", "detail", "output", "checkedAt", "durationSeconds", "evidence"] as const;
    super("slipway:gate:Check", name, withOutputs<Definition>(args, outputs), options);
  }
}

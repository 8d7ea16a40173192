import * as pulumi from "@pulumi/pulumi";
import type { scanDefinition } from "./definitions/scan";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof scanDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Scan}. */
export type ScanArgs = ArgumentsOf<Definition>;

/** A gate that images pass only when a scanner finds nothing over the threshold (`slipway:trust:Scan`). */
export class Scan extends pulumi.CustomResource {
  /** The result for each platform. */
  declare readonly verdicts: pulumi.Output<Outputs["verdicts"]>;
  /** Time of the scan. */
  declare readonly scannedAt: pulumi.Output<string>;
  /** Name and version of the scanner. */
  declare readonly scannerVersion: pulumi.Output<string | undefined>;
  /** When its database was made. */
  declare readonly databaseTime: pulumi.Output<string | undefined>;
  /** Reports in the registry. */
  declare readonly reports: pulumi.Output<Outputs["reports"]>;
  /** Reports that the registry has lost. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  /** The images that the indexes among the subjects list. */
  declare readonly children: pulumi.Output<Outputs["children"]>;
  /** What is known of each subject, for what publishes it and for policies. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: ScanArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = [
      "verdicts",
      "scannedAt",
      "scannerVersion",
      "databaseTime",
      "reports",
      "missing",
      "children",
      "evidence",
    ] as const;
    super("slipway:trust:Scan", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}

import type { DistributionDeclaration } from "./declaration/declaration";
import type { GateRule } from "./gates";

/** Declaration of a distribution. */
export interface DistributionArgs extends Omit<DistributionDeclaration, "gates" | "afterPublication"> {
  /**
   * Resources that must succeed before anything points to the images. They get the images by
   * digest.
   */
  gates?: GateRule;
  /** Resources that check what was published. */
  afterPublication?: GateRule;
}

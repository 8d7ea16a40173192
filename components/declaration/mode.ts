import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";

/**
 * Returns whether a run publishes: a test, a pull request, and the modes `build` and `load` do not.
 */
export function publishes({
  environment,
  pullRequest,
  mode = "publish",
}: Pick<DistributionDeclaration, "environment" | "pullRequest" | "mode">): boolean {
  return environment !== "test" && pullRequest === undefined && mode === "publish";
}

/** Returns what is declared to publish where nothing is published. */
export function modeFindings(args: DistributionDeclaration): Finding[] {
  if (args.mode !== "publish" || publishes(args)) return [];
  const because = args.environment === "test" ? `environment: "test"` : "a pullRequest";
  const reason = `"publish" contradicts ${because}, which publishes nothing (a valid example: mode: "build")`;
  return [{ property: "mode", reason }];
}

import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { githubPlace } from "./metrics-place";

/** Returns what nobody could be asked. */
export function metricsFindings(args: DistributionDeclaration): Finding[] {
  const { workflows, branch, feedback } = args.metrics ?? {};
  const needed = Object.entries({ workflows, branch, feedback }).find(
    ([, value]) => value !== undefined,
  )?.[0];
  if (needed === undefined || githubPlace(args) !== undefined) return [];
  const reason =
    `${needed} is of a repository of GitHub, and neither release nor source is one: name it ` +
    '(a valid example: repository: "acme/hello")';
  return [{ property: "metrics.repository", reason }];
}

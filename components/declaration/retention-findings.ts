import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { semverTags } from "./tag-rules";

/** Returns what of a retention can never be about anything: it would look as if it removed something. */
export function retentionFindings({ retention, tags = semverTags() }: DistributionDeclaration): Finding[] {
  if (retention === undefined) return [];
  const names = tags.names ?? [];
  const lacks: readonly [property: keyof typeof retention, isKnown: boolean, example: string][] = [
    ["versions", names.some(({ kind }) => kind === "version"), "semverTags()"],
    ["prereleases", names.some(({ kind }) => kind === "version"), "semverTags()"],
    ["rebuilds", names.some(({ kind, calendar }) => kind === "version" && !calendar), "semverTags()"],
    [
      "branches",
      names.some(({ kind, prefix }) => kind === "branch" && prefix),
      'branchTags({ prefix: "branch-" }); without a prefix any tag could be a branch\'s',
    ],
    [
      "commits",
      names.some(({ commit = [] }) => commit.length > 0),
      'channelTags("dev", { commit: ["short"] })',
    ],
    ["dates", names.some(({ kind }) => kind === "channel"), 'channelTags("nightly")'],
    ["pullRequests", names.some(({ kind }) => kind === "pullRequest"), "pullRequestTags()"],
  ];
  return lacks
    .filter(([property, isKnown]) => retention[property] !== undefined && !isKnown)
    .map(([property, , example]) => ({
      property: `retention.${property}`,
      reason: `no rule in \`tags\` gives such tags, so nothing would ever go (a valid example: ${example})`,
    }));
}

import { diffSum } from "./diff-summary";
import { shownDigest, type AssetChange, type ReleaseDiff } from "./release-diff";
import { contentNotKnown, shownSizes, type SizeChange } from "./size-changes";
import { stepSigns } from "./step-names";

/** A diff for a terminal: a paragraph for each kind of change. */
export function diffText(diff: ReleaseDiff): string {
  const sections: [title: string, lines: string[]][] = [
    ["", [...diff.versions]],
    [
      "tags",
      diff.tags.map(({ repository, tag, change, from, to }) =>
        change === "made"
          ? `+ ${repository}:${tag}  ${shownDigest(to)}`
          : `~ ${repository}:${tag}  ${shownDigest(from)} → ${shownDigest(to)}`,
      ),
    ],
    ["sizes", [...diff.sizes.map(sizeLine), ...(diff.isContentNotKnown ? [contentNotKnown] : [])]],
    ["files", [...diff.assets.map(assetLine), ...notKnownFiles(diff)]],
    [
      "resources",
      diff.resources.map(({ operation, kind, name, changes }) =>
        `${stepSigns[operation] ?? "~"} ${kind}  ${name}  ${changes}`.trimEnd(),
      ),
    ],
    [
      "what is said",
      diff.notes.map(({ about, severity, text }) => {
        const place = about === "" ? "" : `${about}: `;
        return `${severity === "warning" ? "warning: " : ""}${place}${text}`;
      }),
    ],
    [
      "policies",
      diff.policies.map(({ policy, mandatory, about, text }) => {
        const who = about.length === 0 ? "" : ` (${about.join(", ")})`;
        return `${mandatory ? "refused" : "warning"} by ${policy}${who}: ${text}`;
      }),
    ],
    ["for people", diff.forPeople.map(({ about, text }) => `${about}: ${text}`)],
    ["errors", [...diff.errors]],
  ];
  return textDocument(sections, diffSum(diff));
}

/** Paragraphs of lines, each below its title, and a last line. */
export function textDocument(
  sections: readonly (readonly [title: string, lines: readonly string[]])[],
  sum: string,
): string {
  const paragraphs = sections.flatMap(([title, lines]) => {
    if (lines.length === 0) return [];
    if (title === "") return [lines.join("\n")];
    return [`${title}:\n${lines.map((line) => `  ${line.replaceAll("\n", "\n    ")}`).join("\n")}`];
  });
  return [...paragraphs, sum].join("\n\n");
}

function sizeLine(change: SizeChange): string {
  return `${[change.name, change.platform].filter(Boolean).join(" ")}  ${shownSizes(change)}`;
}

function assetLine({ release, name, change, from, to }: AssetChange): string {
  if (change === "removed") return `- ${release}: ${name}`;
  return change === "made"
    ? `+ ${release}: ${name}  ${shownDigest(to)}`
    : `~ ${release}: ${name}  ${shownDigest(from)} → ${shownDigest(to)}`;
}

/** A line about files of which a preview knows no names. */
export function notKnownFiles({ assetsNotKnown: count }: Pick<ReleaseDiff, "assetsNotKnown">): string[] {
  return count === 0 ? [] : [`and ${count} that the preview does not know yet`];
}

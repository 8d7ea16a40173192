import { markdownText } from "../text/markdown";
import { diffSum } from "./diff-summary";
import { notKnownFiles } from "./diff-text";
import {
  block,
  code,
  indented,
  longestComment,
  markdownDocument,
  type MarkdownSection,
} from "./markdown-document";
import { shownDigest, type ReleaseDiff } from "./release-diff";
import { contentNotKnown, shownSizes } from "./size-changes";

/**
 * A diff as Markdown for a comment in a pull request: what is published first, the rest folded.
 *
 * @param limit most characters
 */
export function diffMarkdown(diff: ReleaseDiff, title: string, limit = longestComment): string {
  return markdownDocument(
    { title, intro: diff.versions, sections: sectionsOf(diff), sum: diffSum(diff) },
    limit,
  );
}

function sectionsOf(diff: ReleaseDiff): MarkdownSection[] {
  return [
    { title: "Errors", rows: diff.errors.map((text) => [block(text)]) },
    {
      title: "Policies",
      head: ["", "policy", "about", "finding"],
      rows: diff.policies.map(({ policy, mandatory, about, text }) => [
        mandatory ? "refused" : "warning",
        code(policy),
        about.map(code).join(", "),
        markdownText(text),
      ]),
    },
    {
      title: "For people",
      rows: diff.forPeople.map(({ about, text }) => [`- ${code(about)}: ${markdownText(text)}`]),
    },
    {
      title: "Tags",
      head: ["", "tag", "before", "after"],
      rows: diff.tags.map(({ repository, tag, change, from, to }) => [
        change,
        code(`${repository}:${tag}`),
        change === "made" ? "" : code(shownDigest(from)),
        code(shownDigest(to)),
      ]),
    },
    {
      title: "Sizes",
      head: ["what", "platform", "size"],
      rows: diff.sizes.map((change) => [code(change.name), change.platform ?? "", shownSizes(change)]),
      below: diff.isContentNotKnown ? [contentNotKnown] : [],
    },
    {
      title: "Files",
      head: ["", "file", "before", "after"],
      rows: diff.assets.map(({ release, name, change, from, to }) => [
        change,
        `${code(name)} of ${code(release)}`,
        change === "made" ? "" : code(shownDigest(from)),
        change === "removed" ? "" : code(shownDigest(to)),
      ]),
      below: notKnownFiles(diff),
    },
    {
      title: "What is said",
      rows: diff.notes.map(({ about, severity, text }) => {
        const place = about === "" ? "" : `${code(about)}: `;
        const [first = "", ...further] = text.split("\n");
        const line = `- ${severity === "warning" ? "**warning**: " : ""}${place}${markdownText(first)}`;
        return [further.length === 0 ? line : `${line}\n\n${indented(block(further.join("\n")))}`];
      }),
    },
    {
      title: "Resources",
      head: ["", "type", "name", "changes"],
      rows: diff.resources.map(({ operation, kind, name, changes }) => [
        operation,
        code(kind),
        code(name),
        markdownText(changes),
      ]),
      folded: true,
    },
  ];
}

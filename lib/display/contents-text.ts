import type {
  ContentsDifference,
  PackageDifference,
  SizeDifference,
  VulnerabilityDifference,
} from "../contents/compare-contents";
import { shownBytes, shownGrowth } from "./byte-sizes";
import { textDocument } from "./diff-text";
import { code, longestComment, markdownDocument, type MarkdownSection } from "./markdown-document";
import { markdownText } from "../text/markdown";
import { cleanLine } from "../text/terminal";

/** How what is in two releases differs, for a terminal. */
export function contentsText(difference: ContentsDifference, title: string): string {
  const { sizes, packages, vulnerabilities, notKnown } = difference;
  return textDocument(
    [
      ["", [title]],
      ["sizes", sizes.map((size) => `${size.image} ${size.platform}  ${shownSize(size)}`)],
      ["vulnerabilities", vulnerabilities.map((one) => cleanLine(vulnerabilityLine(one)))],
      [
        "packages",
        packages.map((one) =>
          cleanLine(`${signs[one.change]} ${one.package}  ${versionsOf(one)}  (${one.in.join(", ")})`),
        ),
      ],
      ["not known", notKnown],
    ],
    contentsSum(difference),
  );
}

/** The same as Markdown for a comment. */
export function contentsMarkdown(
  difference: ContentsDifference,
  title: string,
  limit = longestComment,
): string {
  const { sizes, packages, vulnerabilities, notKnown } = difference;
  const places = (list: readonly string[]) => list.map(code).join(", ");
  const sections: MarkdownSection[] = [
    {
      title: "Vulnerabilities",
      head: ["", "severity", "vulnerability", "package", "fixed in", "image"],
      rows: vulnerabilities.map(({ change, finding, in: where }) => [
        change,
        finding.severity,
        code(finding.id),
        code([finding.package, finding.version].filter(Boolean).join(" ")),
        markdownText(finding.fixedVersion ?? ""),
        places(where),
      ]),
    },
    {
      title: "Sizes",
      head: ["image", "platform", "size"],
      rows: sizes.map((size) => [code(size.image), size.platform, shownSize(size)]),
    },
    {
      title: "Packages",
      head: ["", "package", "before", "after", "image"],
      rows: packages.map((one) => [
        one.change,
        code(one.package),
        code(one.from.join(", ")),
        code(one.to.join(", ")),
        places(one.in),
      ]),
      folded: true,
    },
    { title: "Not known", rows: notKnown.map((text) => [`- ${markdownText(text)}`]) },
  ];
  return markdownDocument({ title, intro: [], sections, sum: contentsSum(difference) }, limit);
}

/** Whether there is anything to tell. */
export function isSameContents({ sizes, packages, vulnerabilities, notKnown }: ContentsDifference): boolean {
  return (
    packages.length + vulnerabilities.length + notKnown.length === 0 &&
    sizes.every(({ from, to }) => from === to)
  );
}

const signs = { came: "+", went: "-", changed: "~" } as const;

function shownSize({ from, to }: SizeDifference): string {
  if (to === undefined) return `${shownBytes(from ?? 0)} → gone`;
  if (from === undefined) return `${shownBytes(to)}, new`;
  return `${shownBytes(from)} → ${shownBytes(to)} (${shownGrowth(from, to)})`;
}

function versionsOf({ from, to }: PackageDifference): string {
  if (from.length === 0) return to.join(", ");
  return to.length === 0 ? from.join(", ") : `${from.join(", ")} → ${to.join(", ")}`;
}

function vulnerabilityLine({ change, finding, in: where }: VulnerabilityDifference): string {
  const { id, severity, package: name, version, fixedVersion } = finding;
  const of = name === undefined ? "" : ` in ${name}${version === undefined ? "" : ` ${version}`}`;
  const remedy = change === "new" && fixedVersion !== undefined ? `, fixed in ${fixedVersion}` : "";
  return `${change}: ${id} (${severity})${of}${remedy}  (${where.join(", ")})`;
}

function contentsSum({ packages, vulnerabilities }: ContentsDifference): string {
  const count = (change: string) =>
    [...packages, ...vulnerabilities].filter((one) => one.change === change).length;
  return (
    `packages: ${count("came")} came, ${count("went")} went, ${count("changed")} changed; ` +
    `vulnerabilities: ${count("new")} new, ${count("fixed")} fixed`
  );
}

import type { Definition, Nodes, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString } from "mdast-util-to-string";
import { plainSections } from "./changelog-plain";
import { sectionHeading, type PlacedSection } from "./changelog-heading";

/**
 * Finds the sections of a change log, in order: Markdown, where any heading that begins with a
 * version starts one, and ends the one before; the `NEWS` of GNU and Debian's change logs, which are
 * plain text.
 */
export function placedSections(text: string): PlacedSection[] {
  const lines = text.split(/\r?\n/);
  return plainSections(lines) ?? markdownSections(lines);
}

function markdownSections(lines: readonly string[]): PlacedSection[] {
  const { children } = fromMarkdown(lines.join("\n"));
  const starts = children.flatMap((node, index) => {
    const heading = node.type === "heading" ? sectionHeading(toString(node)) : undefined;
    return node.type === "heading" && heading ? [{ heading, depth: node.depth, node, index }] : [];
  });
  const definitions = children.filter((node) => node.type === "definition");
  return starts.map(({ heading, depth, node, index }, position): PlacedSection => {
    const next = starts[position + 1];
    // What stands above all versions of this depth, e.g. "# Older versions", is no part of one.
    const above = children.findIndex(
      (other, at) => at > index && other.type === "heading" && other.depth < depth && other !== next?.node,
    );
    const after = Math.min(next?.index ?? children.length, above < 0 ? children.length : above);
    const end = children[after] ? lineOf(children[after]) : lines.length;
    const bodyStart = lastLine(node);
    const content = children.slice(index + 1, after);
    const last = content.findLast(({ type }) => type !== "definition");
    const bodyEnd = last ? lastLine(last) : bodyStart;
    return {
      ...heading,
      line: lineOf(node),
      bodyStart,
      bodyEnd,
      end,
      body: trimmed(lines.slice(bodyStart, bodyEnd)).join("\n"),
      definitions: usedDefinitions(content, definitions)
        .filter((definition) => lineOf(definition) < bodyStart || lineOf(definition) >= bodyEnd)
        .map((definition) => lines.slice(lineOf(definition), lastLine(definition)).join("\n")),
    };
  });
}

function usedDefinitions(content: readonly RootContent[], all: readonly Definition[]): Definition[] {
  const used = new Set<string>();
  const visit = (node: Nodes) => {
    if (node.type === "linkReference" || node.type === "imageReference") used.add(node.identifier);
    if ("children" in node) node.children.forEach(visit);
  };
  content.forEach(visit);
  // The first of two with one name counts (CommonMark 0.31, 4.7).
  return all.filter(
    ({ identifier }, index) =>
      used.has(identifier) && all.findIndex((other) => other.identifier === identifier) === index,
  );
}

function lineOf({ position }: Nodes): number {
  return (position?.start.line ?? 1) - 1;
}

/** Line after a node. */
function lastLine({ position }: Nodes): number {
  return position?.end.line ?? 0;
}

function trimmed(lines: readonly string[]): string[] {
  const kept = [...lines];
  while (kept.at(-1)?.trim() === "") kept.pop();
  while (kept[0]?.trim() === "") kept.shift();
  return kept;
}

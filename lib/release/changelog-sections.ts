import type { Definition, Nodes, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString } from "mdast-util-to-string";
import { withoutBlankEnds } from "../text/blank-lines";
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
  const definitions = definitionsOf(children);
  return starts.map(({ heading, depth, node, index }, position): PlacedSection => {
    const until = starts[position + 1]?.index ?? children.length;
    let after = index + 1;
    while (after < until && !isAbove(children[after], depth)) after++;
    const end = children[after] ? lineOf(children[after] as RootContent) : lines.length;
    const bodyStart = lastLine(node);
    const content = children.slice(index + 1, after);
    const last = content.findLast(({ type }) => type !== "definition");
    const bodyEnd = last ? lastLine(last) : bodyStart;
    const body = lines.slice(bodyStart, bodyEnd);
    const { start, end: length } = withoutBlankEnds(body);
    return {
      ...heading,
      line: lineOf(node),
      bodyStart,
      bodyEnd,
      end,
      body: body.slice(start, length).join("\n"),
      definitions: usedDefinitions(content, definitions)
        .filter((definition) => lineOf(definition) < bodyStart || lineOf(definition) >= bodyEnd)
        .map((definition) => lines.slice(lineOf(definition), lastLine(definition)).join("\n")),
    };
  });
}

/** Returns whether a node stands above all versions of a depth, e.g. "# Older versions": it is no part of one. */
function isAbove(node: RootContent | undefined, depth: number): boolean {
  return node?.type === "heading" && node.depth < depth;
}

/** Definitions of links by their names; the first of two with one name counts (CommonMark 0.31, 4.7). */
function definitionsOf(children: readonly RootContent[]): ReadonlyMap<string, Definition> {
  const byName = new Map<string, Definition>();
  for (const node of children) {
    if (node.type === "definition" && !byName.has(node.identifier)) byName.set(node.identifier, node);
  }
  return byName;
}

function usedDefinitions(
  content: readonly RootContent[],
  definitions: ReadonlyMap<string, Definition>,
): Definition[] {
  const used = new Set<string>();
  const visit = (node: Nodes) => {
    if (node.type === "linkReference" || node.type === "imageReference") used.add(node.identifier);
    if ("children" in node) node.children.forEach(visit);
  };
  content.forEach(visit);
  return [...used].flatMap((name) => definitions.get(name) ?? []).sort((a, b) => lineOf(a) - lineOf(b));
}

function lineOf({ position }: Nodes): number {
  return (position?.start.line ?? 1) - 1;
}

/** Line after a node. */
function lastLine({ position }: Nodes): number {
  return position?.end.line ?? 0;
}

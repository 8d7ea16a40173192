import type { Link, List, Nodes, Parents, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { markup, type Markup, type Part } from "./markup";
import { webAddress } from "./web-address";

/** The outermost heading that a text gets on a page, below that of its section. */
const topLevel = 3;

/**
 * Markdown as sections of documents write it (CommonMark), as HTML. HTML in it is text; images and addresses that a reader
 * should not follow are their words alone.
 */
export function markdownMarkup(text: string): Markup {
  const { children } = fromMarkdown(text);
  const levels = children.flatMap((node) => (node.type === "heading" ? [node.depth] : []));
  const shift = topLevel - Math.min(...levels, 6);
  return blocks(children, shift);
}

function blocks(nodes: readonly RootContent[], shift: number): Markup {
  return markup`${nodes.map((node) => block(node, shift))}`;
}

function block(node: Nodes, shift: number): Part {
  const { type } = node;
  if (type === "heading") return heading(node.depth + shift, words(node));
  if (type === "code") return codeBlock(node.value);
  if (type === "paragraph") return markup`<p>${words(node)}</p>`;
  if (type === "blockquote") return markup`<blockquote>${blocks(node.children, shift)}</blockquote>`;
  if (type === "list") return list(node, shift);
  if (type === "thematicBreak") return markup`<hr>`;
  if (type === "definition") return undefined;
  if (type !== "html") return inline(node);
  // Marks of documents are for who writes them.
  return /^<!--[^]*-->$/.test(node.value.trim()) ? undefined : markup`<p>${node.value}</p>`;
}

function list({ ordered, children }: List, shift: number): Markup {
  const items = children.map((item) => markup`<li>${blocks(item.children, shift)}</li>`);
  return ordered === true ? markup`<ol>${items}</ol>` : markup`<ul>${items}</ul>`;
}

function heading(level: number, text: Part): Markup {
  if (level <= 3) return markup`<h3>${text}</h3>`;
  if (level === 4) return markup`<h4>${text}</h4>`;
  return level === 5 ? markup`<h5>${text}</h5>` : markup`<h6>${text}</h6>`;
}

/** Commands as they are to be copied; what does not fit is reached by keyboard too. */
export function codeBlock(text: string): Markup {
  return markup`<pre tabindex="0"><code>${text}</code></pre>\n`;
}

function words({ children }: Parents): Part[] {
  return children.map((node) => inline(node));
}

function inline(node: Nodes): Part {
  const { type } = node;
  if (type === "text" || type === "html") return node.value;
  if (type === "inlineCode") return markup`<code>${node.value}</code>`;
  if (type === "emphasis") return markup`<em>${words(node)}</em>`;
  if (type === "strong") return markup`<strong>${words(node)}</strong>`;
  if (type === "break") return markup`<br>`;
  if (type === "image") return node.alt ?? "";
  if (type === "link") return link(node);
  return "children" in node ? words(node) : undefined;
}

function link(node: Link): Part {
  const address = webAddress(node.url);
  return address === undefined ? words(node) : markup`<a href="${address}">${words(node)}</a>`;
}

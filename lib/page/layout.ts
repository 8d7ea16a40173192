import { raw } from "hono/html";
import { markup, type Markup, type Part } from "./markup";
import { contentPolicy, style } from "./style";

/** A page, as its view makes it. */
export interface PageView {
  /** Title of the window; the name of the project follows. */
  readonly title: string;
  readonly heading: Part;
  /** What stands under the heading. */
  readonly lead?: Part;
  readonly body: Part;
}

/** The name of a link and where it goes, relative to the first page. */
type Link = readonly [text: string, path: string];

const links: readonly Link[] = [
  ["Release", "index.html"],
  ["What is served", "served.html"],
  ["Versions", "versions.html"],
];

// Its digest is that of the policy: it stands there as it is.
const sheet = raw(`<style>${style}</style>`);

/**
 * A whole page, which needs nothing but itself.
 *
 * @param path of the page, relative to the first one
 */
export function layout(project: string, path: string, { title, heading, lead, body }: PageView): Markup {
  const up = "../".repeat(path.split("/").length - 1);
  const whole = title === project ? project : `${title} – ${project}`;
  const navigation = links.map(([text, target]) =>
    target === path
      ? markup`<li><a href="${up}${target}" aria-current="page">${text}</a></li>`
      : markup`<li><a href="${up}${target}">${text}</a></li>`,
  );
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${whole}</title>
<link rel="alternate" type="application/atom+xml" title="Versions of ${project}" href="${up}feed.xml">
${sheet}
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header>
<nav aria-label="Pages"><ul>${navigation}</ul></nav>
</header>
<main id="content" tabindex="-1">
<h1>${heading}</h1>
${lead}
${body}
</main>
<footer>
<p>Made by Slipway from what was published. For machines: <a href="${up}page.json">page.json</a>, <a href="${up}page.schema.json">its schema</a>, <a href="${up}feed.xml">a feed of versions</a>.</p>
</footer>
</body>
</html>
`;
}

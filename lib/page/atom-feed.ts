import { createHash } from "node:crypto";
import { visibleControls } from "../text/controls";
import { xmlText } from "../text/xml";
import type { ProjectPage } from "./page-data";

/** Versions that a feed has: readers take what is new. */
const mostEntries = 50;

/** The versions as an Atom feed (RFC 4287). Addresses are relative where it is not said where the pages are served. */
export function atomFeed({ name, url, versions }: ProjectPage): string {
  const entries = versions.slice(0, mostEntries).map(({ version, published, folder, deprecated }) => {
    const path = folder === undefined ? "versions.html" : `${folder}/index.html`;
    const told = deprecated && `Deprecated since ${deprecated.since}.`;
    return [
      "  <entry>",
      `    <id>${identity(name, version)}</id>`,
      `    <title>${text(`${name} ${version}`)}</title>`,
      `    <published>${text(published)}</published>`,
      `    <updated>${text(published)}</updated>`,
      `    <link rel="alternate" type="text/html" href="${text(address(url, path))}"/>`,
      `    <summary>${text([`Version ${version} was published.`, told].filter(Boolean).join(" "))}</summary>`,
      "  </entry>",
    ].join("\n");
  });
  const updated = versions[0]?.published ?? "1970-01-01T00:00:00Z";
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>${identity(name, "")}</id>
  <title>${text(`Versions of ${name}`)}</title>
  <updated>${text(updated)}</updated>
  <author><name>${text(name)}</name></author>
  <link rel="self" type="application/atom+xml" href="${text(address(url, "feed.xml"))}"/>
  <link rel="alternate" type="text/html" href="${text(address(url, "index.html"))}"/>
${[...entries, ""].join("\n")}</feed>
`;
}

function address(url: string | undefined, path: string): string {
  return url === undefined ? path : new URL(path, url).href;
}

/** The same for the same version wherever the pages are: readers know an entry by it (RFC 9562, version 8). */
function identity(name: string, version: string): string {
  const hex = createHash("sha256")
    .update(JSON.stringify(["slipway", name, version]))
    .digest("hex");
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join("-")}`;
}

function text(value: string): string {
  return xmlText(visibleControls(value));
}

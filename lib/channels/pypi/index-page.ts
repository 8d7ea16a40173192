import { parseBoundedJson } from "../../oci/bounded-json";

/** Pages of an index about a project: "Simple repository API" (PEP 503 as HTML, PEP 691 and 700 as JSON). */

/** A file as an index lists it. */
export interface ListedFile {
  readonly name: string;
  readonly url: URL;
  /** SHA-256 as `sha256:HEX`, where the page says it. */
  readonly digest?: string;
  /** Why installers pass it over unless it is pinned (PEP 592); absent for a file that is not yanked. */
  readonly yanked?: string;
  /** When it was uploaded, ISO 8601, where the page says it. */
  readonly uploadedAt?: string;
}

/** What is asked for: JSON rather than HTML, which PEP 833 freezes. */
export const acceptedPages =
  "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/** Values in the JSON of a project: one with a hundred thousand files has a million. */
const maximumValues = 4_000_000;

/**
 * Reads a page.
 *
 * @param contentType of the answer, which says what form it is of
 * @param base address that links are relative to
 * @throws Error for what is no such page
 */
export function parseIndexPage(bytes: Buffer, contentType: string, base: URL): ListedFile[] {
  const [type = ""] = contentType.toLowerCase().split(";");
  return /[/+]json$/.test(type.trim()) ? fromJson(bytes, base) : fromHtml(bytes.toString("utf8"), base);
}

function fromJson(bytes: Buffer, base: URL): ListedFile[] {
  const page = parseBoundedJson(bytes, maximumValues) as { meta?: unknown; files?: unknown } | null;
  const version = (page?.meta as { "api-version"?: unknown } | undefined)?.["api-version"];
  if (!Array.isArray(page?.files) || typeof version !== "string" || !/^1\.\d+$/.test(version)) {
    throw new Error("it is not a page of the simple API, version 1 (PEP 691)");
  }
  return page.files.flatMap((entry: unknown): ListedFile[] => {
    if (typeof entry !== "object" || entry === null) return [];
    const { filename, url, hashes, yanked, "upload-time": uploadedAt } = entry as Record<string, unknown>;
    if (typeof filename !== "string" || typeof url !== "string" || !URL.canParse(url, base.href)) return [];
    const sha256 = (hashes as Record<string, unknown> | undefined)?.sha256;
    return [
      {
        name: filename,
        url: new URL(url, base),
        ...digestField(sha256),
        ...(yanked !== undefined && yanked !== false && { yanked: typeof yanked === "string" ? yanked : "" }),
        ...(typeof uploadedAt === "string" && !Number.isNaN(Date.parse(uploadedAt)) && { uploadedAt }),
      },
    ];
  });
}

const anchor = /<a\s([^>]*)>/gi;
const attribute = /([a-z][a-z0-9-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi;

function fromHtml(text: string, base: URL): ListedFile[] {
  return [...text.matchAll(anchor)].flatMap(([, written = ""]): ListedFile[] => {
    const attributes = new Map(
      [...written.matchAll(attribute)].map(([, name = "", double, single, bare]) => [
        name.toLowerCase(),
        withoutEntities(double ?? single ?? bare ?? ""),
      ]),
    );
    const href = attributes.get("href") ?? "";
    if (href === "" || !URL.canParse(href, base.href)) return [];
    const url = new URL(href, base);
    const sha256 = /^#sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1];
    url.hash = "";
    const yanked = attributes.get("data-yanked");
    // The text of the link is the last part of its address (PEP 503).
    const name = decoded(url.pathname.split("/").at(-1) ?? "");
    return name === ""
      ? []
      : [{ name, url, ...digestField(sha256), ...(yanked !== undefined && { yanked }) }];
  });
}

function digestField(sha256: unknown): { digest?: string } {
  return typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256)
    ? { digest: `sha256:${sha256.toLowerCase()}` }
    : {};
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (typeof name === "string") return entities[name.toLowerCase()] ?? whole;
    const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

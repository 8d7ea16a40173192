import { parseBoundedJson } from "../bounded-json";
import { RegistryError } from "../errors";
import { webPageHint } from "./web-page";
import type { RegistryAnswer, RegistryConnection, RegistryRequest } from "./connection";

/**
 * Limits of a list. Lists are read whole, and a registry that wants to can add to them for ever.
 */
export interface ListLimits {
  /** Largest page, in bytes: registries that know no pages give 300 000 tags in it. */
  readonly pageBytes: number;
  /** All pages together, in bytes: half a million tags of the longest kind. */
  readonly bytes: number;
  /** Entries of the list: the largest repositories have some hundred thousand tags. */
  readonly entries: number;
  /**
   * Pages; those of Docker Hub have 100 entries, and twice that many pages would be all that it
   * has.
   */
  readonly pages: number;
  /** Pages one after the other that bring nothing: filters of a registry can leave some empty. */
  readonly emptyPages: number;
  /** Time for the whole list, in milliseconds. */
  readonly timeMs: number;
}

export const listLimits: ListLimits = {
  pageBytes: 8 * 1024 * 1024,
  bytes: 64 * 1024 * 1024,
  entries: 500_000,
  pages: 10_000,
  emptyPages: 50,
  timeMs: 15 * 60_000,
};

/**
 * The pages of a list, each asked for when the one before has been used. Follows the `Link` header
 * (distribution-spec 1.1, "Content Discovery"); whatever host it names, requests stay with the
 * registry.
 *
 * @param readPage returns how many entries there are by now, and the path of the page to ask for
 *   where the registry gave no `Link`
 * @throws RegistryError, also where the list passes a limit
 */
export async function eachPage(
  connection: RegistryConnection,
  request: RegistryRequest,
  readPage: (answer: RegistryAnswer) => { entries: number; next?: string | undefined },
  limits: ListLimits = listLimits,
): Promise<void> {
  const asked = new Set<string>();
  const started = performance.now();
  const read = { bytes: 0, entries: 0, emptyPages: 0 };
  const waits = connection.waits();
  let target: string | undefined = String(request.target);
  while (target !== undefined) {
    if (asked.has(target))
      throw endless(connection, request, "one of its pages names an earlier one as the next");
    asked.add(target);
    const answer: RegistryAnswer = await connection.read({ ...request, target, waits }, limits.pageBytes);
    const { entries, next } = readPage(answer);
    read.bytes += answer.bytes.length;
    read.emptyPages = entries > read.entries ? 0 : read.emptyPages + 1;
    read.entries = entries;
    const passed = passedLimit({ ...read, pages: asked.size, timeMs: performance.now() - started }, limits);
    if (passed !== undefined) throw endless(connection, request, passed);
    target = nextPage(answer.response.header("link"), connection.resolve(target)) ?? next;
  }
}

/** The limit that a list passes, in words. */
function passedLimit(read: Omit<ListLimits, "pageBytes">, limits: ListLimits): string | undefined {
  if (read.pages > limits.pages) return `it has more than ${limits.pages} pages`;
  if (read.bytes > limits.bytes) return `it has more than ${limits.bytes} bytes`;
  if (read.entries > limits.entries) return `it has more than ${limits.entries} entries`;
  if (read.emptyPages > limits.emptyPages) return `${read.emptyPages} of its pages in a row have nothing new`;
  if (read.timeMs > limits.timeMs) return `it takes more than ${limits.timeMs / 60_000} minutes`;
  return undefined;
}

function endless(connection: RegistryConnection, request: RegistryRequest, reason: string): RegistryError {
  return new RegistryError({
    operation: request.operation,
    host: connection.origin.host,
    method: request.method,
    path: String(request.target).split("?")[0] ?? "",
    cause: new Error(`the list does not end: ${reason}`),
    hint: `What is in the list by now is not used; look what ${connection.registry} answers there, or ask who runs it.`,
    temporary: false,
  });
}

/** Path and query of the next page, from a `Link` header (RFC 8288); undefined on the last page. */
export function nextPage(link: string | undefined, current: URL): string | undefined {
  for (const [, reference = "", parameters = ""] of (link ?? "").matchAll(/<([^<>]*)>([^<]*)/g)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters);
    const types = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/);
    if (!types.includes("next")) continue;
    if (!URL.canParse(reference, current.href)) return undefined;
    const next = new URL(reference, current);
    // A path that begins with two slashes would be read as a host.
    return next.pathname.replace(/^\/+/, "/") + next.search;
  }
  return undefined;
}

/** A target with `n`, the number of entries wanted on a page, where there is one. */
export function withPageSize(path: string, pageSize: number | undefined): string {
  return pageSize === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}n=${pageSize}`;
}

/**
 * Reads a JSON object that a registry answered.
 *
 * @param origin where the registry is
 * @throws RegistryError
 */
export function parseJsonAnswer(
  request: RegistryRequest,
  answer: RegistryAnswer,
  origin: URL,
): Record<string, unknown> {
  try {
    const parsed: unknown = parseBoundedJson(answer.bytes);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // Reported below.
  }
  throw new RegistryError({
    operation: request.operation,
    host: answer.response.url.host,
    method: request.method,
    path: answer.response.url.pathname,
    status: answer.response.status,
    hint:
      webPageHint(answer.response, origin) ??
      "The answer is not the JSON that the distribution API asks for: is this a registry?",
  });
}

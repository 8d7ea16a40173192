import { RegistryError } from "../errors";
import type { RegistryAnswer, RegistryConnection, RegistryRequest } from "./connection";

/** Largest page of a list that is read, in bytes. */
const pageLimitBytes = 16 * 1024 * 1024;
/** Pages after which a list is taken to go round in circles. */
const maxPages = 10_000;

/**
 * The pages of a list, each asked for when the one before has been used. Follows the `Link` header (distribution-spec
 * 1.1, "Content Discovery"); whatever host it names, requests stay with the registry.
 *
 * @param readPage returns the path of the page to ask for where the registry gave no `Link`
 * @throws RegistryError
 */
export async function eachPage(
  connection: RegistryConnection,
  request: RegistryRequest,
  readPage: (answer: RegistryAnswer) => string | undefined,
): Promise<void> {
  const asked = new Set<string>();
  let target: string | undefined = String(request.target);
  while (target !== undefined) {
    if (asked.has(target) || asked.size >= maxPages) {
      throw new RegistryError({
        operation: request.operation,
        host: connection.origin.host,
        method: request.method,
        path: target.split("?")[0] ?? "",
        status: 200,
        hint: "The registry's list does not end: one of its pages names an earlier one as the next.",
      });
    }
    asked.add(target);
    const answer: RegistryAnswer = await connection.read({ ...request, target }, pageLimitBytes);
    const without = readPage(answer);
    target = nextPage(answer.response.header("link"), connection.resolve(target)) ?? without;
  }
}

/** Path and query of the next page, from a `Link` header (RFC 8288); undefined on the last page. */
export function nextPage(link: string | undefined, current: URL): string | undefined {
  for (const [, reference = "", parameters = ""] of (link ?? "").matchAll(/<([^>]*)>([^<]*)/g)) {
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

/** Reads a JSON object that a registry answered. @throws RegistryError */
export function parseJsonAnswer(request: RegistryRequest, answer: RegistryAnswer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(answer.bytes.toString("utf8"));
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
    hint: "The answer is not the JSON that the distribution API asks for: is this a registry?",
  });
}

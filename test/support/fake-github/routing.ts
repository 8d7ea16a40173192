import type { IncomingMessage } from "node:http";
import { notFound } from "./answer";
import { operations } from "./operations";

/** Uploads stream, so the server has them itself. */
export const uploadOperation = "POST /repos/{owner}/{repo}/releases/{release_id}/assets";

/** Reads a body of JSON; none is an empty object. */
export async function jsonBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Finds the operation of a path. @throws Answer 404 */
export function operationOf(
  method: string,
  pathname: string,
): { operation: string; path: Record<string, string> } {
  const parts = pathname.split("/");
  // Fixed words come before parameters: `latest` is not a release's id.
  const names = [...Object.keys(operations), uploadOperation].sort((a, b) => count(a) - count(b));
  for (const operation of names) {
    const [verb, template = ""] = operation.split(" ");
    const wanted = template.split("/");
    if (verb !== method || wanted.length !== parts.length) continue;
    const path: Record<string, string> = {};
    const fits = wanted.every((word, index) => {
      const part = parts[index] ?? "";
      if (!word.startsWith("{")) return word === part;
      path[word.slice(1, -1)] = decodeURIComponent(part);
      return true;
    });
    if (fits) return { operation, path };
  }
  throw notFound();
}

function count(operation: string): number {
  return operation.split("{").length;
}

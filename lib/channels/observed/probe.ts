import { runInNewContext } from "node:vm";
import { parseBoundedJson } from "../../oci/bounded-json";
import { cleanLine } from "../../text/terminal";
import { plainVersion, type Spelling } from "./spelling";

/** Where a catalog says which version it has, as data. */
export interface Probe {
  readonly url: string;
  /** JSON pointer (RFC 6901) to the version; below each entry of the list, where there is one. */
  readonly version?: string | undefined;
  /** JSON pointer to a list of entries; empty for the whole answer. */
  readonly list?: string | undefined;
  /** What entries of the list have to have, by field: a text, or a list with it. */
  readonly where?: Readonly<Record<string, string>> | undefined;
  /** Regular expression whose first group is the version, for an answer that is no JSON. */
  readonly pattern?: string | undefined;
  /** What stands before each version there, e.g. `v`. */
  readonly prefix?: string | undefined;
  readonly spelled?: Spelling | undefined;
}

/** What a catalog has answered. */
export type Answer =
  | { readonly kind: "versions"; readonly versions: readonly string[] }
  /** It answers, and has no such package. */
  | { readonly kind: "absent" }
  /** Nobody can tell. */
  | { readonly kind: "unknown"; readonly reason: string };

/** Versions of an answer that are looked at. */
const mostVersions = 10_000;

/** How long a pattern is looked for, in milliseconds. */
const patternMs = 1_000;

/** Reads what a probe asked for. Versions are as they are declared, without what the catalog adds. */
export function readAnswer(probe: Probe, bytes: Uint8Array): Answer {
  const found = probe.pattern === undefined ? inJson(probe, bytes) : inText(probe.pattern, bytes);
  if (!Array.isArray(found)) return found;
  const versions = found.slice(0, mostVersions).map((text) => plainVersion(cleanLine(text), probe));
  return { kind: "versions", versions };
}

function inText(pattern: string, bytes: Uint8Array): string[] | Answer {
  const found = groupsIn(Buffer.from(bytes).toString("utf8"), pattern);
  if (found === undefined) return unknown(`${pattern} takes too long to look for in the answer`);
  return found.length > 0 ? found : unknown(`nothing in the answer is like ${pattern}`);
}

/** Both may be of others, so it ends after a while: undefined then. */
function groupsIn(text: string, pattern: string): string[] | undefined {
  const find = '[...text.matchAll(new RegExp(pattern, "gm"))].flatMap(([, group]) => group ?? [])';
  try {
    return Array.from(runInNewContext(find, { text, pattern }, { timeout: patternMs }) as string[]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  }
}

function inJson({ version = "", list, where = {} }: Probe, bytes: Uint8Array): string[] | Answer {
  let document: unknown;
  try {
    document = parseBoundedJson(bytes);
  } catch {
    return unknown("the answer cannot be read as JSON");
  }
  if (list === undefined) return textAt(document, version);
  const entries = valueAt(document, list);
  if (!Array.isArray(entries)) return unknown(`the answer has no list at ${JSON.stringify(list)}`);
  const wanted = entries.filter((entry) =>
    Object.entries(where).every(([field, value]) => has(valueAt(entry, `/${escaped(field)}`), value)),
  );
  if (wanted.length === 0) return { kind: "absent" };
  const found = wanted.map((entry) => textAt(entry, version));
  return found.find((one): one is Answer => !Array.isArray(one)) ?? found.flatMap((one) => one as string[]);
}

function textAt(document: unknown, pointer: string): string[] | Answer {
  const value = valueAt(document, pointer);
  return typeof value === "string" && value !== ""
    ? [value]
    : unknown(`the answer has no text at ${JSON.stringify(pointer)}`);
}

function has(value: unknown, wanted: string): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted;
}

/** The value that a JSON pointer names; undefined for none. */
function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unknown(reason: string): Answer {
  return { kind: "unknown", reason };
}

/** @throws Error for what is no JSON pointer */
export function checkPointer(text: string): void {
  if (/^(?:\/(?:[^~/]|~[01])*)*$/.test(text)) return;
  throw new Error(
    `${JSON.stringify(text)} is not a JSON pointer, which begins with / (a valid example: "/versions/stable")`,
  );
}

/** @throws Error for what is no regular expression with a group */
export function checkPattern(text: string): void {
  let groups: number;
  try {
    groups = (new RegExp(`${text}|`).exec("")?.length ?? 1) - 1;
  } catch (error) {
    throw new Error(`${JSON.stringify(text)} is not a regular expression: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (groups > 0) return;
  throw new Error(
    `${JSON.stringify(text)} has no group for the version (a valid example: ${JSON.stringify('version = "([^"]+)"')})`,
  );
}

/** @throws Error for what is no address that anybody may ask */
export function checkProbeUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  const isAskable = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback);
  if (isAskable && url.username === "" && url.password === "") return;
  throw new Error(
    'an https address without an account is expected (a valid example: "https://formulae.brew.sh/api/formula/hello.json")',
  );
}

import { optional, type OperatingSystem } from "./declared-package";
import { linesOf } from "./lines";

/** Reads os-release(5); undefined where it names no system. */
export function parseOsRelease(text: string): OperatingSystem | undefined {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const [, key, value] = /^\s*([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, unquoted(value.trim()));
  }
  const id = values.get("ID");
  if (!id) return undefined;
  return {
    id,
    ...optional("version", values.get("VERSION_ID")),
    ...optional("prettyName", values.get("PRETTY_NAME")),
  };
}

/** Values are quoted as a shell would read them. */
function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === "'" ? inner : inner.replace(/\\(["$`\\])/g, "$1");
}

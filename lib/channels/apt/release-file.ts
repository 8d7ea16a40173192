import { createHash } from "node:crypto";
import { fieldsOf } from "./stanza";

/** What a suite says of itself. */
export interface SuiteDescription {
  /** Name of the suite, as it stands in `Suites` of a source, e.g. `stable`. */
  readonly suite: string;
  readonly origin: string;
  readonly label: string;
  readonly description?: string;
  readonly component: string;
  readonly architectures: readonly string[];
  readonly date: Date;
  /** When clients stop believing it. Default: never. */
  readonly validUntil?: Date;
}

/**
 * A `Release` file: who publishes a suite, when, and the digests of its indexes.
 *
 * Source: Debian's repository format, "Release files".
 *
 * @param indexes content by path below `dists/SUITE`
 */
export function releaseText(suite: SuiteDescription, indexes: ReadonlyMap<string, Uint8Array>): string {
  const sums = (algorithm: string) =>
    [...indexes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([path, bytes]) => ` ${createHash(algorithm).update(bytes).digest("hex")} ${bytes.length} ${path}\n`,
      )
      .join("");
  const fields: [string, string | undefined][] = [
    ["Origin", suite.origin],
    ["Label", suite.label],
    ["Suite", suite.suite],
    ["Codename", suite.suite],
    ["Date", releaseDate(suite.date)],
    ["Valid-Until", suite.validUntil && releaseDate(suite.validUntil)],
    ["Acquire-By-Hash", "yes"],
    ["Architectures", suite.architectures.join(" ")],
    ["Components", suite.component],
    ["Description", suite.description],
  ];
  const head = fields
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join("");
  return `${head}SHA256:\n${sums("sha256")}SHA512:\n${sums("sha512")}`;
}

/** What is read back of a `Release` file. */
export interface ReadRelease {
  readonly date: Date;
  readonly validUntil?: Date;
  /** Digests of the indexes, by path below `dists/SUITE`. */
  readonly indexes: ReadonlyMap<string, string>;
}

/** Reads a `Release` file. Undefined for one without a date, or with one that is none. */
export function parseRelease(text: string): ReadRelease | undefined {
  const fields = fieldsOf(text);
  const date = new Date(fields.get("Date") ?? "");
  const until = fields.get("Valid-Until");
  const validUntil = until === undefined ? undefined : new Date(until);
  if ([date, validUntil ?? date].some((one) => Number.isNaN(one.getTime()))) return undefined;
  const section = /^SHA256:\n((?: .*\n?)*)/m.exec(text)?.[1] ?? "";
  const indexes = new Map<string, string>();
  for (const line of section.split("\n")) {
    const [, hex, path] = /^ ([0-9a-f]{64}) \d+ (\S+)$/.exec(line) ?? [];
    if (hex !== undefined && path !== undefined) indexes.set(path, `sha256:${hex}`);
  }
  return { date, ...(validUntil && { validUntil }), indexes };
}

/** RFC 2822 in UTC, as apt reads it; seconds are the smallest part. */
function releaseDate(date: Date): string {
  return date.toUTCString().replace(/GMT$/, "UTC");
}

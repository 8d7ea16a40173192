import * as z from "zod";
import type { StatusRow } from "../display/release-status";
import { servedStates, type ServedState } from "../display/served-state";
import { isAligned, withLook, type Series } from "../history/series";

/** Versions of a channel that stay, the newest. */
const mostVersions = 100;

const time = z.iso.datetime();

const servedVersion = z.strictObject({
  version: z.string().describe("The version, as the channel has it."),
  released: time.describe("When `up` had published it, as an RFC 3339 time in UTC."),
  open: time
    .optional()
    .describe("Last look at which its users did not get it yet; none where there was no such look."),
  served: time.optional().describe("First look at which they did; none where there was none yet."),
});

const states = z.array(z.enum(servedStates).nullable());

const history = z
  .strictObject({
    schemaVersion: z.literal(1).describe("Version of this format."),
    subject: z
      .string()
      .describe("What was looked at: project and stack, or the address of a list of releases."),
    times: z.array(time).describe("When it was looked, the oldest first."),
    series: z
      .record(z.string(), states)
      .describe(
        "How each channel was found at each of these times: the worst state of what it has; null where nobody could " +
          "look, or nothing was there. Names are the kind (`registry`, `release`, `channel`, `catalog`), a space, and the name.",
      ),
    releases: z
      .record(z.string(), z.array(servedVersion))
      .describe("Versions that each channel got, the oldest first."),
  })
  .refine(isAligned, "a state for each time is expected");

/** A version of a channel: when it was released, and when its users got it. Times are RFC 3339 in UTC. */
export type ServedVersion = z.infer<typeof servedVersion>;

/** What was served when, for a file. */
export interface ServedHistory extends Series<ServedState> {
  /** What was looked at; undefined before the first look. */
  readonly subject: string | undefined;
  /** Versions that each channel got, the oldest first, by {@link channelOf}. */
  readonly releases: Readonly<Record<string, readonly ServedVersion[]>>;
}

export const emptyServedHistory: ServedHistory = { subject: undefined, times: [], series: {}, releases: {} };

/** The JSON Schema of a file. */
export function servedHistorySchema(): object {
  return { title: "What was served when", ...z.toJSONSchema(history, { target: "draft-07" }) };
}

/** Reads a file of {@link ServedHistory}. @throws Error for what is none */
export function parseServedHistory(text: string): ServedHistory {
  const { schemaVersion: _schemaVersion, ...read } = history.parse(JSON.parse(text));
  return read;
}

export function servedHistoryText(written: ServedHistory): string {
  return `${JSON.stringify({ schemaVersion: 1, ...written }, undefined, 1)}\n`;
}

/** States in which users get what was released. */
const goodStates: readonly ServedState[] = ["served", "published"];

/** States that say nothing of whether they get it: nobody could look, or the channel has something rather. */
const silentStates: readonly ServedState[] = ["unknown", "held"];

/** One look. */
export interface Look {
  readonly subject: string;
  readonly rows: readonly StatusRow[];
  /** When it was, as ISO 8601. */
  readonly at: string;
}

/**
 * The history with a look, and without its oldest ones.
 *
 * @param keep looks that stay, at least one
 */
export function withServed(former: ServedHistory, { subject, rows, at }: Look, keep: number): ServedHistory {
  const channels = new Map<string, StatusRow[]>();
  for (const row of rows) {
    const channel = channelOf(row);
    if (channel !== undefined) channels.set(channel, [...(channels.get(channel) ?? []), row]);
  }
  const found = new Map([...channels].map(([name, own]) => [name, seenState(own)]));
  const looks = withLook(former, at, found, keep);
  const names = Object.keys(looks.series);
  const releases = names.map((name) => {
    const before = former.releases[name] ?? [];
    return [name, withVersion(before, channels.get(name) ?? [], at)] as const;
  });
  return { subject, ...looks, releases: Object.fromEntries(releases) };
}

/** The channel that a row is about; undefined for what users get from none, such as files of the project. */
export function channelOf({
  kind,
  place,
  name,
}: Pick<StatusRow, "kind" | "place" | "name">): string | undefined {
  if (kind === "tag") return `registry ${place}`;
  // The release of each version is another place.
  if (kind === "file" || kind === "release") return `release ${place.replace(/ ?[^ ]*$/, "") || "."}`;
  return kind === "channel" || kind === "catalog" ? `${kind} ${name}` : undefined;
}

/** The worst state of a channel that says something; null where none does. */
function seenState(rows: readonly StatusRow[]): ServedState | null {
  return servedStates.find((state) => state !== "unknown" && rows.some((row) => row.state === state)) ?? null;
}

/** Notes the newest version that the rows are about. */
function withVersion(
  before: readonly ServedVersion[],
  rows: readonly StatusRow[],
  at: string,
): readonly ServedVersion[] {
  const newest = rows.reduce<StatusRow | undefined>(
    (best, row) => ((row.released ?? "") > (best?.released ?? "") ? row : best),
    undefined,
  );
  const { version, released } = { ...newest };
  if (version === undefined || released === undefined) return before;
  const own = rows.filter((row) => row.version === version).map(({ state }) => state);
  const known = before.find((one) => one.version === version);
  if (known?.served !== undefined || own.some((state) => silentStates.includes(state))) return before;
  const isServed = own.every((state) => goodStates.includes(state));
  const noted = { ...(known ?? { version, released }), ...(isServed ? { served: at } : { open: at }) };
  return [...before.filter((one) => one !== known), noted]
    .sort((one, other) => (one.released < other.released ? -1 : 1))
    .slice(-mostVersions);
}

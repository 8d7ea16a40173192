import { parseEntry, type PublishedVersion } from "../release/published-version";
import { bareVersion } from "../version/version";
import type { Step } from "./engine-event";
import { nameOfUrn } from "./step-names";

/** The version that something was published for. */
export interface Released {
  /** Undefined for aliases, and for what has none. */
  readonly version?: string | undefined;
  /** When a run had published that version first, as ISO 8601. */
  readonly released?: string | undefined;
}

/** What tells rows apart: StatusRow has more. */
type Row = Released & Readonly<Record<"kind" | "place" | "name" | "declared", string>>;

/** When what a stack has published was released, as its ledgers have noted it. */
export class ReleasedVersions {
  /** By `repository:tag`, and by place and tag of releases. */
  private readonly places = new Map<string, Released>();
  /** By name of the distribution and version without prefix. */
  private readonly versions = new Map<string, Released>();
  /** The version that each distribution had last, by its name. */
  private readonly last = new Map<string, Released>();

  constructor(steps: readonly Step[]) {
    for (const step of steps) {
      if (step.type !== "slipway:release:Ledger") continue;
      const [distribution = ""] = nameOfUrn(step.urn).split("@");
      for (const [version, entry] of entriesOf(step)) this.note(distribution, version, entry);
      const { version } = { ...step.old?.inputs };
      const last = typeof version === "string" ? this.versions.get(key(distribution, version)) : undefined;
      if (last !== undefined) this.last.set(distribution, last);
    }
  }

  /** The version that a row is about, and when that was released; what it says itself stays. */
  of({ kind, place, name, declared, released }: Row): Released {
    if (released !== undefined) return {};
    if (kind === "tag") return this.places.get(`${place}:${name}`) ?? {};
    if (kind === "file" || kind === "release") return this.places.get(place) ?? {};
    if (kind !== "channel") return {};
    const [distribution = ""] = name.split(":");
    if (declared === "") return this.last.get(distribution) ?? {};
    const noted = this.versions.get(key(distribution, declared));
    return noted === undefined ? {} : { version: declared, released: noted.released };
  }

  private note(distribution: string, version: string, { published, tags, releases = [] }: PublishedVersion) {
    const noted = { version, released: published };
    for (const reference of Object.keys(tags)) this.places.set(reference, noted);
    for (const { directory, github, tag } of releases)
      this.places.set(`${github ?? directory} ${tag}`, noted);
    this.versions.set(key(distribution, version), noted);
  }
}

function key(distribution: string, version: string): string {
  return `${distribution} ${bareVersion(version)}`;
}

function entriesOf({ old }: Step): [string, PublishedVersion][] {
  const versions = old?.outputs?.versions;
  if (typeof versions !== "object" || versions === null) return [];
  return Object.entries(versions).flatMap(([version, text]): [string, PublishedVersion][] => {
    if (typeof text !== "string") return [];
    try {
      return [[version, parseEntry(text, version)]];
    } catch {
      // Somebody has edited the state: when it was released is not known then.
      return [];
    }
  });
}

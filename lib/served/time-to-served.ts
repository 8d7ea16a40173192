import type { ServedHistory, ServedVersion } from "./history";

/** How long a channel took until its users got the newest version that was released to it. */
export interface TimeToServed {
  /** Kind and name, e.g. `catalog homebrew-core hello`. */
  readonly channel: string;
  readonly version: string;
  /** When `up` had published it, as ISO 8601. */
  readonly released: string;
  /** From then to the first look at which it was served, or to the last look where it is not yet. */
  readonly seconds: number;
  readonly isServed: boolean;
  /** Whether it was served at the first look already, so that it may have taken less. */
  readonly isAtMost: boolean;
  /** Median of the versions before it that were served; undefined where there is none. */
  readonly usualSeconds?: number | undefined;
}

/** Times of all channels, the slowest first, and those last that may have taken less. */
export function timesToServed({ releases }: ServedHistory): TimeToServed[] {
  return Object.entries(releases)
    .flatMap(([channel, versions]) => timeOf(channel, versions) ?? [])
    .sort(
      (one, other) =>
        Number(one.isAtMost) - Number(other.isAtMost) ||
        other.seconds - one.seconds ||
        (one.channel < other.channel ? -1 : 1),
    );
}

/** The slowest one; undefined where each channel had its version when it was looked at first. */
export function slowestOf(times: readonly TimeToServed[]): TimeToServed | undefined {
  return times.find(({ isAtMost }) => !isAtMost);
}

function timeOf(channel: string, versions: readonly ServedVersion[]): TimeToServed | undefined {
  const newest = versions.at(-1);
  const seconds = newest && secondsOf(newest);
  if (newest === undefined || seconds === undefined) return undefined;
  const { version, released, open, served } = newest;
  const earlier = versions.slice(0, -1).filter((one) => one.served !== undefined);
  const usual = median(earlier.flatMap((one) => secondsOf(one) ?? []));
  return {
    ...{ channel, version, released, seconds },
    isServed: served !== undefined,
    isAtMost: served !== undefined && open === undefined,
    ...(usual !== undefined && { usualSeconds: usual }),
  };
}

/** From the release of a version to the first look at which it was served, or to the last one where it is not yet. */
export function secondsOf({ released, open, served }: ServedVersion): number | undefined {
  const end = served ?? open;
  // Clocks of two machines may differ.
  return end === undefined ? undefined : Math.max(0, Date.parse(end) - Date.parse(released)) / 1000;
}

function median(numbers: readonly number[]): number | undefined {
  const sorted = [...numbers].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

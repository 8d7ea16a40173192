const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads for how long a channel may wait for the other side: `7d`, `36h` or `90m`.
 *
 * @returns milliseconds
 * @throws Error for what is no such duration
 */
export function graceMs(text: string): number {
  const [, count = "", unit = ""] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const unitMs = units[unit];
  if (unitMs === undefined) {
    throw new Error('days, hours or minutes are expected (a valid example: "7d")');
  }
  return Number(count) * unitMs;
}

/**
 * Until when a channel may wait.
 *
 * @param since when it was first seen to wait, as ISO 8601
 */
export function graceEnds(since: string, grace: string): Date {
  return new Date(Date.parse(since) + graceMs(grace));
}

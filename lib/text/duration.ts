const units: readonly [name: string, milliseconds: number][] = [
  ["days", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
];

/** A duration for a person, in the largest unit of which it has two or more, e.g. `90 s`, `3 h`. */
export function durationText(milliseconds: number): string {
  if (milliseconds > 1000 * 86_400_000) return "years";
  for (const [name, length] of units) {
    if (milliseconds >= 2 * length) return `${Math.round(milliseconds / length)} ${name}`;
  }
  return `${Math.ceil(milliseconds / 1000)} s`;
}

const declaredUnits: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration that people declare: `7d`, `36h` or `90m`.
 *
 * @returns milliseconds
 * @throws Error for what is no such duration
 */
export function durationMs(text: string): number {
  const [, count = "", unit = ""] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const unitMs = declaredUnits[unit];
  if (unitMs === undefined) {
    throw new Error('days, hours or minutes are expected (a valid example: "7d")');
  }
  return Number(count) * unitMs;
}

/**
 * When a declared duration ends.
 *
 * @param since when it begins, as ISO 8601
 */
export function endOf(since: string, duration: string): Date {
  return new Date(Date.parse(since) + durationMs(duration));
}

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

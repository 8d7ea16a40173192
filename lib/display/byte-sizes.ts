const units = ["B", "kB", "MB", "GB"] as const;

/** A number of bytes for people, in powers of 1000: `812 B`, `12.3 kB`, `4.1 MB`. */
export function shownBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  // What rounds to 1000 of a unit is 1 of the next.
  while (unit + 1 < units.length && value >= (unit === 0 ? 1000 : 999.95)) {
    value /= 1000;
    unit += 1;
  }
  return `${bytes < 0 ? "-" : ""}${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** How much a size has grown or shrunk: `+1.2 kB, +3.0 %`; `as large as before`. */
export function shownGrowth(from: number, to: number): string {
  if (from === to) return "as large as before";
  const sign = to > from ? "+" : "";
  const bytes = `${sign}${shownBytes(to - from)}`;
  return from === 0 ? bytes : `${bytes}, ${sign}${(((to - from) / from) * 100).toFixed(1)} %`;
}

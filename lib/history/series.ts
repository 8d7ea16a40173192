/** What was found over time: a value, or null, for each time and name. */
export interface Series<T> {
  /** When it was looked, as ISO 8601, the oldest first. */
  readonly times: readonly string[];
  /** What was found at each of these times, by name; null where nothing was. */
  readonly series: Readonly<Record<string, readonly (T | null)[]>>;
}

/** Whether each of the names has a value or null for each time. */
export function isAligned({ times, series }: Series<unknown>): boolean {
  return Object.values(series).every(({ length }) => length === times.length);
}

/**
 * A series with one more look, and without its oldest ones. What nobody has told for as long as looks are kept is forgotten.
 *
 * @param at when it was looked, as ISO 8601
 * @param found what was found, by name
 * @param keep looks that stay, at least one
 */
export function withLook<T>(
  former: Series<T>,
  at: string,
  found: ReadonlyMap<string, T | null>,
  keep: number,
): Series<T> {
  const times = [...former.times, at].slice(-keep);
  const names = [...new Set([...Object.keys(former.series), ...found.keys()])].sort();
  const series = names.flatMap((name) => {
    const before = former.series[name] ?? former.times.map(() => null);
    const values = [...before, found.get(name) ?? null].slice(-keep);
    return values.every((value) => value === null) ? [] : [[name, values] as const];
  });
  return { times, series: Object.fromEntries(series) };
}

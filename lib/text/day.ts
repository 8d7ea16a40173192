/** Days are texts as ISO 8601 writes them, `2026-01-31`, in UTC: they compare as texts do. */

/** The day of a time. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Returns a text that is a day of the calendar, `2026-01-31`. @throws Error with a valid example */
export function checkDay(text: string): string {
  if (writtenDay(text) !== text) throw new Error('a day is expected (a valid example: "2026-01-31")');
  return text;
}

/** The day of the calendar that a text is, `20260131` or `2026-01-31`; undefined for what is none. */
export function writtenDay(text: string): string | undefined {
  const [, year = "", month = "", date = ""] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text) ?? [];
  const day = `${year}-${month}-${date}`;
  const time = new Date(`${day}T00:00:00Z`);
  return year !== "" && !Number.isNaN(time.getTime()) && dayOf(time) === day ? day : undefined;
}

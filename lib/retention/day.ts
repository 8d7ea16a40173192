import { dayOf, writtenDay } from "../text/day";

const periodPattern = /^([1-9]\d{0,3})([dwmy])$/;

/** Returns a text that is a day of the calendar. @throws Error with a valid example */
export function checkDay(text: string): string {
  if (writtenDay(text) !== text) {
    throw new Error('a day is expected (a valid example: "2026-01-31")');
  }
  return text;
}

/** Returns a text that is a number of days, weeks, months or years. @throws Error with a valid example */
export function checkPeriod(text: string): string {
  if (!periodPattern.test(text)) {
    throw new Error('days, weeks, months or years are expected (a valid example: "30d", "6m" or "2y")');
  }
  return text;
}

/**
 * The day that lies a period before another one. A month that has no such day ends earlier: one month
 * before March 31 is the last of February.
 *
 * @param period as {@link checkPeriod} takes it
 */
export function dayBefore(day: string, period: string): string {
  const [, count = "", unit] = periodPattern.exec(checkPeriod(period)) ?? [];
  const time = new Date(`${day}T00:00:00Z`);
  const amount = Number(count);
  if (unit === "d" || unit === "w") {
    time.setUTCDate(time.getUTCDate() - amount * (unit === "w" ? 7 : 1));
    return dayOf(time);
  }
  const date = time.getUTCDate();
  time.setUTCDate(1);
  time.setUTCMonth(time.getUTCMonth() - amount * (unit === "y" ? 12 : 1));
  const last = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
  time.setUTCDate(Math.min(date, last));
  return dayOf(time);
}

import { dayOf } from "./day";

/** Units that people declare, each with one meaning in every field: `m` is minutes, and months are `mo`. */
const units = {
  m: { milliseconds: 60_000 },
  h: { milliseconds: 3_600_000 },
  d: { milliseconds: 86_400_000 },
  w: { milliseconds: 7 * 86_400_000 },
  mo: { months: 1 },
  y: { months: 12 },
} as const;

type Unit = keyof typeof units;

/** Units of what is counted in days. */
const ofDays: readonly Unit[] = ["d", "w", "mo", "y"];

/**
 * Returns a text that is a duration: a number of minutes, hours, days, weeks, months or years, as in `90m`, `7d`, `3mo`.
 *
 * @throws Error with a valid example
 */
export function checkDuration(text: string): string {
  if (!parse(text)) {
    throw new Error(
      "minutes (m), hours (h), days (d), weeks (w), months (mo) or years (y) are expected " +
        '(a valid example: "7d")',
    );
  }
  return text;
}

/** Returns a text that is an age in whole days, weeks, months or years. @throws Error with a valid example */
export function checkAge(text: string): string {
  const unit = parse(text)?.unit;
  if (unit !== undefined && ofDays.includes(unit)) return text;
  const months = unit === "m" ? `; ${JSON.stringify(text)} is minutes, and months are "${text}o"` : "";
  throw new Error(
    `days (d), weeks (w), months (mo) or years (y) are expected${months} (a valid example: "30d", "6mo" or "2y")`,
  );
}

/**
 * When a declared duration ends.
 *
 * @param since when it begins, as ISO 8601
 */
export function endOf(since: string, duration: string): Date {
  return moved(new Date(since), duration, 1);
}

/**
 * The day that lies an age before another one.
 *
 * @param age as {@link checkAge} takes it
 */
export function dayBefore(day: string, age: string): string {
  return dayOf(moved(new Date(`${day}T00:00:00Z`), checkAge(age), -1));
}

/**
 * A month that has no such day ends earlier: one month before March 31 is the last of February.
 *
 * @throws Error for what is no duration
 */
function moved(time: Date, duration: string, direction: 1 | -1): Date {
  const { count, unit } = parse(checkDuration(duration)) ?? { count: 0, unit: "d" };
  const length = units[unit];
  if ("milliseconds" in length) return new Date(time.getTime() + direction * count * length.milliseconds);
  const end = new Date(time);
  end.setUTCDate(1);
  end.setUTCMonth(end.getUTCMonth() + direction * count * length.months);
  const last = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
  end.setUTCDate(Math.min(time.getUTCDate(), last));
  return end;
}

function parse(text: string): { readonly count: number; readonly unit: Unit } | undefined {
  const [, count, unit] = /^([1-9]\d{0,4})([a-z]{1,2})$/.exec(text) ?? [];
  return count !== undefined && isUnit(unit) ? { count: Number(count), unit } : undefined;
}

function isUnit(text: string | undefined): text is Unit {
  return text !== undefined && Object.hasOwn(units, text);
}

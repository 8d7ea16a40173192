import { dayBefore } from "../text/declared-duration";
import type { CountRule } from "./rule";
import type { Verdict } from "./versions";

/** Something that is made again and again, and since when it is known. */
export interface Counted {
  readonly name: string;
  readonly day: string | undefined;
}

/**
 * What becomes of tags of one kind. Those of the day of the last one that is kept stay with it: what is of the same day
 * has no order.
 *
 * @param rule undefined where nothing is declared for the kind
 * @param on the day that is asked about
 */
export function countVerdicts(
  all: readonly Counted[],
  rule: CountRule | undefined,
  on: string,
): Map<string, Verdict> {
  const stays = (reason: string): Verdict => ({ goes: false, reason });
  if (rule === undefined || (rule.keep === undefined && rule.after === undefined)) {
    return new Map(all.map(({ name }) => [name, stays("no rule is about it")]));
  }
  const { keep, after } = rule;
  const newest = all.flatMap(({ day }) => day ?? []).sort((a, b) => (a < b ? 1 : -1));
  // What has no day may be the newest of all.
  const lastKept = keep === undefined ? undefined : newest[keep - 1];
  const oldest = after === undefined ? undefined : dayBefore(on, after);
  const verdict = (day: string | undefined): Verdict => {
    if (day === undefined) return stays("nobody knows how old it is");
    if (keep !== undefined && (lastKept === undefined || day >= lastKept)) {
      return stays(`it is among the newest ${keep}`);
    }
    if (oldest !== undefined && day >= oldest) return stays(`it is of ${day}, and not older than ${after}`);
    const reasons = [
      ...(after === undefined ? [] : [`older than ${after}`]),
      ...(keep === undefined ? [] : [`not among the newest ${keep}`]),
    ];
    return { goes: true, reason: `of ${day}, ${reasons.join(", ")}` };
  };
  return new Map(all.map(({ name, day }) => [name, verdict(day)]));
}

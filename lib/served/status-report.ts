import type { ReleaseStatus, StatusRow } from "../display/release-status";
import type { ServedState } from "../display/served-state";

/** What a look has found, as it is told outside: in an issue, to a webhook. */
export interface StatusReport {
  /** What was looked at, e.g. `hello/prod`: project and stack, or the address of a list. */
  readonly subject: string;
  readonly status: ReleaseStatus;
  /** Whether everything could be looked at. */
  readonly isWhole: boolean;
  /** States that are told. */
  readonly bad: readonly ServedState[];
}

/** Rows that are told. */
export function badRows({ status, bad }: StatusReport): StatusRow[] {
  return status.rows.filter(({ state }) => bad.includes(state));
}

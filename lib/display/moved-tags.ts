import type { StepState } from "./engine-event";

/**
 * Tags that point to something else than before, as `repository:tag`: outputs of `slipway:oci:Tags`, `Tag` and `Mirror`.
 * A tag that was not there is none of them.
 */
export function movedTags(old: StepState | null | undefined, now: StepState | null | undefined): string[] {
  const [before, after] = [pointersOf(old), pointersOf(now)];
  const { repository, target } = { ...now?.inputs, ...now?.outputs };
  const [place = ""] = [repository, target].filter((one) => typeof one === "string");
  return Object.entries(after).flatMap(([tag, digest]) =>
    before[tag] !== undefined && before[tag] !== digest ? [`${place}:${tag}`] : [],
  );
}

function pointersOf(state: StepState | null | undefined): Readonly<Record<string, unknown>> {
  const pointers = state?.outputs?.pointers;
  return typeof pointers === "object" && pointers !== null ? (pointers as Record<string, unknown>) : {};
}

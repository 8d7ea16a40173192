import { ofRun, type Run } from "../run/run";
import type { Entries } from "./entries";

/**
 * When version tags were published, by `repository:tag`, as the state had it before the run: what the run itself notes
 * for the first time may be there for years.
 */
export const publishedTimesOf = ofRun(() => new Map<string, string>());

/** Keeps them for the run. */
export function notePublished(run: Run, { versions }: Pick<Entries, "versions">): void {
  const times = publishedTimesOf(run);
  for (const { published, tags } of Object.values(versions)) {
    for (const reference of Object.keys(tags)) times.set(reference, published);
  }
}

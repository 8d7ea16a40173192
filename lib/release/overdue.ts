import { dayOf } from "../text/day";
import { endOf } from "../text/declared-duration";

/** The newest published version of an image. */
export interface NewestBuild {
  /** `host/path`. */
  readonly repository: string;
  readonly tag: string;
  /** Day on which it was built, as `YYYY-MM-DD`; undefined where nothing says it. */
  readonly built?: string | undefined;
}

/**
 * Says of images that are older than they may be, in a sentence for each version and day.
 *
 * @param rebuild how old they may be, e.g. `31d`
 */
export function overdueBuilds(builds: readonly NewestBuild[], rebuild: string, now: Date): string[] {
  const found = new Map<string, NewestBuild[]>();
  for (const build of builds) {
    if (build.built !== undefined && endOf(build.built, rebuild) >= now) continue;
    const key = `${build.tag} ${build.built ?? ""}`;
    found.set(key, [...(found.get(key) ?? []), build]);
  }
  return [...found.values()].flatMap((group) => {
    const [{ tag, built } = { tag: "" }] = group;
    const what = `${tag} of ${group.map(({ repository }) => repository).join(", ")}`;
    const todo = "publish it again with `rebuilt`";
    if (built === undefined)
      return [`${what}: nothing says when it was built, so that it is overdue: ${todo}`];
    const due = dayOf(endOf(built, rebuild));
    return [`${what} was built on ${built}, and was to be built again by ${due}: ${todo}`];
  });
}

/**
 * Says of a lock that is older than it may be.
 *
 * @param refreshed day on which its digests were taken; undefined where it does not say
 * @param refresh how old it may be, e.g. `92d`
 */
export function overdueLock(
  file: string,
  refreshed: string | undefined,
  refresh: string,
  now: Date,
): string[] {
  const todo = "`npx slipway refresh` takes them anew";
  if (refreshed === undefined) {
    return [`${file} does not say when its digests were taken, so that they are overdue: ${todo}`];
  }
  const due = endOf(refreshed, refresh);
  if (due >= now) return [];
  return [
    `the digests of ${file} were taken on ${refreshed}, and were to be taken again by ${dayOf(due)}: ${todo}`,
  ];
}

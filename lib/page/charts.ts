import { parseKey } from "../metrics/row";
import { secondsOf } from "../served/time-to-served";
import { bareVersion } from "../version/version";
import type { PageChart } from "./page-data";
import { contentsKey, type PageFacts } from "./page-facts";

/** Sizes over versions, use over time, and time until served. What there is not is named with its reason. */
export function chartsOf(facts: PageFacts): PageChart[] {
  return [sizes(facts), use(facts), timesToServed(facts)];
}

function sizes({ versions, told, contents }: PageFacts): PageChart {
  const shown = versions.slice(0, told).toReversed();
  const known = shown.map(({ images }) => {
    const found = images.flatMap((image) => {
      const read = contents.get(contentsKey(image));
      return read === undefined || "notAvailable" in read
        ? []
        : read.images.map(({ platform, size }) => [`${image.repository} ${platform}`, size] as const);
    });
    return new Map(found);
  });
  const names = [...new Set(known.flatMap((one) => [...one.keys()]))].sort();
  return chart(
    "Size of images by version",
    "bytes",
    shown.map(({ version }) => version),
    names.map((name) => ({ name, values: known.map((one) => one.get(name) ?? null) })),
    "no registry has told sizes",
  );
}

/** Counts that grow: those of everything, not of single versions and platforms. */
function use({ metrics }: PageFacts): PageChart {
  const title = "Pulls and downloads over time";
  if (metrics === undefined) return chart(title, "count", [], [], "no history of metrics was given");
  const series = Object.entries(metrics.series).flatMap(([key, values]) => {
    const { metric, of, version, platform, period } = parseKey(key) ?? {};
    const isCount = metric === "pulls" || metric === "actions" || metric === "downloads";
    if (!isCount || version !== "" || platform !== "") return [];
    return [{ name: `${metric} of ${of}${period === "" ? "" : `, ${period}`}`, values: [...values] }];
  });
  return chart(title, "count", metrics.times, series, "no service has told any");
}

function timesToServed({ served }: PageFacts): PageChart {
  const title = "Time from release until it was served";
  if (served === undefined) return chart(title, "seconds", [], [], "no history of what was served was given");
  const released = new Map<string, string>();
  const channels = Object.entries(served.releases).map(([name, versions]) => {
    const times = versions.flatMap((one) => {
      const seconds = secondsOf(one);
      // What nobody has been served yet has no time, and channels may spell a version without its prefix.
      if (one.served === undefined || seconds === undefined) return [];
      const version = bareVersion(one.version);
      released.set(version, one.released);
      return [[version, seconds] as const];
    });
    return { name, times: new Map(times) };
  });
  const at = [...released].sort(([, one], [, other]) => (one < other ? -1 : 1)).map(([version]) => version);
  const series = channels.map(({ name, times }) => ({
    name,
    values: at.map((version) => times.get(version) ?? null),
  }));
  return chart(title, "seconds", at, series, "nothing of it has been served yet");
}

function chart(
  title: string,
  unit: PageChart["unit"],
  at: readonly string[],
  series: PageChart["series"],
  none: string,
): PageChart {
  const told = series.filter(({ values }) => values.some((value) => value !== null));
  const known = { title, unit, at: [...at], series: told };
  return told.length === 0 ? { ...known, notAvailable: none } : known;
}

import { chartTag, isChartVersion } from "../../lib/channels/helm/names";
import { parseVersion } from "../../lib/version/version";
import { nearest } from "../../lib/text/nearest";
import type { Finding } from "../../resources/definitions/input-findings";
import type { ChartDeclaration } from "./chart-declaration";
import type { DistributionDeclaration } from "./declaration";
import type { PlannedTag } from "./tag-rules";

/** The version of the charts; undefined where there is none, or none that a chart can have. */
export function chartVersion({
  version,
  rebuilt,
}: Pick<DistributionDeclaration, "version" | "rebuilt">): string | undefined {
  const parsed = version === undefined ? undefined : parseVersion(version);
  if (!parsed) return undefined;
  // A suffix with `-` would be lower than the version that was built again.
  const text = rebuilt === undefined ? parsed.version : `${parsed.version}+${rebuilt}`;
  return isChartVersion(text) ? text : undefined;
}

/** The one tag of a chart, by which Helm finds its version. */
export function chartVersionTag(version: string): PlannedTag {
  return { tag: chartTag(version), moves: "never", published: true };
}

/** Name of a chart's repository below each namespace. */
export function chartRepository(name: string, { repository = `charts/${name}` }: ChartDeclaration): string {
  return repository;
}

/** What is wrong with charts as far as the declaration shows; their folders are looked at by the provider. */
export function chartFindings(args: DistributionDeclaration): Finding[] {
  const { charts = {}, images, version } = args;
  const names = Object.keys(images);
  const unversioned: Finding[] =
    Object.keys(charts).length > 0 && version !== undefined && chartVersion(args) === undefined
      ? [
          {
            property: "version",
            reason: `${JSON.stringify(version)}: charts need SemVer (a valid example: "v1.2.3")`,
          },
        ]
      : [];
  const single = Object.entries(charts).flatMap(([name, chart]): Finding[] => {
    const repository = chartRepository(name, chart);
    const misnamed: Finding[] =
      repository.split("/").at(-1) === name
        ? []
        : [
            {
              property: `charts.${name}.repository`,
              reason: `${JSON.stringify(repository)} has to end with the name of the chart, by which Helm finds it (a valid example: "charts/${name}")`,
            },
          ];
    const unknown = Object.entries(chart.images ?? {}).flatMap(([path, image]): Finding[] => {
      if (names.includes(image)) return [];
      const meant = nearest(image, names);
      return [
        {
          property: `charts.${name}.images.${path}`,
          reason: `there is no image ${JSON.stringify(image)}; declared are ${names.join(", ")}${meant === undefined ? "" : ` (did you mean ${meant}?)`}`,
        },
      ];
    });
    return [...misnamed, ...unknown];
  });
  return [...unversioned, ...single];
}

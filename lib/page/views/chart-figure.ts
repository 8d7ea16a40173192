import { lineChart, lineKey, mostLines, valueText } from "../line-chart";
import { markup, type Markup } from "../markup";
import type { PageChart } from "../page-data";
import { counted, table } from "./elements";

/** Values over time that a table has: what is older is in the JSON. */
const mostColumns = 12;

/** A picture with its values in a table below, or why there are none. */
export function chartFigure(chart: PageChart): Markup {
  const { title, unit, notAvailable } = chart;
  if (notAvailable !== undefined) return markup`<h3>${title}</h3>\n<p>Not available: ${notAvailable}.</p>\n`;
  const largest = (values: readonly (number | null)[]) => values.findLast((value) => value !== null) ?? 0;
  const series = chart.series
    .toSorted((one, other) => largest(other.values) - largest(one.values))
    .slice(0, mostLines);
  const rest = chart.series.length - series.length;
  const from = Math.max(0, chart.at.length - mostColumns);
  const heads = chart.at.slice(from).map((at) => (/^\d{4}-\d\d-\d\dT/.test(at) ? at.slice(0, 10) : at));
  const rows = series.map(({ name, values }, index) => [
    markup`${lineKey(index)}${name}`,
    ...values.slice(from).map((value) => (value === null ? "–" : valueText(unit, value))),
  ]);
  return markup`<h3>${title}</h3>
${lineChart({ ...chart, series })}${table(`${title}: values`, ["Of", ...heads.map((number) => ({ number }))], rows)}${rest > 0 && markup`<p class="faint">${counted(rest, "smaller line")} in <a href="page.json">page.json</a>.</p>`}
`;
}

import { scaleLinear, scalePoint } from "d3-scale";
import { line } from "d3-shape";
import { shownBytes } from "../display/byte-sizes";
import { durationText } from "../text/duration";
import { markup, type Markup } from "./markup";
import type { PageChart } from "./page-data";

const width = 500;
const height = 230;
const margin = { top: 12, right: 16, bottom: 30, left: 70 };
/** Labels under the axis that can be read beside each other. */
const mostLabels = 4;

/** As many lines as can be told from each other. */
export const mostLines = 6;

/** A chart of lines as SVG: what is drawn is in the table beside it too, so that it is one picture with a name. */
export function lineChart({ title, unit, at, series }: PageChart): Markup {
  const x = scalePoint<number>(at.keys(), [margin.left, width - margin.right]).padding(
    at.length === 1 ? 0.5 : 0,
  );
  const highest = Math.max(1, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const y = scaleLinear([0, highest], [height - margin.bottom, margin.top]).nice(4);
  const place = (index: number) => round(x(index) ?? margin.left);
  const path = line<number | null>()
    .defined((value) => value !== null)
    .x((_value, index) => place(index))
    .y((value) => round(y(value ?? 0)));
  const grid = y.ticks(4).map((tick) => {
    const level = round(y(tick));
    return markup`<line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${level}" y2="${level}"/><text x="${margin.left - 8}" y="${level + 4}" text-anchor="end">${valueText(unit, tick)}</text>`;
  });
  const step = Math.max(1, Math.ceil(at.length / mostLabels));
  const labels = at.flatMap((label, index) => {
    // Counted from the end: the newest has its name.
    if ((at.length - 1 - index) % step !== 0) return [];
    const anchor =
      at.length === 1 ? "middle" : index === 0 ? "start" : index === at.length - 1 ? "end" : "middle";
    return [
      markup`<text x="${place(index)}" y="${height - 8}" text-anchor="${anchor}">${shortLabel(label)}</text>`,
    ];
  });
  const lines = series.map(({ values }, index) => {
    const dots = values.flatMap((value, position) =>
      value === null
        ? []
        : [markup`<circle class="d${index}" cx="${place(position)}" cy="${round(y(value))}" r="3"/>`],
    );
    return markup`<path class="plot p${index}" d="${path(values) ?? ""}"/>${dots}`;
  });
  return markup`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: the values are in the table below">${grid}${labels}${lines}</svg>
`;
}

/** The sample of a line, for the names beside the chart. */
export function lineKey(index: number): Markup {
  return markup`<svg class="key" viewBox="0 0 36 10" aria-hidden="true"><path class="plot p${index}" d="M0 5H36"/></svg>`;
}

/** A value as people read it. */
export function valueText(unit: PageChart["unit"], value: number): string {
  if (unit === "bytes") return shownBytes(value);
  return unit === "seconds" ? durationText(value * 1000) : String(value);
}

function shortLabel(label: string): string {
  // Of a time the day is enough.
  const text = /^\d{4}-\d\d-\d\dT/.test(label) ? label.slice(0, 10) : label;
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

import { badStates, type ServedState } from "../../display/served-state";
import { shortDigest } from "../../oci/digest";
import { codeBlock } from "../markdown-markup";
import { markup, type Markup, type Part } from "../markup";
import type { PageNotice, PageRow } from "../page-data";

/** A column of a table, and whether it has numbers. */
type Column = string | { readonly number: string };

/** A table that is scrolled by keyboard too where it is wider than the page. The first cell of a row is its heading. */
export function table(label: string, columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup {
  const isNumber = columns.map((column) => typeof column !== "string");
  const heads = columns.map((column) =>
    typeof column === "string"
      ? markup`<th scope="col">${column}</th>`
      : markup`<th scope="col" class="number">${column.number}</th>`,
  );
  const lines = rows.map((cells) => {
    const shown = cells.map((cell, index) => {
      if (index === 0) return markup`<th scope="row">${cell}</th>`;
      return isNumber[index] === true ? markup`<td class="number">${cell}</td>` : markup`<td>${cell}</td>`;
    });
    return markup`<tr>${shown}</tr>\n`;
  });
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines}</tbody></table></div>
`;
}

const goodStates: readonly ServedState[] = ["served", "published"];

/** A state in its word, with a sign and a color beside it. */
export function stateMark(state: ServedState): Markup {
  const kind = badStates.includes(state) ? " bad" : goodStates.includes(state) ? " good" : "";
  return markup`<span class="state${kind}">${state}</span>`;
}

/** Rows of a status as a table. */
export function statusRows(label: string, rows: readonly PageRow[]): Markup {
  return table(
    label,
    ["Name", "State", "Kind", "Place", "Published", "Served", "Next step"],
    rows.map(({ kind, place, name, declared, served, state, since, reason }) => [
      markup`<code>${name}</code>`,
      stateMark(state),
      kind,
      place === "" ? "" : markup`<code>${place}</code>`,
      digestMark(declared),
      digestMark(served),
      markup`<span class="long">${said(
        [since === undefined ? "" : `since ${since}`, reason].filter((text) => text !== "").join("; "),
      )}</span>`,
    ]),
  );
}

/** A digest by its first digits, and whole where somebody points at it. */
export function digestMark(digest: string): Part {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  return markup`<code title="${digest}">${shortDigest(digest)}</code>`;
}

/** That users are told to leave a version. */
export function deprecationNotice({ versions, since, removal, reason, instead }: PageNotice): Markup {
  return markup`<div class="notice"><p><strong>Deprecated</strong> since ${since} (${versions}).${
    removal === undefined ? undefined : ` From ${removal} on it may be removed.`
  }${reason === undefined ? undefined : ` ${reason}`}${instead === undefined ? undefined : ` Use ${instead} instead.`}</p></div>
`;
}

/** A time as people read it, and machines. */
export function day(time: string): Markup {
  return markup`<time datetime="${time}">${time.slice(0, 10)}</time>`;
}

export function commands(lines: readonly string[]): Markup {
  return codeBlock(lines.join("\n"));
}

/** `1 tag`, `2 tags`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A sentence of Slipway's, which has commands in backticks. */
export function said(text = ""): Part[] {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : markup`<code>${part}</code>`));
}

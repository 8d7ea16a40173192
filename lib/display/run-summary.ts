import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";
import { shownBytes } from "./byte-sizes";

/** What has become of one resource in a run. */
export interface DoneStep {
  /** Type without `slipway:`, e.g. `oci:Image`. */
  readonly kind: string;
  readonly name: string;
  readonly result: "made" | "changed" | "removed" | "kept" | "refused";
  readonly seconds: number;
  /** What was sent for it, in bytes. */
  readonly sentBytes: number;
  /** Tags that point to something else now, as `repository:tag`. */
  readonly moved: readonly string[];
}

/** A stage of a release that was reached, and how long it took since the one before. */
export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
}

/** What a run did. */
export interface RunFacts {
  readonly steps: readonly DoneStep[];
  readonly stages: readonly StageTime[];
}

/** Names that are told of one sort; of those further only their number. */
const mostNamed = 6;

/** How many of the slowest are told. */
const mostSlow = 3;

/** One line of what was done for a stage. */
export function stageLine({ stage, seconds }: StageTime, steps: readonly DoneStep[]): string {
  const counts = (["made", "changed", "removed", "refused", "kept"] as const).flatMap((result) => {
    const count = steps.filter((step) => step.result === result).length;
    return count === 0 ? [] : [`${count} ${result}`];
  });
  const sent = sentBytes(steps);
  const words = [...counts, ...(sent === 0 ? [] : [`${shownBytes(sent)} sent`])];
  return `stage ${stage}: ${[...words, shownSeconds(seconds)].join(", ")}`;
}

/** What was made, moved, kept and refused, how long stages took, and the slowest; nothing where nothing was done. */
export function summaryLines(facts: RunFacts): string[] {
  const rows = summaryRows(facts);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.length === 0
    ? []
    : ["summary:", ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)];
}

/** The same in Markdown. Words of others are no markup in it. */
export function summaryMarkdown(facts: RunFacts): string {
  const rows = summaryRows(facts);
  if (rows.length === 0) return "";
  const table = markdownTable(
    ["", ""],
    rows.map(([name, text]) => [name, markdownText(text)]),
  );
  return `### What the run did\n\n${table}\n`;
}

function summaryRows({ steps, stages }: RunFacts): [name: string, text: string][] {
  const of = (result: DoneStep["result"]) => steps.filter((step) => step.result === result);
  const [made, changed, removed, refused, kept] = [
    of("made"),
    of("changed"),
    of("removed"),
    of("refused"),
    of("kept"),
  ];
  const done = [...made, ...changed, ...removed, ...refused];
  if (done.length === 0) return [];
  const moved = steps.flatMap((step) => step.moved);
  const sent = sentBytes(steps);
  const slow = [...done].sort((one, other) => other.seconds - one.seconds).slice(0, mostSlow);
  const rows: [string, string][] = [
    ["made", byKind(made)],
    ["changed", byKind(changed)],
    ["moved", named(moved)],
    ["removed", byKind(removed)],
    ["kept", kept.length === 0 ? "" : `${kept.length} as they were`],
    ["refused", named(refused.map(({ kind, name }) => `${kind} ${name}`))],
    ["sent", sent === 0 ? "" : shownBytes(sent)],
    ["stages", stages.map(({ stage, seconds }) => `${stage} ${shownSeconds(seconds)}`).join(", ")],
    ["slowest", slow.map(slowText).join(", ")],
  ];
  return rows.filter(([, text]) => text !== "");
}

function byKind(steps: readonly DoneStep[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of steps) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function named(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return `${[...names].sort().slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function slowText({ kind, name, seconds, sentBytes: sent }: DoneStep): string {
  return `${kind} ${name} ${shownSeconds(seconds)}${sent === 0 ? "" : ` (${shownBytes(sent)})`}`;
}

function sentBytes(steps: readonly DoneStep[]): number {
  return steps.reduce((sum, step) => sum + step.sentBytes, 0);
}

function shownSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 100 ? 1 : 0)} s`;
}

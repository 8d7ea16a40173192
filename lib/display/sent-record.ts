import { appendFileSync, readFileSync } from "node:fs";

/**
 * What the provider has sent for each resource: the engine's events have no such number, so a report of a run gives the
 * provider a file.
 */

/** Variable with the path of the file. */
export const sentRecordVariable = "SLIPWAY_SENT_RECORD";

/** Whether the run is one of a report, which tells what was done. */
export function isReported(env: NodeJS.ProcessEnv = process.env): boolean {
  return env[sentRecordVariable] !== undefined;
}

/** Notes bytes that were sent for a resource, where the run is one of a report. */
export function recordSent(urn: string, bytes: number, env: NodeJS.ProcessEnv = process.env): void {
  const file = env[sentRecordVariable];
  if (file !== undefined && bytes > 0)
    appendFileSync(file, `${JSON.stringify([urn, bytes])}\n`, { mode: 0o600 });
}

/** Bytes that were sent, by URN. */
export function readSentRecord(file: string): Map<string, number> {
  const sent = new Map<string, number>();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return sent;
    throw error;
  }
  // A line may be under way.
  for (const line of text.split("\n").slice(0, -1)) {
    const [urn, bytes] = JSON.parse(line) as [string, number];
    sent.set(urn, (sent.get(urn) ?? 0) + bytes);
  }
  return sent;
}

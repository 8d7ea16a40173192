import { readFile, stat } from "node:fs/promises";
import * as z from "zod";
import { reportLimitBytes } from "./run-program";
import { ScanError, type Report } from "./scanner";

/**
 * Reads a report that a scanner wrote.
 *
 * @param lastLines what the scanner printed, for the message
 * @throws ScanError where it is missing, no JSON, or of another shape
 */
export async function readReport<T extends z.ZodType>(
  file: string,
  schema: T,
  scanner: string,
  lastLines: string,
): Promise<{ content: z.infer<T>; json: unknown }> {
  const text = await readWhole(file).catch((error: unknown) => {
    if (error instanceof ScanError) throw error;
    throw new ScanError(`${scanner} left no report${said(lastLines)}`, { cause: error });
  });
  return parseReport(text, schema, scanner, lastLines);
}

/** Text of a file that a program wrote. @throws ScanError for one with more than any report has */
export async function readWhole(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > reportLimitBytes) {
    throw new ScanError(`${file} has ${size} bytes, more than the ${reportLimitBytes} of any report`);
  }
  return readFile(file, "utf8");
}

/** The same for a report in SARIF, of which nothing is looked at. */
export async function readSarif(file: string, scanner: string, lastLines: string): Promise<unknown> {
  return (await readReport(file, z.looseObject({ runs: z.array(z.unknown()) }), scanner, lastLines)).json;
}

/** The same for the text of a report. */
export function parseReport<T extends z.ZodType>(
  text: string,
  schema: T,
  scanner: string,
  lastLines: string,
): { content: z.infer<T>; json: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ScanError(
      `the report of ${scanner} is not JSON: ${(error as Error).message}${said(lastLines)}`,
      {
        cause: error,
      },
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { content: parsed.data, json };
  const issue = parsed.error.issues[0];
  throw new ScanError(
    `the report of ${scanner} is not as expected: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}; ` +
      `use a version that is known to work (see the guide)${said(lastLines)}`,
  );
}

function said(lastLines: string): string {
  return lastLines.trim() === "" ? "; it printed nothing" : `; its last lines:\n${lastLines}`;
}

/**
 * A report for the registry.
 *
 * @param forgotten texts that differ from run to run, such as the folder that was scanned
 */
export function reportOf(
  json: unknown,
  mediaType: string,
  forgotten: readonly (readonly [text: string, instead: string])[] = [],
): Report {
  let text = JSON.stringify(json);
  for (const [found, instead] of forgotten) text = text.replaceAll(jsonText(found), jsonText(instead));
  return { mediaType, bytes: Buffer.from(`${text}\n`, "utf8") };
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

import { stateCounts, statusSum } from "../display/status-texts";
import { isInTheClear } from "../oci/transport/in-the-clear";
import { HttpTransport } from "../oci/transport/http";
import { sendWithRetry } from "../oci/transport/retry";
import { briefRetryPolicy } from "../oci/transport/retry-policy";
import { WaitBudget } from "../oci/transport/wait-budget";
import { answerMs } from "./patience";
import { badRows, type StatusReport } from "./status-report";

/**
 * Reads the address of a webhook.
 *
 * @throws Error that does not repeat it, for who knows it may write there
 */
export function webhookAddress(text: string): URL {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !isInTheClear(text);
  if (isUrl) return new URL(text);
  throw new Error(
    "an https address is expected, or http on this machine (a valid example: https://hooks.acme.example/status)",
  );
}

/**
 * Tells a webhook what was found, as JSON. It goes to no other host than the one that was named.
 *
 * @throws Error that names the host alone
 */
export async function tellWebhook(url: URL, report: StatusReport): Promise<void> {
  const http = new HttpTransport();
  const body = `${JSON.stringify(webhookBody(report))}\n`;
  const headers = { "content-type": "application/json" };
  try {
    const request = { method: "POST", url, headers, body, timeoutMs: answerMs, withinOrigin: true } as const;
    const answer = await sendWithRetry(http, request, briefRetryPolicy, new WaitBudget(briefRetryPolicy));
    await answer.discard();
    if (answer.status >= 300) throw new Error(`it answers with HTTP ${answer.status}`);
  } catch (error) {
    throw new Error(`The webhook at ${url.host} was not told: ${(error as Error).message}`, { cause: error });
  } finally {
    await http.close();
  }
}

/** What a webhook is told: the status as `--format json` has it, and what is asked first of it. */
function webhookBody(report: StatusReport): object {
  const { subject, status } = report;
  const bad = badRows(report);
  return {
    subject,
    text: `${subject}: ${bad.length === 0 ? statusSum(status) : stateCounts(bad)}`,
    bad: bad.length,
    ...status,
  };
}

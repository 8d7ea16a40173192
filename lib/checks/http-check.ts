import { fetchPublic } from "../oci/transport/follow-redirects";
import { recordedOutput, type CheckOutcome } from "./outcome";

/** Bytes of an answer that are read to look for the expected text. */
const readLimitBytes = 1024 * 1024;

/** An HTTP request and what its answer has to be. */
export interface HttpExpectation {
  url: string;
  /** Expected status. */
  status: number;
  /** Text that the answer must contain. */
  contains?: string;
  timeoutSeconds: number;
}

/** Asks a URL with GET. It passes with the expected status and text. */
export async function httpCheck(
  { url, status, contains, timeoutSeconds }: HttpExpectation,
  signal?: AbortSignal,
): Promise<CheckOutcome> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const response = await fetchPublic(url, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await beginningOf(response.body);
    const output = recordedOutput(text.slice(0, 1000));
    if (response.status !== status)
      return { passed: false, detail: `status ${response.status}, not ${status}`, output };
    if (contains !== undefined && !text.includes(contains)) {
      return { passed: false, detail: `the answer does not contain ${JSON.stringify(contains)}`, output };
    }
    return { passed: true, detail: `status ${status}`, output };
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    const reason = timeout.aborted
      ? `no answer within ${timeoutSeconds} s`
      : cause instanceof Error && cause.message !== ""
        ? cause.message
        : message;
    return { passed: false, detail: reason, output: "" };
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body) {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= readLimitBytes) break;
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fetchPublic } from "../oci/transport/follow-redirects";
import type { CheckOutcome } from "./outcome";

/** Content that must have a digest: exactly one of a file and an address. */
export interface ChecksumExpectation {
  /** Absolute path. */
  file?: string;
  url?: string;
  /** Digest as `sha256:<hex>`. */
  digest: string;
  timeoutSeconds: number;
}

/** Digests a file or what an address gives, as a stream. It passes with the expected digest. */
export async function checksumCheck(
  expectation: ChecksumExpectation,
  signal?: AbortSignal,
): Promise<CheckOutcome> {
  const what = expectation.file ?? expectation.url ?? "";
  const timeout = AbortSignal.timeout(expectation.timeoutSeconds * 1000);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const hash = createHash("sha256");
  try {
    await pipeline(await open(expectation, either), hash, { signal: either });
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    const reason = timeout.aborted
      ? `was not read within ${expectation.timeoutSeconds} s`
      : cause instanceof Error && cause.message !== ""
        ? cause.message
        : message;
    return { passed: false, detail: `${what}: ${reason}`, output: "" };
  }
  const found = `sha256:${hash.digest("hex")}`;
  const passed = found === expectation.digest;
  return { passed, detail: `${what} has ${found}${passed ? "" : `, not ${expectation.digest}`}`, output: "" };
}

async function open(
  { file, url }: ChecksumExpectation,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if (file !== undefined) return createReadStream(file);
  const response = await fetchPublic(url ?? "", { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.body ?? (async function* () {})();
}

import assert from "node:assert/strict";
import { isTemporaryStatus } from "../../../../lib/oci/errors";
import { backOffMs, defaultRetryPolicy } from "../../../../lib/oci/transport/retry-policy";
import {
  askedWaitMs,
  errorCode,
  isConnectionError,
  pause,
  retryAfterMs,
} from "../../../../lib/oci/transport/retry";

describe("retry rules", () => {
  const now = Date.parse("2030-01-01T00:00:00Z");
  const headers: [header: string | undefined, expected: number | undefined][] = [
    [undefined, undefined],
    ["0", 0],
    ["7", 7000],
    [" 7 ", 7000],
    ["Tue, 01 Jan 2030 00:00:30 GMT", 30_000],
    ["Mon, 31 Dec 2029 23:59:00 GMT", 0],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
  ];
  for (const [header, expected] of headers) {
    it(`reads Retry-After ${JSON.stringify(header)} as ${expected}`, () => {
      assert.equal(retryAfterMs(header, now), expected);
    });
  }

  it("doubles the wait, with jitter, up to the longest", () => {
    const policy = { ...defaultRetryPolicy, baseDelayMs: 100, maxDelayMs: 1000 };
    const waits = (random: number) =>
      [1, 2, 3, 4, 5, 9].map((n) => backOffMs(policy, n, undefined, () => random));
    assert.deepEqual(waits(1), [100, 200, 400, 800, 1000, 1000]);
    assert.deepEqual(waits(0), [50, 100, 200, 400, 500, 500]);
  });

  it("waits as long as the server asks, up to the cap", () => {
    const policy = { ...defaultRetryPolicy, maxRetryAfterMs: 5000 };
    assert.equal(backOffMs(policy, 1, 3000), 3000);
    assert.equal(backOffMs(policy, 1, 3_600_000), 5000);
    assert.equal(backOffMs(policy, 1, Infinity), 5000);
  });

  it("waits as long as without being asked where the server asks for less", () => {
    for (const asked of [0, 1, 400]) {
      for (const failures of [1, 2, 5]) {
        const waits = [asked, undefined].map((ms) => backOffMs(defaultRetryPolicy, failures, ms, () => 1));
        assert.equal(waits[0], waits[1]);
      }
    }
  });

  const answers: [name: string, headers: Record<string, string>, expected: number | undefined][] = [
    ["nothing", {}, undefined],
    ["seconds", { "retry-after": "7", date: "Tue, 01 Jan 2030 00:00:00 GMT" }, 7000],
    [
      "a date by a clock that is not ours",
      { "retry-after": "Tue, 01 Jan 2030 00:00:30 GMT", date: "Tue, 01 Jan 2030 00:00:00 GMT" },
      30_000,
    ],
    [
      "a date that has passed there",
      { "retry-after": "Tue, 01 Jan 2030 00:00:00 GMT", date: "Tue, 01 Jan 2030 00:00:30 GMT" },
      0,
    ],
    ["a date, and has no clock", { "retry-after": "Tue, 01 Jan 2002 00:00:00 GMT", date: "today" }, 0],
    [
      "a second of the epoch, as Docker Hub's API",
      { "x-retry-after": "1893456030", date: "Tue, 01 Jan 2030 00:00:00 GMT" },
      30_000,
    ],
    ["what is no second of the epoch", { "x-retry-after": "30" }, undefined],
  ];
  for (const [name, headers, expected] of answers) {
    it(`understands an answer that asks for ${name}`, () => {
      assert.equal(askedWaitMs({ header: (field) => headers[field] }), expected);
    });
  }

  it("tells temporary statuses from final ones", () => {
    const temporary = [408, 429, 500, 502, 503, 504, 520];
    const final = [200, 301, 400, 401, 403, 404, 405, 409, 412, 413, 416, 422, 501, 505, 507];
    assert.deepEqual([...temporary, ...final].filter(isTemporaryStatus), temporary);
    assert.ok(isTemporaryStatus(undefined));
  });

  it("knows a connection error by its code, also in a cause, and TLS failures as none", () => {
    const withCode = (code: string) => Object.assign(new Error("x"), { code });
    for (const code of [
      "ECONNREFUSED",
      "ECONNRESET",
      "EPIPE",
      "UND_ERR_SOCKET",
      "UND_ERR_HEADERS_TIMEOUT",
      "HPE_INVALID_EOF_STATE",
    ]) {
      assert.ok(isConnectionError(withCode(code)), code);
    }
    for (const code of [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "ENOTFOUND",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "ABORT_ERR",
    ]) {
      assert.ok(!isConnectionError(withCode(code)), code);
    }
    assert.equal(errorCode(new Error("outer", { cause: withCode("ECONNRESET") })), "ECONNRESET");
    assert.ok(!isConnectionError("ECONNRESET"));
  });

  it("ends a wait with the reason of the signal", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = pause(60_000, controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, reason);
  });
});

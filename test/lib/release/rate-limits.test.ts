import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../../lib/oci/digest";
import { DownloadError, downloadFile, downloadLimits, readText } from "../../../lib/release/download";
import { defaultRetryPolicy } from "../../../lib/oci/transport/retry-policy";
import { answer } from "../../support/hostile/behaviors";
import { startHostileServer, type HostileServer } from "../../support/hostile/server";
import { temporaryFolder } from "../oci/assembly/temporary-folder";

describe("a host that limits how often a release is read", () => {
  const folder = temporaryFolder();
  let server: HostileServer;
  let told: string[];
  const retry = {
    ...defaultRetryPolicy,
    attempts: 3,
    baseDelayMs: 100,
    maxDelayMs: 100,
    maxRetryAfterMs: 300,
    maxTotalWaitMs: 10_000,
  };
  const limits = { ...downloadLimits, retry };
  const onWait = (host: string, milliseconds: number, reason: string) =>
    told.push(`${host} ${milliseconds} ${reason}`);
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();

  beforeEach(async () => {
    server = await startHostileServer();
    told = [];
  });
  afterEach(() => server.stop());

  /** Answers so often with a refusal, then with the content. */
  const refusing = (times: number, status: number, headers: Record<string, string>) => {
    let left = times;
    server.on("GET", "/file", (exchange) =>
      (left-- > 0 ? answer(status, "", headers) : answer(200, "content"))(exchange),
    );
  };
  const fetched = async () => {
    const target = join(folder(), "file");
    const start = Date.now();
    await downloadFile(
      `${server.url}/file`,
      target,
      [digestOf("content")],
      () => undefined,
      undefined,
      undefined,
      limits,
      onWait,
    );
    assert.equal(readFileSync(target, "utf8"), "content");
    return Date.now() - start;
  };

  for (const [what, status, headers, asked] of [
    ["429 with seconds", 429, () => ({ "retry-after": "7" }), true],
    ["429 with a date", 429, () => ({ "retry-after": inSeconds(7) }), true],
    ["503 with seconds", 503, () => ({ "retry-after": "7" }), true],
    ["403 with seconds", 403, () => ({ "retry-after": "7" }), true],
    ["403 with a date", 403, () => ({ "retry-after": inSeconds(7) }), true],
    [
      "403 in GitHub's words",
      403,
      () => ({
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 7),
      }),
      true,
    ],
    ["429 with no wait", 429, () => ({ "retry-after": "0" }), false],
    ["429 with a date that has passed", 429, () => ({ "retry-after": inSeconds(-60) }), false],
    ["429 with nothing", 429, () => ({}), false],
    ["429 with what is no time", 429, () => ({ "retry-after": "soon" }), false],
  ] as const) {
    it(`is asked again later after ${what}`, async () => {
      refusing(2, status, headers());
      const took = await fetched();
      // Twice the wait that was asked for, up to the policy's cap; without one the policy's own.
      if (asked) assert.ok(took >= 600, `${took} ms`);
      else assert.ok(took >= 100 && took < 600, `${took} ms`);
      assert.equal(server.requests.length, 3);
    });
  }

  for (const [what, headers, reason] of [
    [
      "asks for a while",
      { "retry-after": "90" },
      /file: HTTP 429; 127\.0\.0\.1:\d+ limits how often it is asked, and asks to wait 90 s: run again after that/,
    ],
    ["asks for nothing", {}, /HTTP 429; 127\.0\.0\.1:\d+ limits how often it is asked: run again after that/],
  ] as const) {
    it(`is left when it ${what} to the end, and the message says so`, async () => {
      refusing(10, 429, headers);
      const patient = { ...limits, retry: { ...retry, maxTotalWaitMs: 100_000 } };
      await assert.rejects(
        readText(`${server.url}/file`, undefined, patient),
        (error) => error instanceof DownloadError && error.temporary && reason.test(error.message),
      );
      assert.equal(server.requests.length, 3);
    });
  }

  it("is left at once when it asks for longer than anybody waits", async () => {
    refusing(10, 403, { "retry-after": "3600" });
    await assert.rejects(
      readText(`${server.url}/file`, undefined, limits),
      /HTTP 403; 127\.0\.0\.1:\d+ limits how often it is asked, and asks to wait 60 min/,
    );
    assert.equal(server.requests.length, 1);
  });

  it("is not waited for where 403 is for good", async () => {
    refusing(10, 403, {});
    await assert.rejects(readText(`${server.url}/file`, undefined, limits), /HTTP 403; it is not public/);
    assert.equal(server.requests.length, 1);
  });

  it("is told of while it is waited for", async () => {
    refusing(1, 429, { "retry-after": "6" });
    const stop = new AbortController();
    const patient = { ...limits, retry: { ...retry, maxRetryAfterMs: 60_000 } };
    const reading = readText(`${server.url}/file`, stop.signal, patient, (...wait) => {
      onWait(...wait);
      setTimeout(() => stop.abort(new Error("stopped")), 10);
    });
    await assert.rejects(reading, /stopped/);
    assert.match(told.join(), /^127\.0\.0\.1:\d+ 6000 answered HTTP 429 and asks for 6 s$/);
  });
});

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { Credentials } from "../../../../lib/oci/transport/credentials";
import { describeFailure, parseErrorBody, type FailedRequest } from "../../../../lib/oci/transport/failure";
import { HttpResponse } from "../../../../lib/oci/transport/http";

const request: FailedRequest = {
  operation: "pushing manifest sha256:0123 to ghcr.io/acme/hello",
  registry: "ghcr.io",
  method: "PUT",
  url: new URL("https://ghcr.io/v2/acme/hello/manifests/v1?_state=hidden"),
};
const credentials = new Credentials(
  { username: "alice", password: "pass-word" },
  "/home/alice/.docker/config.json",
);

async function failureOf(status: number, body = "", headers = {}, change: Partial<FailedRequest> = {}) {
  const response = new HttpResponse(
    status,
    request.url,
    headers,
    Readable.from(body === "" ? [] : [Buffer.from(body)]),
  );
  return describeFailure({ ...request, ...change }, { response });
}

describe("registry errors", () => {
  it("say what, where, what the registry said, and no query", async () => {
    const body =
      '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown","detail":"sha256:feed"}]}';
    const error = await failureOf(400, body);
    assert.equal(
      error.message,
      "pushing manifest sha256:0123 to ghcr.io/acme/hello: PUT ghcr.io/v2/acme/hello/manifests/v1: HTTP 400 " +
        "(MANIFEST_BLOB_UNKNOWN: blob unknown: sha256:feed)",
    );
    assert.ok(error.hasCode("MANIFEST_BLOB_UNKNOWN") && !error.hasCode("DENIED") && !error.temporary);
  });

  const hints: [status: number, change: Partial<FailedRequest>, hint: RegExp, body?: string][] = [
    [401, {}, /No credentials were found.*docker login ghcr\.io/],
    [
      401,
      { credentials },
      /\/home\/alice\/\.docker\/config\.json \(user "alice"\) were refused.*docker login/,
    ],
    [403, { credentials }, /config\.json.*do not allow/],
    [403, {}, /without credentials/],
    [404, {}, /Check the name/, '{"errors":[{"code":"NAME_UNKNOWN","message":"x"}]}'],
    [405, { method: "DELETE", registry: "registry.example.com" }, /storage\.delete\.enabled/],
    [405, {}, /does not offer/],
    [413, {}, /limits the size/],
    [429, {}, /signing in/],
    [429, { credentials }, /^ghcr\.io limits the rate of requests: try again later\. GHCR counts/],
    [429, { registry: "docker.io" }, /Docker Hub counts pulls over six hours/],
    [429, { registry: "123456789012.dkr.ecr.eu-west-1.amazonaws.com" }, /Amazon ECR counts.*`concurrency`/],
    [429, { registry: "registry.example.com:5000" }, /raises the limit\.$/],
    [507, {}, /full/],
    [400, {}, /insecure: false/, "Client sent an HTTP request to an HTTPS server.\n"],
  ];
  for (const [status, change, hint, body] of hints) {
    it(`hint at what to do about ${status}${change.method ? ` ${change.method}` : ""} by ${hint.source}`, async () => {
      const error = await failureOf(status, body, {}, change);
      assert.match(error.hint ?? "", hint);
      assert.ok(error.message.includes(error.hint ?? "?"));
      assert.ok(!error.message.includes("pass-word"));
    });
  }

  const connections: [code: string, hint: RegExp | undefined, temporary: boolean][] = [
    ["ECONNREFUSED", /is the registry running/, true],
    ["ENOTFOUND", /does not resolve/, false],
    ["SELF_SIGNED_CERT_IN_CHAIN", /caFile/, false],
    ["CERT_HAS_EXPIRED", /expired/, false],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /another name/, false],
    ["ERR_SSL_WRONG_VERSION_NUMBER", /insecure: true/, false],
    ["ECONNRESET", undefined, true],
  ];
  for (const [code, hint, temporary] of connections) {
    it(`explain ${code}`, async () => {
      const cause = Object.assign(new Error(""), { code });
      const error = await describeFailure(request, { cause });
      assert.equal(error.status, undefined);
      assert.equal(error.temporary, temporary);
      assert.ok(error.message.includes(code));
      if (hint) assert.match(error.hint ?? "", hint);
      else assert.equal(error.hint, undefined);
    });
  }

  it("pass on the wait the server asked for", async () => {
    assert.equal((await failureOf(503, "", { "retry-after": "3" })).retryAfterMs, 3000);
    assert.ok((await failureOf(503)).temporary);
  });

  it("name the wait that a rate limit asks for", async () => {
    const asked = async (header: string) => (await failureOf(429, "", { "retry-after": header })).hint ?? "";
    assert.match(await asked("3600"), /and asks to wait 60 min:/);
    assert.match(await asked("90"), /and asks to wait 90 s:/);
    for (const none of ["0", "soon", "Mon, 01 Jan 2001 00:00:00 GMT"]) {
      assert.doesNotMatch(await asked(none), /asks to wait/);
    }
  });

  it("blot out secrets that the other side repeats", async () => {
    const basic = Buffer.from("alice:pass-word").toString("base64");
    const body = JSON.stringify({ errors: [{ code: "DENIED", message: `pass-word Basic ${basic} tok` }] });
    const error = await failureOf(403, body, {}, { credentials, secrets: ["tok"] });
    assert.equal(error.details[0]?.message, "[secret] Basic [secret] [secret]");
  });

  const bodies: [name: string, body: string, expected: object[]][] = [
    ["nothing", "", []],
    ["a page of HTML", "<html><body>Bad gateway</body></html>", []],
    ["plain text", "404 page not found\n", [{ code: "", message: "404 page not found" }]],
    ["a token server's details", '{"details":"wrong password"}', [{ code: "", message: "wrong password" }]],
    [
      "an OAuth 2 error",
      '{"error":"invalid_grant","error_description":"expired"}',
      [{ code: "invalid_grant", message: "expired" }],
    ],
    ["JSON null", "null", []],
    ["a list of rubbish", '{"errors":[null,3,{"code":7}]}', [{ code: "7", message: "" }]],
    ["control characters", '{"message":"a\\u001b[31mb\\nc"}', [{ code: "", message: "ab c" }]],
  ];
  for (const [name, body, expected] of bodies) {
    it(`read ${name}`, () => assert.deepEqual(parseErrorBody(Buffer.from(body)), expected));
  }

  it("keep a long message short", () => {
    const [detail] = parseErrorBody(Buffer.from("x".repeat(60_000)));
    assert.equal(detail?.message.length, 500);
  });
});

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { badStates } from "../../../lib/display/served-state";
import type { StatusReport } from "../../../lib/served/status-report";
import { tellWebhook, webhookAddress } from "../../../lib/served/status-webhook";

const report: StatusReport = {
  subject: "app/prod",
  isWhole: true,
  bad: badStates,
  status: {
    rows: [
      {
        kind: "tag",
        place: "ghcr.io/acme/app",
        name: "v1",
        declared: "a",
        served: "",
        state: "missing",
        reason: "",
      },
      {
        kind: "tag",
        place: "ghcr.io/acme/app",
        name: "v2",
        declared: "b",
        served: "b",
        state: "served",
        reason: "",
      },
    ],
    errors: [],
    looked: 2,
  },
};

describe("the webhook of a status", () => {
  let server: Server;
  let origin: string;
  let asked: {
    method: string | undefined;
    path: string | undefined;
    type: string | undefined;
    body: string;
  }[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => (body += part));
      request.on("end", () => {
        const { method, url, headers } = request;
        asked.push({ method, path: url, type: headers["content-type"], body });
        answer(request, response);
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    answer = (_request, response) => response.writeHead(204).end();
  });
  after(() => new Promise((done) => server.close(done)));

  const tell = () => tellWebhook(webhookAddress(`${origin}/secret-path?key=secret-key`), report);

  it("gets the status as JSON, with what is bad first", async () => {
    await tell();
    assert.deepEqual(
      asked.map(({ method, path, type }) => [method, path, type]),
      [["POST", "/secret-path?key=secret-key", "application/json"]],
    );
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ""), {
      subject: "app/prod",
      text: "app/prod: 1 missing",
      bad: 1,
      ...report.status,
    });
  });

  it("is told again when it asks to wait", async () => {
    answer = (_request, response) =>
      asked.length === 1
        ? response.writeHead(429, { "retry-after": "1" }).end()
        : response.writeHead(200).end();
    const begun = performance.now();
    await tell();
    assert.equal(asked.length, 2);
    assert.ok(performance.now() - begun >= 990);
  });

  const failures: [title: string, answer: (response: ServerResponse) => void, reason: RegExp][] = [
    ["refuses", (response) => response.writeHead(403).end("secret-answer"), /it answers with HTTP 403/],
    [
      "sends it elsewhere",
      (response) => response.writeHead(307, { location: "https://elsewhere.example/" }).end(),
      /redirected|redirect/,
    ],
    ["breaks off", (response) => response.destroy(), /The webhook at 127\.0\.0\.1:\d+ was not told/],
  ];
  for (const [title, how, reason] of failures) {
    it(`that ${title} is an error, which says neither its path nor its words`, async () => {
      answer = (_request, response) => how(response);
      await assert.rejects(tell(), (error: Error) => {
        assert.match(error.message, /^The webhook at 127\.0\.0\.1:\d+ was not told: /);
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /secret-/);
        return true;
      });
    });
  }

  for (const bad of ["http://hooks.example/secret-path", "ftp://hooks.example/", "secret-path", ""]) {
    it(`${JSON.stringify(bad)} is refused, and not repeated`, () =>
      assert.throws(
        () => webhookAddress(bad),
        (error: Error) => /https address is expected/.test(error.message) && !/secret-/.test(error.message),
      ));
  }
});

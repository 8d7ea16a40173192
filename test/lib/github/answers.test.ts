import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { GitHubError } from "../../../lib/github/errors";
import { Answer, failed, primaryLimit, secondaryLimit } from "../../support/fake-github";
import { GitHubBench } from "./fixtures";

const v1 = { tag: "v1.0.0", title: "hello v1.0.0", assets: { "hello.tar.gz": "archive" } };

describe("what GitHub answers", () => {
  let bench: GitHubBench;

  before(async () => {
    bench = await GitHubBench.open();
  });
  beforeEach(() => bench.reset());
  after(() => bench?.close());

  it("is cleaned before it is repeated, and bounded", async () => {
    const body = {
      message: `\u001b[2J\u001b]0;owned\u0007Bad\rcredentials \u202e${"x".repeat(5_000)}`,
      errors: [{ field: "constructor", message: "\u009b31mno" }, "two\nlines", 7, null],
    };
    bench.fake.faults.push({ path: /./, answer: new Answer(422, body) });
    await assert.rejects(bench.publish(v1), (error: GitHubError) => {
      const line = /HTTP 422 \((.*)\)/.exec(error.message)?.[1] ?? "";
      assert.match(line, /^Bad credentials x+…; constructor: no; two lines$/);
      assert.ok(error.message.length < 1_000);
      return true;
    });
  });

  describe("when it limits the rate", () => {
    it("is waited for as Retry-After says, for the secondary limit", async () => {
      const waits: string[] = [];
      bench.fake.faults.push({ method: "POST", path: /\/releases$/, answer: secondaryLimit(1), times: 1 });
      const started = Date.now();
      await bench.publish(v1, {}, bench.releases({ onWait: (text) => waits.push(text) }));
      assert.ok(Date.now() - started >= 1000);
      assert.match(waits.join(), /^127\.0\.0\.1:\d+ asks to wait 1 s: its secondary rate limit is used up$/);
      assert.equal(bench.repository.releases.length, 1);
    });

    it("is waited for in the middle of an upload, and the file is sent again whole", async () => {
      bench.fake.faults.push({ method: "POST", path: /assets/, answer: secondaryLimit(1), times: 1 });
      await bench.publish(v1);
      assert.equal(bench.repository.releases[0]?.assets[0]?.bytes.toString(), "archive");
    });

    it("is waited for until x-ratelimit-reset, for the primary limit", async () => {
      bench.fake.faults.push({ path: /./, answer: primaryLimit(1), times: 1 });
      const started = Date.now();
      await bench.publish(v1);
      assert.ok(Date.now() - started >= 1000);
    });

    it("is not waited for beyond a bound; the message says until when", async () => {
      for (const answer of [primaryLimit(3600), secondaryLimit(3600)]) {
        bench.fake.forget();
        bench.fake.faults.push({ path: /./, answer });
        const started = Date.now();
        await assert.rejects(bench.publish(v1), (error: GitHubError) => {
          assert.match(
            error.message,
            /HTTP 403.*rate limit.*\n.*Run again after 20\d\d-\d\d-\d\dT.*what is there is kept/s,
          );
          assert.equal(error.rateLimited, true);
          return true;
        });
        assert.ok(Date.now() - started < 10_000);
        assert.equal(bench.fake.requests.length, 1);
      }
    });

    it("is kept away from by a second between two writes, where GitHub asks for it", async () => {
      const releases = bench.releases({ spaceWrites: true });
      const draft = await releases.createDraft({ tag_name: "v1.0.0" });
      const started = Date.now();
      for (const name of ["one", "two", "three"]) await releases.change(draft, { name });
      assert.ok(Date.now() - started >= 2000, `${Date.now() - started} ms`);
    });

    it("is waited for a bounded number of times", async () => {
      bench.fake.faults.push({ path: /./, answer: secondaryLimit(1) });
      const releases = bench.releases({ patience: { waits: 1, baseDelayMs: 5 } });
      await assert.rejects(bench.publish(v1, {}, releases), /1 times up to 300 s/);
      assert.equal(bench.fake.requests.length, 2);
    });
  });

  describe("when it refuses", () => {
    interface Case {
      title: string;
      token?: string;
      prepare?: () => void;
      change?: object;
      message: RegExp;
    }
    const cases: Case[] = [
      {
        title: "401: a token that is wrong",
        token: "ghp_wrong",
        message:
          /HTTP 401 \(Bad credentials\)\nThe token is refused: it is wrong, expired or revoked\. Set it as a secret/,
      },
      {
        title: "403: a token that may only read",
        token: "reader",
        message:
          /creating the release v1\.0\.0 of acme\/hello: POST .*HTTP 403 .*GitHub asks for "contents=write" here\. .*"Contents: write".*scope "repo".*permissions: contents: write/s,
      },
      {
        title: "403: an organization with single sign-on",
        prepare: () =>
          fault(403, "Resource protected by organization SAML enforcement.", {
            "x-github-sso": "required; url=https://github.com/orgs/acme/sso",
          }),
        message: /single sign-on: authorize the token for it at https:\/\/github\.com\/orgs\/acme\/sso/,
      },
      {
        title: "403: a repository that is archived",
        prepare: () => fault(403, "Repository was archived so is read-only."),
        message: /acme\/hello is archived/,
      },
      {
        title: "404: a repository that is not there, or not to be seen",
        prepare: () => fault(404, "Not Found"),
        message: /acme\/hello does not exist, or the token may not see it: .*"Contents: write"/,
      },
      {
        title: "404: a commit that changes workflows, which the token may not",
        prepare: () =>
          bench.fake.faults.push({ method: "POST", path: /./, answer: failed(404, "Not Found") }),
        message: /\.github\/workflows.*"Workflows: write"/,
      },
      {
        title: "422: a target that is not in the repository",
        change: { target: "0".repeat(40) },
        message:
          /HTTP 422 \(Validation Failed; Release\.target_commitish: invalid\)\n`commit` has to be a commit .*push it first/,
      },
      {
        title: "422: a category of discussions that is not there",
        change: { discussionCategory: "Nothing" },
        message: /discussion_category_name: invalid\)\n`discussionCategory` has to be a category/,
      },
      {
        title: "301: a repository that was moved",
        prepare: () =>
          bench.fake.faults.push({
            method: "POST",
            path: /./,
            answer: new Answer(301, {}, { location: "http://127.0.0.2:1/repositories/1/releases" }),
          }),
        message:
          /creating the release .*redirected \(HTTP 301\) to http:\/\/127\.0\.0\.2:1, which is not followed\. A repository that was renamed/,
      },
    ];
    const fault = (status: number, message: string, headers = {}) =>
      bench.fake.faults.push({ path: /./, answer: failed(status, message, headers) });

    for (const { title, token, prepare, change, message } of cases) {
      it(title, async () => {
        prepare?.();
        const given = token === "reader" ? bench.fake.readOnlyToken : (token ?? bench.fake.token);
        await assert.rejects(
          bench.publish({ ...v1, ...change }, {}, bench.releases({ token: given })),
          (error: Error) => {
            assert.match(error.message, message);
            assert.ok(!error.message.includes(given), error.message);
            return true;
          },
        );
      });
    }

    it("no token: what is public is read, and writing is refused before it is tried", async () => {
      const releases = bench.releases({ token: undefined });
      await assert.rejects(
        bench.publish(v1, {}, releases),
        /publishing acme\/hello v1\.0\.0 needs a token.*GITHUB_TOKEN/,
      );
      assert.deepEqual(bench.fake.writes(), []);
      await bench.publish(v1);
      const seen = await bench.publish(v1, {}, bench.releases({ token: undefined }));
      assert.equal(seen.assets.length, 1);
    });

    it("G-03: no token, and a repository that is private: it is not taken for one without releases", async () => {
      bench.reset({ private: true });
      await assert.rejects(
        bench.releases({ token: undefined }).find("v1.0.0"),
        /acme\/hello does not exist, or is private and the request has no token/,
      );
    });
  });

  it("is tried again after server errors, and then says that it did not answer", async () => {
    bench.fake.faults.push({ path: /releases\/tags/, answer: failed(502, "Server Error"), times: 2 });
    await bench.publish(v1);
    bench.fake.forget();
    bench.fake.faults.push({ path: /./, loseAnswer: true });
    await assert.rejects(
      bench.publish(v1),
      /reading the release v1\.0\.0 of acme\/hello: GET .*did not answer in 4 tries/s,
    );
  });

  describe("and where the token goes", () => {
    it("is no other host that a release names for uploads", async () => {
      const stranger = createServer();
      const seen: string[] = [];
      stranger.on("request", (request, response) => {
        seen.push(String(request.headers.authorization));
        response.end();
      });
      stranger.listen(0, "127.0.0.1");
      await once(stranger, "listening");
      bench.fake.uploads = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
      await assert.rejects(
        bench.publish(v1),
        /is not asked: it is not a host of the endpoint .*the token goes to no other/,
      );
      assert.deepEqual(seen, []);
      stranger.close();
    });

    it("is no other host that an answer redirects to", async () => {
      const elsewhere = await GitHubBench.open();
      bench.fake.faults.push({
        path: /releases\/tags/,
        answer: new Answer(302, undefined, {
          location: `${elsewhere.fake.url}/repos/acme/hello/releases/tags/v1.0.0`,
        }),
      });
      await assert.rejects(bench.publish(v1), /redirect from .* is not followed/);
      assert.deepEqual(elsewhere.fake.requests, []);
      await elsewhere.close();
    });
  });
});

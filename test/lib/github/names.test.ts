import assert from "node:assert/strict";
import { checkEndpoint, environmentToken, GitHubEndpoint } from "../../../lib/github/endpoint";
import { checkAssetName, checkGitTag, contentTypeOf, parseGitHubRepository } from "../../../lib/github/names";

function table(
  check: (text: string) => unknown,
  good: readonly string[],
  bad: Readonly<Record<string, RegExp>>,
): void {
  for (const text of good) it(`takes ${JSON.stringify(text)}`, () => assert.doesNotThrow(() => check(text)));
  for (const [text, message] of Object.entries(bad)) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => check(text), message));
  }
}

describe("names of GitHub", () => {
  describe("repositories", () => {
    table(parseGitHubRepository, ["acme/hello", "a/b.c_d-e", "mlOS-foundation/core"], {
      acme: /owner\/name/,
      "acme/hello/x": /owner\/name/,
      "https://github.com/acme/hello": /a valid example: "acme\/hello"/,
      "-acme/hello": /owner\/name/,
      "acme/..": /owner\/name/,
    });
  });

  describe("tags", () => {
    table(checkGitTag, ["v1.0.0", "1.0", "release/2024-01", "v1.0.0-rc.1+build"], {
      "": /git tag/,
      "v1 0": /git tag/,
      "a..b": /git tag/,
      "-v1": /git tag/,
      "v1.lock": /git tag/,
      "v1~1": /git tag/,
      "a/": /git tag/,
    });
  });

  describe("assets", () => {
    table(checkAssetName, ["hello_v1.0.0_linux-amd64.tar.gz", "SHA256SUMS", "a+b.txt"], {
      "hello world.txt": /GitHub renames/,
      "hello~1.deb": /GitHub renames/,
      ".hidden": /GitHub renames/,
      "dot.": /GitHub renames/,
      "ü.txt": /GitHub renames/,
    });
  });

  it("have media types", () => {
    assert.equal(contentTypeOf("hello.tar.gz"), "application/gzip");
    assert.equal(contentTypeOf("SHA256SUMS"), "text/plain; charset=utf-8");
    assert.equal(contentTypeOf("hello"), "application/octet-stream");
  });
});

describe("the endpoint of GitHub", () => {
  table(
    checkEndpoint,
    [
      "https://api.github.com",
      "https://github.example.com/api/v3",
      "https://api.acme.ghe.com",
      "http://127.0.0.1:4001",
    ],
    {
      "github.example.com": /is not a URL/,
      "http://github.example.com/api/v3": /not https/,
      "https://github.com": /https:\/\/api\.github\.com/,
      "https://github.example.com": /https:\/\/github\.example\.com\/api\/v3/,
      "https://me:secret@github.example.com/api/v3": /no credentials/,
    },
  );

  const hosts: [endpoint: string, url: string, trusted: boolean][] = [
    ["https://api.github.com", "https://uploads.github.com/repos/a/b", true],
    ["https://api.github.com", "https://api.github.com/repos/a/b", true],
    ["https://api.github.com", "https://github.com/a/b", false],
    ["https://api.github.com", "http://uploads.github.com/repos", false],
    ["https://api.github.com", "https://uploads.github.com.evil.example/repos", false],
    ["https://api.github.com", "https://objects.githubusercontent.com/x", false],
    ["https://api.acme.ghe.com", "https://uploads.acme.ghe.com/repos", true],
    ["https://api.acme.ghe.com", "https://uploads.github.com/repos", false],
    ["https://github.example.com/api/v3", "https://github.example.com/api/uploads/repos", true],
    ["https://github.example.com/api/v3", "https://uploads.github.com/repos", false],
    ["https://github.example.com/api/v3", "https://github.example.com:8443/api/uploads", false],
  ];
  for (const [endpoint, url, trusted] of hosts) {
    it(`${trusted ? "shows" : "does not show"} the token of ${endpoint} to ${url}`, () =>
      assert.equal(new GitHubEndpoint(endpoint).trusts(new URL(url)), trusted));
  }

  it("takes the token of the environment that is for it", () => {
    const env = { GITHUB_TOKEN: "a", GH_TOKEN: "b", GH_ENTERPRISE_TOKEN: "c" };
    const server = new GitHubEndpoint("https://github.example.com/api/v3");
    assert.equal(environmentToken(new GitHubEndpoint(), env), "a");
    assert.equal(environmentToken(server, env), "c");
    assert.equal(environmentToken(server, { GH_TOKEN: "b", GITHUB_TOKEN: "" }), "b");
    assert.equal(environmentToken(server, {}), undefined);
  });
});

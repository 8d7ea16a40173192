import assert from "node:assert/strict";
import { renewalTime } from "../../../../lib/oci/transport/auth";
import { nextPage } from "../../../../lib/oci/registry/pagination";
import { parseWarnings, WarningRelay } from "../../../../lib/oci/registry/warnings";
import { usesPlainHttp } from "../../../../lib/oci/registry/options";

describe("Link headers", () => {
  const current = new URL("https://r.example/v2/a/tags/list?n=2");
  const cases: [link: string | undefined, expected: string | undefined][] = [
    [undefined, undefined],
    ['</v2/a/tags/list?last=b&n=2>; rel="next"', "/v2/a/tags/list?last=b&n=2"],
    ["</v2/a/tags/list?last=b>; rel=next", "/v2/a/tags/list?last=b"],
    ['<https://r.example/v2/a/tags/list?last=b>; rel="next"', "/v2/a/tags/list?last=b"],
    ['<http://internal:5000/v2/a/tags/list?last=b>; rel="next"', "/v2/a/tags/list?last=b"],
    ['<https://r.example//other.example/v2/>; rel="next"', "/other.example/v2/"],
    ['<?last=b>; rel="next"', "/v2/a/tags/list?last=b"],
    ['</first>; rel="first", </next>; rel="next"', "/next"],
    ['</x>; title="a"; rel="prefetch next"', "/x"],
    ['</x>; rel="prev"', undefined],
    ['</x>; rel="nextish"', undefined],
    ["<http://[>; rel=next", undefined],
  ];
  for (const [link, expected] of cases) {
    it(`gives ${expected} for ${link}`, () => assert.equal(nextPage(link, current), expected));
  }
});

describe("Warning headers", () => {
  it("are read with code 299 only", () => {
    assert.deepEqual(parseWarnings('299 - "going \\"away\\"", 199 - "other", 299 r.example "second"'), [
      'going "away"',
      "second",
    ]);
    assert.deepEqual(parseWarnings("299 - unquoted"), []);
  });

  it("are passed on once for each host and text", () => {
    const seen: string[] = [];
    const relay = new WarningRelay((host, text) => seen.push(`${host}: ${text}`));
    relay.relay("a", ['299 - "x"', '299 - "y"']);
    relay.relay("a", ['299 - "x"']);
    relay.relay("b", ['299 - "x"']);
    assert.deepEqual(seen, ["a: x", "a: y", "b: x"]);
  });
});

describe("the life of a token", () => {
  const now = Date.parse("2030-01-01T00:00:00Z");
  const cases: [name: string, answer: object, seconds: number][] = [
    ["lasts a minute unless stated", {}, 54],
    ["is renewed ten seconds early", { expires_in: 300 }, 290],
    ["is renewed at nine tenths if that is later", { expires_in: 20 }, 18],
    ["starts when it was issued", { expires_in: 300, issued_at: "2029-12-31T23:58:00Z" }, 170],
    ["ignores a clock ahead of ours", { expires_in: 300, issued_at: "2030-01-01T01:00:00Z" }, 290],
    ["ignores a clock far behind ours", { expires_in: 300, issued_at: "2029-12-31T00:00:00Z" }, 290],
    ["ignores rubbish", { expires_in: "soon", issued_at: "today" }, 54],
  ];
  for (const [name, answer, seconds] of cases) {
    it(name, () => assert.equal((renewalTime(answer, now) - now) / 1000, seconds));
  }
});

describe("plain HTTP", () => {
  const cases: [host: string, settings: object | undefined, expected: boolean][] = [
    ["ghcr.io", undefined, false],
    ["localhost:5000", undefined, true],
    ["127.0.0.1:5000", undefined, true],
    ["[::1]:5000", undefined, true],
    ["localhost.example.org", undefined, false],
    ["127.0.0.1.example.org", undefined, false],
    ["registry.local:5000", { insecure: true }, true],
    ["localhost:5000", { insecure: false }, false],
    ["localhost:5000", { caFile: "/ca.pem" }, false],
  ];
  for (const [host, settings, expected] of cases) {
    it(`is ${expected ? "" : "not "}used for ${host} with ${JSON.stringify(settings)}`, () => {
      assert.equal(usesPlainHttp(host, settings && { host, ...settings }), expected);
    });
  }
});

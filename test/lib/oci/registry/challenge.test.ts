import assert from "node:assert/strict";
import { parseChallenges } from "../../../../lib/oci/transport/challenge";

describe("WWW-Authenticate challenges", () => {
  const cases: [name: string, header: string | string[] | undefined, expected: [string, object][]][] = [
    ["no header", undefined, []],
    ["an empty header", "", []],
    [
      "a bearer challenge",
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          {
            realm: "https://auth.example/token",
            service: "registry.example",
            scope: "repository:a/b:pull,push",
          },
        ],
      ],
    ],
    [
      "blanks around commas and equals signs",
      'Bearer  realm = "https://a.example" ,  service="s"',
      [["bearer", { realm: "https://a.example", service: "s" }]],
    ],
    [
      "escapes and commas in quotes",
      'Basic realm="a \\"b\\", c\\\\d"',
      [["basic", { realm: 'a "b", c\\d' }]],
    ],
    [
      "unquoted values",
      "Basic realm=tests, charset=UTF-8",
      [["basic", { realm: "tests", charset: "UTF-8" }]],
    ],
    ["names in any case", 'BEARER Realm="https://a.example"', [["bearer", { realm: "https://a.example" }]]],
    [
      "two challenges in one line",
      'Basic realm="b", Bearer realm="https://a.example",service="s"',
      [
        ["basic", { realm: "b" }],
        ["bearer", { realm: "https://a.example", service: "s" }],
      ],
    ],
    [
      "two lines",
      ['Basic realm="b"', 'Bearer realm="https://a.example"'],
      [
        ["basic", { realm: "b" }],
        ["bearer", { realm: "https://a.example" }],
      ],
    ],
    [
      "a scheme without parameters",
      'Negotiate, Basic realm="b"',
      [
        ["negotiate", {}],
        ["basic", { realm: "b" }],
      ],
    ],
    [
      "a scheme with a token",
      'Negotiate YWJj==, Basic realm="b"',
      [
        ["negotiate", {}],
        ["basic", { realm: "b" }],
      ],
    ],
    ["an empty list element", ', ,Basic realm="b",,', [["basic", { realm: "b" }]]],
    [
      "an open quote",
      'Basic realm="b", Bearer realm="https://a',
      [
        ["basic", { realm: "b" }],
        ["bearer", {}],
      ],
    ],
    ["a parameter without a scheme", '="x"', []],
    ["an empty quoted value", 'Basic realm=""', [["basic", { realm: "" }]]],
  ];
  for (const [name, header, expected] of cases) {
    it(`reads ${name}`, () => {
      const found = parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);
      assert.deepEqual(found, expected);
    });
  }

  it("ends on long hostile input", () => {
    const started = Date.now();
    parseChallenges(`Basic realm="${"\\".repeat(100_000)}`);
    parseChallenges("Bearer ".concat("a=,".repeat(50_000)));
    assert.ok(Date.now() - started < 1000);
  });
});

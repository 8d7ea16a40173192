import assert from "node:assert/strict";
import { catalogs, type CatalogName, type KnownCatalog } from "../../../../lib/channels/observed/catalogs";
import {
  checkPattern,
  checkPointer,
  checkProbeUrl,
  readAnswer,
  type Probe,
} from "../../../../lib/channels/observed/probe";
import { plainVersion, type Spelling } from "../../../../lib/channels/observed/spelling";
import { verdictOf, type Expectation } from "../../../../lib/channels/observed/verdict";

describe("catalogs that others fill", () => {
  const spelled: [spelling: Spelling, there: string, own: string][] = [
    ["plain", "1.4.0", "1.4.0"],
    ["debian", "1.4.0-2", "1.4.0"],
    ["debian", "2:1.4.0+dfsg-1+b2", "1.4.0"],
    ["debian", "1.4.0+dfsg1-1", "1.4.0"],
    ["debian", "1.4.0~ds2-1~bpo12+1", "1.4.0"],
    ["debian", "1.4.0~rc1-1", "1.4.0-rc1"],
    ["rpm", "0:1.4.0-3.fc43", "1.4.0"],
    ["rpm", "1.4.0~rc.1-1", "1.4.0-rc.1"],
    ["alpine", "1.4.0-r12", "1.4.0"],
    ["homebrew", "1.4.0_2", "1.4.0"],
  ];
  for (const [spelling, there, own] of spelled) {
    it(`${there} of ${spelling} is ${own}`, () =>
      assert.equal(plainVersion(there, { spelled: spelling }), own));
  }
  it("a prefix is taken away where it is", () => {
    assert.equal(plainVersion("release-1.4.0", { prefix: "release-" }), "1.4.0");
    assert.equal(plainVersion("1.4.0", { prefix: "v" }), "1.4.0");
  });

  const of = (catalog: CatalogName, name = "hello"): Probe => {
    const known: KnownCatalog = catalogs[catalog];
    return known.probe(known.host, name, known.part ?? "");
  };
  const answers: [catalog: CatalogName, url: string, answer: string | object, versions: string[]][] = [
    [
      "homebrew-core",
      "https://formulae.brew.sh/api/formula/hello.json",
      { name: "hello", versions: { stable: "1.4.0", head: null, bottle: true }, revision: 0 },
      ["1.4.0"],
    ],
    [
      "homebrew-cask",
      "https://formulae.brew.sh/api/cask/hello.json",
      { token: "hello", version: "1.4.0" },
      ["1.4.0"],
    ],
    [
      "nixpkgs",
      "https://raw.githubusercontent.com/NixOS/nixpkgs/nixos-unstable/pkgs/by-name/he/hello/package.nix",
      'stdenv.mkDerivation (finalAttrs: {\n  pname = "hello";\n  version = "1.4.0";\n  meta.minVersion = "1";\n})\n',
      ["1.4.0"],
    ],
    [
      "debian",
      "https://sources.debian.org/api/src/hello/",
      {
        package: "hello",
        versions: [
          { area: "main", suites: ["sid", "forky"], version: "1.4.0+dfsg-2" },
          { area: "main", suites: ["bookworm"], version: "1.2.0-1" },
        ],
      },
      ["1.4.0"],
    ],
    [
      "conda-forge",
      "https://api.anaconda.org/package/conda-forge/hello",
      { name: "hello", latest_version: "1.4.0", versions: ["1.3.0", "1.4.0"] },
      ["1.4.0"],
    ],
    [
      "docker-official-images",
      "https://raw.githubusercontent.com/docker-library/official-images/master/library/hello",
      "Maintainers: A <a@example.com> (@a)\n\nTags: 1.4.0-trixie, 1.4-trixie, latest\nGitCommit: 0123\n\nTags: 1.3.9, 1.3\n",
      ["1.4.0", "1.3.9"],
    ],
    [
      "repology",
      "https://repology.org/api/v1/project/hello",
      [
        { repo: "freebsd", version: "1.3.0", origversion: "1.3.0_4,1", status: "outdated" },
        { repo: "debian_unstable", version: "1.4.0", origversion: "1.4.0-2", status: "newest" },
      ],
      ["1.4.0"],
    ],
  ];
  for (const [catalog, url, answer, versions] of answers) {
    it(`MESH-30: ${catalog} says where it says it what it has`, () => {
      const probe = of(catalog);
      assert.equal(probe.url, url);
      checkProbeUrl(probe.url);
      if (probe.pattern !== undefined) checkPattern(probe.pattern);
      const bytes = Buffer.from(typeof answer === "string" ? answer : JSON.stringify(answer));
      assert.deepEqual(readAnswer(probe, bytes), { kind: "versions", versions });
    });
  }

  const nonsense: [title: string, probe: Probe, answer: string, expected: RegExp][] = [
    ["a page of HTML", of("homebrew-core"), "<!DOCTYPE html><title>Down</title>", /cannot be read as JSON/],
    ["nothing", of("homebrew-core"), "", /cannot be read as JSON/],
    ["another shape", of("homebrew-core"), '{"versions":{"stable":null}}', /no text at "\/versions\/stable"/],
    ["a number", of("conda-forge"), '{"latest_version":1.4}', /no text at/],
    [
      "an inherited property",
      { url: "https://a.example/", version: "/constructor/name" },
      "{}",
      /no text at/,
    ],
    ["an object in the place of a list", of("repology"), '{"message":"down"}', /no list at ""/],
    ["an entry without a version", of("repology"), '[{"repo":"debian_unstable"}]', /no text at/],
    ["other words", of("nixpkgs"), 'throw "removed"\n', /nothing in the answer is like/],
    ["JSON without end", of("repology"), "[".repeat(100_000), /cannot be read as JSON/],
  ];
  for (const [title, probe, answer, expected] of nonsense) {
    it(`${title} is unknown, and no version`, () => {
      const read = readAnswer(probe, Buffer.from(answer));
      assert.equal(read.kind, "unknown");
      assert.match(read.kind === "unknown" ? read.reason : "", expected);
    });
  }

  it("an empty list, or one without what is asked for, has no such package", () => {
    assert.deepEqual(readAnswer(of("repology"), Buffer.from("[]")), { kind: "absent" });
    const other = '[{"repo":"freebsd","version":"1.4.0"}]';
    assert.deepEqual(readAnswer(of("repology"), Buffer.from(other)), { kind: "absent" });
  });

  const day = 86_400_000;
  const released = "2026-11-01T00:00:00.000Z";
  const after = (days: number) => new Date(Date.parse(released) + days * day);
  const has = (...versions: string[]) => ({ kind: "versions", versions }) as const;
  const absent = { kind: "absent" } as const;
  const unknown = { kind: "unknown", reason: "it answers with HTTP 503" } as const;
  const verdicts: [
    title: string,
    answer: Parameters<typeof verdictOf>[0],
    expect: Expectation,
    days: number,
    state: string,
    reason?: RegExp,
  ][] = [
    ["what is there is served", has("1.4.0"), "live", 30, "served"],
    ["the highest of several counts", has("1.2.0", "1.4.0", "words", "1.3.0"), "live", 30, "served"],
    ["a version of two numbers is one of three", has("1.4"), "live", 0, "served"],
    [
      "an earlier one may be there for a while",
      has("1.3.0"),
      "live",
      6,
      "awaiting",
      /has 1\.3\.0; it has 7d/,
    ],
    ["and then no longer", has("1.3.0"), "live", 8, "behind", /has 1\.3\.0, and was to follow within 7d/],
    ["nothing may be there for a while", absent, "live", 6, "awaiting", /is not there/],
    ["and then no longer nothing", absent, "live", 8, "behind", /is not there/],
    ["a higher one is none to repair", has("1.5.0"), "live", 30, "held", /1\.5\.0, which is higher/],
    ["who cannot be asked is not behind", unknown, "live", 30, "unknown", /HTTP 503/],
    ["nor is what cannot be read", has("nightly"), "live", 30, "unknown", /"nightly" cannot be read/],
    ["what is pending is awaited for good", absent, "pending", 300, "awaiting", /not listed yet/],
    ["until it is there", has("1.4.0"), "pending", 0, "served", /declare `expect: "live"`/],
    ["what is deprecated stays", has("1.0.0"), "deprecated", 300, "held", /deprecated/],
    ["or goes", absent, "deprecated", 300, "held", /deprecated/],
    ["and is unknown where it cannot be asked", unknown, "deprecated", 300, "unknown"],
  ];
  for (const [title, answer, expect, days, state, reason] of verdicts) {
    it(`${title}: ${state}`, () => {
      const verdict = verdictOf(
        answer,
        { version: "v1.4.0", expect, grace: "7d", since: released },
        after(days),
      );
      assert.equal(verdict.state, state, JSON.stringify(verdict));
      if (reason) assert.match(verdict.reason ?? "", reason);
      assert.equal(verdict.awaitingSince, state === "awaiting" ? released : undefined);
    });
  }

  it("a pre-release is expected nowhere", () => {
    const expected = { version: "v2.0.0-rc.1", expect: "live", grace: "7d", since: released } as const;
    assert.equal(verdictOf(has("1.4.0"), expected, after(300)).state, "held");
  });

  const bad: [check: () => void, reason: RegExp][] = [
    [() => checkProbeUrl("http://catalog.example/"), /an https address without an account/],
    [() => checkProbeUrl("https://user:secret@catalog.example/"), /an https address without an account/],
    [() => checkPointer("versions"), /begins with \//],
    [() => checkPointer("/a~2"), /not a JSON pointer/],
    [() => checkPattern("version ="), /no group/],
    [() => checkPattern("(["), /not a regular expression/],
  ];
  for (const [check, reason] of bad) it(`is refused: ${reason}`, () => assert.throws(check, reason));
  it("an address on this machine may be plain HTTP", () => checkProbeUrl("http://127.0.0.1:8080/a.json"));
});

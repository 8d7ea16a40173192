import assert from "node:assert/strict";
import type { Finding } from "../../../lib/scan/finding";
import { defaultPolicy, judge } from "../../../lib/scan/verdict";
import { vexException } from "../../../lib/scan/vex/acceptance";
import { readVexDocument } from "../../../lib/scan/vex/document";
import { lodashFinding } from "./planted";

const index = `sha256:${"a".repeat(64)}`;
const manifest = `sha256:${"b".repeat(64)}`;
const image = { name: "hello", digests: [manifest, index] };

function vulnerability(fields: Partial<Finding> = {}): Finding {
  return { ...lodashFinding, ...fields };
}

const statement = {
  vulnerability: { name: "CVE-2021-23337" },
  products: [{ "@id": "pkg:npm/lodash@4.17.20" }],
  status: "not_affected",
  justification: "vulnerable_code_not_in_execute_path",
};

function text(statements: object[] = [statement], fields: object = {}): string {
  return JSON.stringify({
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://acme.example/vex/1",
    author: "Acme",
    timestamp: "2026-06-01T12:00:00Z",
    version: 1,
    statements,
    ...fields,
  });
}

/** What statements say of a finding, if each counts for 30 days. */
function said(statements: object[], finding = vulnerability(), fields: object = {}) {
  return vexException(readVexDocument(text(statements, fields), "a.json"), finding, image, 30);
}

describe("VEX documents of the project", () => {
  describe("a statement accepts a finding", () => {
    const with_ = (fields: object) => [{ ...statement, ...fields }];
    const of = (...products: object[]) => with_({ products });
    const id = (text_: string) => ({ "@id": text_ });
    const inImage = (product: string, ...parts: string[]) =>
      of({ "@id": product, subcomponents: parts.map(id) });
    const cases: [string, object[], Partial<Finding>, boolean][] = [
      ["of the package and version", [statement], {}, true],
      ["of the package in any version", of(id("pkg:npm/lodash")), {}, true],
      ["of another version", of(id("pkg:npm/lodash@4.17.19")), {}, false],
      ["of another package", of(id("pkg:npm/lodash-es@4.17.20")), {}, false],
      ["of another vulnerability", with_({ vulnerability: { name: "CVE-2021-1" } }), {}, false],
      ["by an alias of the finding", with_({ vulnerability: { name: "GHSA-35jh-r3h4-6jhm" } }), {}, true],
      [
        "by an alias of its own",
        with_({ vulnerability: { name: "X-1", aliases: ["CVE-2021-23337"] } }),
        {},
        true,
      ],
      ["of the image, whatever the package", inImage("pkg:oci/hello"), {}, true],
      ["of the image and a part", inImage("pkg:oci/hello", "pkg:npm/lodash@4.17.20"), {}, true],
      ["of the image and another part", inImage("pkg:oci/hello", "pkg:npm/other"), {}, false],
      ["of another image", inImage("pkg:oci/other"), {}, false],
      ["of the image elsewhere", inImage("pkg:oci/hello?repository_url=ghcr.io/acme/hello"), {}, true],
      ["of this digest", inImage(`pkg:oci/hello@${manifest}`), {}, true],
      ["of the index that lists it", inImage(`pkg:oci/hello@${encodeURIComponent(index)}`), {}, true],
      ["of another digest", inImage(`pkg:oci/hello@sha256:${"c".repeat(64)}`), {}, false],
      ["of one product of several", of(id("pkg:npm/other"), id("pkg:npm/lodash")), {}, true],
      ["by the identifier of its kind", of({ identifiers: { purl: "pkg:npm/lodash@4.17.20" } }), {}, true],
      ["of something that has no package URL", of(id("https://acme.example/hello")), {}, false],
      ["of something that cannot be read", of(id("pkg:")), {}, false],
      ["that is fixed", with_({ status: "fixed", justification: undefined }), {}, true],
      ["that is affected", with_({ status: "affected" }), {}, false],
      ["that is being looked into", with_({ status: "under_investigation" }), {}, false],
      [
        "of a scope of npm",
        of(id("pkg:npm/%40acme/lodash@1.0.0")),
        { package: "@acme/lodash", version: "1.0.0" },
        true,
      ],
      ["of a module of Go", of(id("pkg:golang/golang.org/x/net")), { package: "golang.org/x/net" }, true],
      ["of Maven", of(id("pkg:maven/org.acme/core")), { package: "org.acme:core" }, true],
      [
        "of Debian",
        of(id("pkg:deb/debian/openssl@3.0.1?arch=amd64")),
        { package: "openssl", version: "3.0.1" },
        true,
      ],
      ["of PyPI, written otherwise", of(id("pkg:pypi/zope-interface")), { package: "Zope.Interface" }, true],
      ["which is a secret", inImage("pkg:oci/hello"), { kind: "secret" }, false],
    ];
    for (const [name, statements, finding, accepted] of cases) {
      it(`${accepted ? "" : "not "}${name}`, () => {
        assert.equal(said(statements, vulnerability(finding)) !== undefined, accepted);
      });
    }
  });

  it("says why, where, and until when", () => {
    assert.deepEqual(said([{ ...statement, impact_statement: "templates are not used" }]), {
      id: "CVE-2021-23337",
      package: "lodash",
      reason: "not_affected, vulnerable_code_not_in_execute_path: templates are not used (a.json)",
      expires: "2026-07-01",
    });
  });

  it("the latest statement counts, wherever it stands", () => {
    const at = (day: string, status: string) => ({
      ...statement,
      status,
      timestamp: `2026-06-${day}T00:00:00Z`,
    });
    assert.equal(said([at("03", "affected"), at("02", "not_affected")]), undefined);
    assert.equal(said([at("02", "affected"), at("03", "not_affected")])?.expires, "2026-07-03");
    assert.equal(said([at("02", "not_affected"), at("02", "affected")]), undefined);
  });

  it("an update of it, or of the document, prolongs it", () => {
    assert.equal(said([{ ...statement, last_updated: "2026-06-10T00:00:00Z" }])?.expires, "2026-07-10");
    const document = { last_updated: "2026-06-11T00:00:00+02:00" };
    assert.equal(said([statement], vulnerability(), document)?.expires, "2026-07-10");
  });

  it("one that is too old is told of, and does not count", () => {
    const statements = readVexDocument(text(), "a.json");
    const policy = {
      ...defaultPolicy,
      vex: (finding: Finding) => vexException(statements, finding, image, 30),
    };
    assert.equal(judge([vulnerability()], policy, "2026-07-01").verdict, "passed");
    const late = judge([vulnerability()], policy, "2026-07-02");
    assert.equal(late.verdict, "failed");
    assert.deepEqual(
      late.expired.map(({ expires }) => expires),
      ["2026-07-01"],
    );
  });

  describe("is refused", () => {
    const cases: [string, string, RegExp][] = [
      ["no JSON", "{", /a\.json/],
      [
        "another format",
        text([statement], { "@context": "https://cyclonedx.org" }),
        /@context: "https:\/\/openvex\.dev\/ns\/v0\.2\.0" is expected/,
      ],
      ["without an author", text([statement], { author: undefined }), /author: /],
      [
        "without a time",
        text([statement], { timestamp: "yesterday" }),
        /timestamp: a time of RFC 3339 is expected/,
      ],
      ["without statements", text([]), /statements: at least one/],
      [
        "of no product",
        text([{ ...statement, products: [] }]),
        /statements\.0\.products: nothing says what it is about/,
      ],
      [
        "without a reason",
        text([{ ...statement, justification: undefined }]),
        /statements\.0: "not_affected" needs a reason/,
      ],
      ["of no status", text([{ ...statement, status: "safe" }]), /statements\.0\.status: /],
    ];
    for (const [name, content, reason] of cases) {
      it(name, () => {
        assert.throws(() => readVexDocument(content, "a.json"), { name: "VexError", message: reason });
      });
    }
  });
});

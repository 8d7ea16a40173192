import assert from "node:assert/strict";
import { rpmRepository, type ChannelRelease, type RpmPackageDeclaration } from "../../components";

const release: ChannelRelease = {
  distribution: "hello",
  version: "v1.2.3",
  licenses: "Apache-2.0",
  sumsFile: "SHA256SUMS",
  extraArtifacts: {},
  releasedImages: {},
  downloadUrl: () => undefined,
  programs: {
    hello: ["linux/amd64", "linux/arm64", "darwin/arm64"],
    helloctl: ["linux/amd64"],
    windowed: ["windows/amd64"],
    old: ["linux/arm64", "linux/arm64/v8"],
  },
  archives: {},
};

const channel = (declared: Partial<RpmPackageDeclaration> = {}, name = "hello") =>
  rpmRepository({
    directory: "dist/rpm",
    label: "Acme",
    maintainer: "Acme <releases@acme.example>",
    key: "none is needed to ask",
    packages: { [name]: { programs: ["hello"], description: "Says hello", ...declared } },
  });

describe("an RPM repository of a distribution", () => {
  it("takes a release that it can carry, also one that nobody can download", () => {
    assert.deepEqual(channel().findings?.(release), []);
    assert.deepEqual(channel({ programs: ["hello", "helloctl"] }).findings?.(release), []);
    const { kind, name } = channel();
    assert.equal(`${kind} ${name}`, "RPM repository dist/rpm");
  });

  const refused: [title: string, Partial<RpmPackageDeclaration>, property: string, RegExp][] = [
    ["a program that is not there", { programs: ["helo"] }, "programs[0]", /declared are hello, helloctl/],
    [
      "a platform that it is not for",
      { platforms: ["linux/s390x"] },
      "platforms",
      /not there for linux\/s390x/,
    ],
    ["programs without Linux", { programs: ["windowed"] }, "programs", /no platform of Linux in common/],
    ["one architecture twice", { programs: ["old"] }, "platforms", /are aarch64 in RPM/],
    [
      "a folder of the administrator",
      { files: [{ to: "/home/x", content: "" }] },
      "files[0].to",
      /put nothing/,
    ],
    ["a revision that is none", { revision: "1-2" }, "revision", /other characters/],
  ];
  for (const [title, declared, property, reason] of refused) {
    it(`refuses ${title}`, () => {
      const findings = channel(declared).findings?.(release) ?? [];
      assert.deepEqual(
        findings.map((finding) => finding.property),
        [`packages.hello.${property}`],
      );
      assert.match(findings[0]?.reason ?? "", reason);
    });
  }

  it("wants a license, which the distribution's may be", () => {
    const without = { ...release, licenses: undefined };
    assert.deepEqual(channel().findings?.(without), [
      {
        property: "packages.hello.license",
        reason: 'rpm wants one (a valid example: license: "Apache-2.0")',
      },
    ]);
    assert.deepEqual(channel({ license: "MIT OR Apache-2.0" }).findings?.(without), []);
  });

  it("refuses arguments that are misspelled, and never tells the key", () => {
    const misspelled = { directory: "dist/rpm", lable: "Acme", key: "open sesame", packages: {} };
    assert.throws(
      () => rpmRepository(misspelled as never),
      (error: Error) => {
        assert.match(error.message, /lable: unknown field; did you mean "label"\?/);
        assert.doesNotMatch(error.message, /open sesame/);
        return true;
      },
    );
  });
});

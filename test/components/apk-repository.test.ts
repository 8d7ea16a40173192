import assert from "node:assert/strict";
import { apkRepository, type ApkPackageDeclaration, type ChannelRelease } from "../../components";

const release: ChannelRelease = {
  distribution: "hello",
  version: "v1.2.3",
  licenses: "Apache-2.0",
  sumsFile: "SHA256SUMS",
  downloadUrl: () => undefined,
  programs: { hello: ["linux/amd64", "linux/arm64", "darwin/arm64"], old: ["linux/arm64", "linux/arm64/v8"] },
  archives: {},
  extraArtifacts: {},
  releasedImages: {},
};

const channel = (declared: Partial<ApkPackageDeclaration> = {}, prereleases = false) =>
  apkRepository({
    directory: "dist/alpine",
    label: "Acme",
    maintainer: "Acme <releases@acme.example>",
    key: "none is needed to ask",
    packages: { hello: { programs: ["hello"], description: "Says hello", ...declared } },
    prereleases,
  });

describe("an Alpine repository of a distribution", () => {
  it("takes a release that it can carry, also one that nobody can download", () => {
    assert.deepEqual(channel().findings?.(release), []);
    const { kind, name } = channel();
    assert.equal(`${kind} ${name}`, "Alpine repository dist/alpine");
  });

  it("has no rule for a pre-release that it holds, and apk's for one that it takes", () => {
    const candidate = { ...release, version: "v1.3.0-dev.1" };
    assert.deepEqual(channel().findings?.(candidate), []);
    const [finding] = channel({}, true).findings?.(candidate) ?? [];
    assert.equal(finding?.property, "packages.hello.version");
    assert.deepEqual(channel({}, true).findings?.({ ...release, version: "v1.3.0-rc.1" }), []);
  });

  const refused: [title: string, Partial<ApkPackageDeclaration>, property: string, RegExp][] = [
    ["one architecture twice", { programs: ["old"] }, "platforms", /are aarch64 in Alpine/],
    ["a revision that is none", { revision: "1-2" }, "revision", /is not a number/],
    [
      "a unit of systemd",
      { services: [{ name: "hello", content: "[Unit]\n" }] },
      "services[0].content",
      /openrc-run/,
    ],
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

  it("refuses a former key of the same name, which both get from the distribution", () => {
    const declared = (keyName?: string) =>
      apkRepository({
        directory: "dist/alpine",
        label: "Acme",
        maintainer: "Acme <releases@acme.example>",
        key: "none is needed to ask",
        ...(keyName !== undefined && { keyName }),
        formerKey: { key: "none is needed to ask", until: "2027-06-30" },
        packages: { hello: { programs: ["hello"], description: "Says hello" } },
      });
    const [finding] = declared().findings?.(release) ?? [];
    assert.equal(finding?.property, "formerKey.keyName");
    assert.match(finding?.reason ?? "", /"hello" is the name of the new key too.*keyName: "hello-2"/);
    assert.deepEqual(declared("hello-2").findings?.(release), []);
  });

  it("refuses names of keys that are paths, and never tells the key", () => {
    const keyName = "../hello";
    assert.throws(
      () =>
        apkRepository({
          directory: "dist/alpine",
          label: "Acme",
          maintainer: "Acme <releases@acme.example>",
          key: "open sesame",
          keyName,
          packages: { hello: { programs: ["hello"], description: "Says hello" } },
        }),
      (error: Error) => {
        assert.match(error.message, /keyName/);
        assert.doesNotMatch(error.message, /open sesame/);
        return true;
      },
    );
  });
});

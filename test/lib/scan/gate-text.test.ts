import assert from "node:assert/strict";
import type { Finding } from "../../../lib/scan/finding";
import {
  exceptedText,
  findingText,
  gateText,
  outcomeText,
  type PlatformOutcome,
} from "../../../lib/scan/gate-text";
import { defaultPolicy, judge, type Policy } from "../../../lib/scan/verdict";

const lodash: Finding = {
  kind: "vulnerability",
  id: "CVE-2021-23337",
  aliases: [],
  severity: "critical",
  title: "Command Injection in lodash",
  package: "lodash",
  version: "4.17.20",
  fixedVersion: "4.17.21",
};

const key: Finding = {
  kind: "secret",
  id: "private-key",
  aliases: [],
  severity: "high",
  title: "Asymmetric Private Key",
  path: "/app/server.key:1",
};

function outcome(platform: string, findings: Finding[], policy: Policy = defaultPolicy): PlatformOutcome {
  return {
    platform,
    digest: `sha256:${"0".repeat(64)}`,
    judgment: judge(findings, policy, "2026-06-15"),
    notes: [],
  };
}

describe("text of a closed gate", () => {
  const findings: [string, Finding, string][] = [
    [
      "fixable",
      lodash,
      "CVE-2021-23337 (critical) in lodash 4.17.20, fixed in 4.17.21: Command Injection in lodash",
    ],
    [
      "without a fix or a title",
      { ...lodash, fixedVersion: undefined, title: "" },
      "CVE-2021-23337 (critical) in lodash 4.17.20, not fixed yet",
    ],
    ["secret", key, "secret private-key (high) in /app/server.key:1: Asymmetric Private Key"],
  ];
  for (const [name, finding, expected] of findings) {
    it(name, () => assert.equal(findingText(finding), expected));
  }

  it("names package, version, identifier, fixed version and platform, and what to do", () => {
    const text = gateText(
      "ghcr.io/acme/hello",
      "trivy 0.59.1",
      defaultPolicy,
      [outcome("linux/amd64", [lodash]), outcome("linux/arm64", [key])],
      "mandatory",
    );
    assert.deepEqual(text.split("\n"), [
      "2 findings stop ghcr.io/acme/hello (trivy 0.59.1; threshold: critical with a fix):",
      "- linux/amd64: CVE-2021-23337 (critical) in lodash 4.17.20, fixed in 4.17.21: Command Injection in lodash",
      "- linux/arm64: secret private-key (high) in /app/server.key:1: Asymmetric Private Key",
      "Nothing that depends on this scan is published: tags stay where they are. To look at what was pushed:",
      `- linux/amd64: ghcr.io/acme/hello@sha256:${"0".repeat(64)}`,
      `- linux/arm64: ghcr.io/acme/hello@sha256:${"0".repeat(64)}`,
      "Update the packages to the versions that are fixed, or the base image, and run again.",
      "Remove secrets from the image, and replace them: the image was pushed, so others may know them.",
      'To accept a finding for a time, declare it with a reason and a last day: exceptions: [{ id: "CVE-2021-23337", reason: "…", expires: "YYYY-MM-DD" }].',
    ]);
  });

  it("is bounded", () => {
    const many = Array.from({ length: 500 }, (_, number) => ({ ...lodash, id: `CVE-2021-${number}` }));
    const text = gateText("r", "trivy", defaultPolicy, [outcome("linux/amd64", many)], "mandatory");
    assert.equal(text.split("\n").filter((line) => line.startsWith("- linux/amd64: CVE")).length, 20);
    assert.match(text, /^500 findings stop/);
    assert.match(text, /and 480 more; the attached reports list all of them/);
  });

  it("says that an exception has expired, and which", () => {
    const exceptions = [{ id: "CVE-2021-23337", reason: "not called", expires: "2026-06-14" }];
    const stopped = outcome("linux/amd64", [lodash], { ...defaultPolicy, exceptions });
    const text = gateText("r", "trivy", defaultPolicy, [stopped], "mandatory");
    assert.match(text, /^1 finding stops r/);
    assert.match(
      text,
      /exception for CVE-2021-23337 \(not called\) expired on 2026-06-14 and does not count/,
    );
  });

  it("tells a reason that two platforms have once, and that an advisory gate lets pass", () => {
    const missing = (platform: string): PlatformOutcome => ({
      platform,
      digest: "",
      notScanned: "there is no trivy",
      notes: [],
    });
    const text = gateText(
      "r",
      "trivy",
      defaultPolicy,
      ["linux/amd64", "linux/arm64"].map(missing),
      "advisory",
    );
    assert.deepEqual(text.split("\n"), [
      "r: linux/amd64, linux/arm64 not scanned: there is no trivy",
      "The gate is advisory: what depends on this scan is published anyway.",
    ]);
  });

  it("shows how a secret is excepted: by its file", () => {
    const text = gateText("r", "trivy", defaultPolicy, [outcome("linux/amd64", [key])], "mandatory");
    assert.match(text, /exceptions: \[\{ id: "private-key", path: "\/app\/server\.key", reason/);
  });
});

describe("text of an outcome", () => {
  const exception = { id: "CVE-2021-23337", reason: "not called", expires: "2026-12-31" };

  it("says what is accepted, why, and until when", () => {
    assert.equal(
      exceptedText({ finding: lodash, exception }),
      "CVE-2021-23337 in lodash 4.17.20 is accepted until 2026-12-31: not called",
    );
    const passed = outcome("linux/amd64", [lodash, { ...lodash, id: "CVE-1", severity: "low" }], {
      ...defaultPolicy,
      exceptions: [exception],
    });
    assert.equal(
      outcomeText({ ...passed, notes: ["debian 9 is old"] }),
      "1 critical, 1 low; CVE-2021-23337 in lodash 4.17.20 is accepted until 2026-12-31: not called; debian 9 is old",
    );
  });

  it("says that nothing was found, and that nothing was looked at", () => {
    assert.equal(outcomeText(outcome("linux/amd64", [])), "nothing found");
    const digest = "";
    assert.equal(
      outcomeText({ platform: "linux/amd64", digest, notScanned: "no trivy", notes: [] }),
      "not scanned: no trivy",
    );
  });
});

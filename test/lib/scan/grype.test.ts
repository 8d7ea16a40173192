import assert from "node:assert/strict";
import { grypeFindings } from "../../../lib/scan/grype";

/** As Grype 0.95.0 reported it for an image with lodash 4.17.20, less what is not looked at. */
const match = {
  vulnerability: {
    id: "GHSA-35jh-r3h4-6jhm",
    namespace: "github:language:javascript",
    severity: "Critical",
    description: "Command Injection in lodash",
    fix: { versions: ["4.17.21"], state: "fixed" },
  },
  relatedVulnerabilities: [{ id: "CVE-2021-23337", namespace: "nvd:cpe", severity: "Unknown" }],
  artifact: {
    name: "lodash",
    version: "4.17.20",
    type: "npm",
    locations: [{ path: "/app/node_modules/lodash/package.json" }],
    purl: "pkg:npm/lodash@4.17.20",
  },
};

describe("findings of grype", () => {
  const expected = {
    kind: "vulnerability",
    id: "CVE-2021-23337",
    aliases: ["GHSA-35jh-r3h4-6jhm"],
    severity: "critical",
    title: "Command Injection in lodash",
    package: "lodash",
    version: "4.17.20",
    fixedVersion: "4.17.21",
    path: "/app/node_modules/lodash/package.json",
  };
  const { fixedVersion: _fixed, ...unfixed } = expected;
  const cases: [string, typeof match, object][] = [
    ["have the CVE as their identifier", match, expected],
    [
      "without a version that repairs have none",
      { ...match, vulnerability: { ...match.vulnerability, fix: { versions: [], state: "not-fixed" } } },
      unfixed,
    ],
    [
      "keep their own identifier where no CVE is related",
      { ...match, relatedVulnerabilities: [] },
      { ...expected, id: "GHSA-35jh-r3h4-6jhm", aliases: [] },
    ],
    [
      "of a severity that it does not know are unknown",
      { ...match, vulnerability: { ...match.vulnerability, severity: "Unknown" } },
      { ...expected, severity: "unknown" },
    ],
  ];
  for (const [name, found, finding] of cases) {
    it(name, () => assert.deepEqual(grypeFindings([found]), [finding]));
  }
});

import assert from "node:assert/strict";
import { proofSummary } from "../../components/proof-summary";
import type { Evidence } from "../../resources";

const subject = `sha256:${"a".repeat(64)}`;

function scan(kinds?: string[], result: Evidence["result"] = "passed"): Evidence {
  const scanner = kinds === undefined ? {} : { scanner: { name: "trivy", kinds } };
  return { kind: "scan", subject, result, by: "trivy", ...scanner };
}

describe("summary of proofs", () => {
  const cases: [title: string, evidence: Evidence[], result: string][] = [
    ["nothing", [], "not executed"],
    ["vulnerabilities and secrets", [scan(["vulnerability", "secret"])], "passed"],
    ["vulnerabilities", [scan(["vulnerability"])], "passed"],
    ["secrets", [scan(["secret"])], "passed (secrets only)"],
    ["misconfigurations", [scan(["misconfiguration"])], "passed (misconfigurations only)"],
    [
      "both of them",
      [scan(["secret"]), scan(["misconfiguration"])],
      "passed (misconfigurations and secrets only)",
    ],
    ["each by a scan of its own", [scan(["secret"]), scan(["vulnerability"])], "passed"],
    ["what is not told", [scan()], "passed"],
    ["secrets, and found some", [scan(["secret"], "failed")], "failed"],
  ];
  for (const [title, evidence, result] of cases) {
    it(`says of a scan for ${title}: ${result}`, async () => {
      const summary = await new Promise((resolve) => proofSummary(evidence).apply(resolve));
      assert.equal((summary as { scan: string }).scan, result);
    });
  }
});

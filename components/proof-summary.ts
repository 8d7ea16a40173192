import * as pulumi from "@pulumi/pulumi";
import type { Evidence } from "../resources";

/** Kinds of evidence that are shown for every image, so that what is missing is seen too. */
const shownKinds = ["sbom", "provenance", "scan", "signature"] as const;

/** The result of a proof; of scans also what passed, where nobody looked for vulnerabilities. */
export type ProofResult = Evidence["result"] | `passed (${string} only)`;

/** The result of each usual proof of an image. */
export type ProofSummary = Record<(typeof shownKinds)[number], ProofResult>;

/** Sums up evidence: a kind has passed where there is some of it and all has passed. */
export function proofSummary(evidence: pulumi.Input<Evidence[]>): pulumi.Output<ProofSummary> {
  return pulumi.output(evidence).apply((items) => {
    const resultOf = (kind: Evidence["kind"]): ProofResult => {
      const ofKind = items.filter((item) => item.kind === kind);
      const results = ofKind.map(({ result }) => result);
      if (results.includes("failed")) return "failed";
      if (results.length === 0 || results.includes("not executed")) return "not executed";
      return kind === "scan" ? passedScan(ofKind) : "passed";
    };
    return Object.fromEntries(shownKinds.map((kind) => [kind, resultOf(kind)])) as ProofSummary;
  });
}

/** Findings of a kind, as people call several of them. */
const plurals: Readonly<Record<string, string>> = {
  secret: "secrets",
  misconfiguration: "misconfigurations",
};

function passedScan(scans: readonly Evidence[]): ProofResult {
  const kinds = scans.map(({ scanner }) => scanner?.kinds);
  // Evidence of earlier versions does not tell what was looked for.
  if (kinds.includes(undefined)) return "passed";
  const looked = [...new Set(kinds.flatMap((some) => some ?? []))].sort();
  if (looked.includes("vulnerability")) return "passed";
  return `passed (${looked.map((kind) => plurals[kind] ?? kind).join(" and ")} only)`;
}

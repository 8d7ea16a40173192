import * as pulumi from "@pulumi/pulumi";
import type { Evidence } from "../resources";

/** Kinds of evidence that are shown for every image, so that what is missing is seen too. */
const shownKinds = ["sbom", "provenance", "scan", "signature"] as const;

/** The result of each usual proof of an image. */
export type ProofSummary = Record<(typeof shownKinds)[number], Evidence["result"]>;

/** Sums up evidence: a kind has passed where there is some of it and all has passed. */
export function proofSummary(evidence: pulumi.Input<Evidence[]>): pulumi.Output<ProofSummary> {
  return pulumi.output(evidence).apply((items) => {
    const resultOf = (kind: Evidence["kind"]): Evidence["result"] => {
      const results = items.filter((item) => item.kind === kind).map(({ result }) => result);
      if (results.includes("failed")) return "failed";
      return results.length === 0 || results.includes("not executed") ? "not executed" : "passed";
    };
    return Object.fromEntries(shownKinds.map((kind) => [kind, resultOf(kind)])) as ProofSummary;
  });
}

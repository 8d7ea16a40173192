import type { Outcome, Rule } from "../pack/rule";
import { asList, asRecord, asText } from "../reading/values";

export const casksAreSigned: Rule = {
  name: "casks-are-signed",
  description:
    "Checks that programs which a Homebrew cask installs are signed by a developer, and declared to be notarized.",
  remedy:
    "Sign the programs with a Developer ID and the hardened runtime and have Apple notarize them before they are packed, or " +
    "publish a formula, which macOS puts into no quarantine.",
  level: "mandatory",
  severity: "high",
  looksAt: ["program of a cask", "programs of casks"],
  types: ["slipway:macos:CodeSignatures"],
  check: ({ props }) => {
    const isNotarized = props.notarized === true;
    const signatures = asList(props.signatures).map(asRecord);
    if (signatures.length === 0) {
      const programs = asList(props.programs).map(asRecord);
      return programs.map(({ path }) => ({ what: named(path), later: true }));
    }
    return signatures.map(({ path, kind, hardened }): Outcome => {
      const finding = findingOf(asText(kind) ?? "none", hardened === true, isNotarized);
      return { what: named(path), ...(finding !== undefined && { finding }) };
    });
  },
};

function named(path: unknown): string {
  return `program ${asText(path) ?? "of a cask"}`;
}

function findingOf(kind: string, isHardened: boolean, isNotarized: boolean): string | undefined {
  const then = "macOS puts what a cask installs into quarantine, and does not start it";
  if (kind === "none") return `is not signed: ${then}`;
  if (kind === "ad-hoc") return `has an ad-hoc signature, with nobody who signs: ${then}`;
  if (!isHardened) return `is signed without the hardened runtime, which Apple does not notarize: ${then}`;
  return isNotarized ? undefined : `is declared not to be notarized: ${then}`;
}

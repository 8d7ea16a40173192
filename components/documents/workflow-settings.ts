import type { DeclarationFacts } from "../../lib/workflows/facts";
import type { ManualInput, StateBackend, StatusJob, WorkflowSettings } from "../../lib/workflows/workflow";
import type { Finding } from "../../resources/definitions/input-findings";
import type { GitHubWorkflowsArgs } from "../declaration/workflow-declaration";

/** What pipelines of all kinds have in common. */

/** Where the state is, as a program says it. */
export function stateOf(state: GitHubWorkflowsArgs["state"] = "cloud"): StateBackend {
  if (typeof state === "string") return { kind: state };
  const { url, env = {}, passphrase = "PULUMI_CONFIG_PASSPHRASE" } = state;
  return { kind: "address", url, env, passphrase };
}

/** Returns what a refresh of bases lacks. */
export function refreshFindings(property: string, { lock }: DeclarationFacts): Finding[] {
  if (lock !== undefined) return [];
  const reason =
    "nothing holds the digests of bases, so that each build takes those of the registries and there is nothing to take " +
    "anew; it needs a lock (a valid example: lock: true)";
  return [{ property, reason }];
}

/** A version that git knows is chosen by starting the workflow for its tag. */
export function usualInputs(versionFrom: WorkflowSettings["versionFrom"]): Record<string, ManualInput> {
  const version: ManualInput = {
    key: "version",
    description: "Version to release, which has its tag",
    example: "v1.2.3",
  };
  return {
    ...(versionFrom === "configuration" && { version }),
    environment: {
      key: "environment",
      description: "A test builds and proves everything, and publishes nothing",
      example: "test",
      default: "production",
      options: ["production", "test"],
    },
  };
}

/** A job that is to ask about a state that no run keeps. */
export function noState(status: StatusJob | undefined, state: GitHubWorkflowsArgs["state"]): Finding[] {
  if (status === undefined || status.releases !== undefined || state !== "run") return [];
  const reason =
    'is missing: with state: "run" there is no state to ask about, so the published list is needed ' +
    '(a valid example: status: { releases: "https://github.com/acme/hello/releases/latest/download/releases.json" })';
  return [{ property: "status.releases", reason }];
}

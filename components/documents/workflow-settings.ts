import type { ManualInput, StateBackend, WorkflowSettings } from "../../lib/workflows/workflow";
import type { GitHubWorkflowsArgs } from "../declaration/workflow-declaration";

/** What pipelines of all kinds have in common. */

/** Where the state is, as a program says it. */
export function stateOf(state: GitHubWorkflowsArgs["state"] = "cloud"): StateBackend {
  if (typeof state === "string") return { kind: state };
  const { url, env = {}, passphrase = "PULUMI_CONFIG_PASSPHRASE" } = state;
  return { kind: "address", url, env, passphrase };
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

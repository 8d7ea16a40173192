import { publicAddress } from "./git-source";
import type { Builder } from "./predicate";

/** Identifier of a build on a machine that no build platform vouches for. */
export const localBuilder = "urn:slipway:builder:local";

/**
 * Returns who runs this build, as the environment says. GitHub and GitLab name the workflow;
 * anything else is a local build: a laptop must not pass for a build platform.
 *
 * @param environment variables of the process
 * @param version Slipway's own
 */
export function builderOf(environment: NodeJS.ProcessEnv, version: string): Builder {
  // Servers are set with a user and a password in some places, and what is published can be read by
  // all.
  const id = publicAddress(platformBuilder(environment) ?? "");
  return { id: id ?? localBuilder, version: { slipway: version } };
}

function platformBuilder(environment: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_WORKFLOW_REF, GITLAB_CI } = environment;
  if (GITHUB_ACTIONS === "true" && GITHUB_WORKFLOW_REF) {
    return `${GITHUB_SERVER_URL ?? "https://github.com"}/${GITHUB_WORKFLOW_REF}`;
  }
  const { CI_SERVER_URL, CI_PROJECT_PATH, CI_CONFIG_REF_URI } = environment;
  if (GITLAB_CI === "true" && CI_SERVER_URL && CI_PROJECT_PATH) {
    return CI_CONFIG_REF_URI ? `https://${CI_CONFIG_REF_URI}` : `${CI_SERVER_URL}/${CI_PROJECT_PATH}`;
  }
  return undefined;
}

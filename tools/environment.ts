import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";

import { privateFolder } from "../lib/machine/private-folder.cjs";
import { pathWithPlugin } from "../lib/machine/docker-build-plugin";
import { randomSecretIn } from "../lib/machine/random-secret";
import { privateDirectory, type Project } from "./project";
import { LANGUAGE_HOST_DIRECTORY, languageHost } from "./pulumi-cli";

/** The environment of a Pulumi CLI, and what it means. */
export interface CliEnvironment {
  variables: NodeJS.ProcessEnv;
  /**
   * True if the state lies in the project's own throw-away backend under its own passphrase:
   * nothing in the environment or in Pulumi.yaml says otherwise.
   */
  throwAway: boolean;
}

/**
 * Otherwise the engine keeps checksums of its files in files beside them, which nobody needs, and
 * writes those in two steps: killed between the two, it reads no state any more.
 */
const withoutSidecars = "?metadata=skip";

/**
 * The environment to run the CLI of `cli` in. What the user has set wins, always. Else:
 * - the state is in `.slipway/state` of the project, the CLI's own files in `.slipway/pulumi-home`;
 * - secrets are under the random passphrase in `.slipway/passphrase`;
 * - this repository's language host is on PATH if the CLI finds no other, and so is the folder of
 *   the pinned plugin for Dockerfiles.
 */
export function cliEnvironment(
  project: Project,
  cli: string,
  user: NodeJS.ProcessEnv = process.env,
): CliEnvironment {
  const own = privateDirectory(project.directory);
  const variables: NodeJS.ProcessEnv = { PULUMI_SKIP_UPDATE_CHECK: "true", ...user };
  const ownBackend =
    user.PULUMI_BACKEND_URL === undefined && user.PULUMI_ACCESS_TOKEN === undefined && !project.namesBackend;
  if (ownBackend) {
    const state = join(privateFolder(own), "state");
    mkdirSync(state, { recursive: true });
    variables.PULUMI_BACKEND_URL = `file://${state}${withoutSidecars}`;
    // Logins and plugins of another backend stay where they are.
    variables.PULUMI_HOME ??= join(own, "pulumi-home");
  }
  const ownPassphrase =
    ownBackend &&
    user.PULUMI_CONFIG_PASSPHRASE === undefined &&
    user.PULUMI_CONFIG_PASSPHRASE_FILE === undefined;
  if (ownPassphrase) {
    const file = join(own, "passphrase");
    randomSecretIn(file);
    variables.PULUMI_CONFIG_PASSPHRASE_FILE = file;
    // Should the salt of a stack's configuration get lost, the state still names it.
    variables.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER ??= "true";
  }
  if (languageHost(cli, user) === undefined) {
    variables.PATH = [user.PATH, LANGUAGE_HOST_DIRECTORY].filter((entry) => !!entry).join(delimiter);
  }
  variables.PATH = pathWithPlugin(variables);
  return { variables, throwAway: ownPassphrase };
}

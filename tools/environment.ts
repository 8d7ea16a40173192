import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";

import { privateFolder } from "../lib/machine/private-folder.cjs";
import { pathWithPlugin } from "../lib/machine/docker-build-plugin";
import { privateDirectory, type Project } from "./project";
import { isPublicStack, PUBLIC_PASSPHRASE } from "./public-stack";
import { LANGUAGE_HOST_DIRECTORY, languageHost } from "./pulumi-cli";
import { stackName } from "./stack-name";

/** The environment of a Pulumi CLI, and what it means. */
export interface CliEnvironment {
  variables: NodeJS.ProcessEnv;
  /** The stack that the run is about; undefined where the CLI would ask. */
  stack: string | undefined;
  /** True if the state lies in the project's own throw-away backend. */
  ownBackend: boolean;
}

/**
 * Otherwise the engine keeps checksums of its files in files beside them, which nobody needs, and
 * writes those in two steps: killed between the two, it reads no state any more.
 */
const withoutSidecars = "?metadata=skip";

/**
 * The environment to run the CLI of `cli` in. What the user has set wins. Else:
 * - the state is in `.slipway/state` of the project, the CLI's own files in `.slipway/pulumi-home`;
 * - this repository's language host is on PATH if the CLI finds no other, and so is the folder of
 *   the pinned plugin for Dockerfiles.
 *
 * A stack whose file says that its passphrase is the public one gets that, whatever the user has
 * set: no other can be right. The CLI asks for those of other stacks.
 * @param args the CLI's arguments
 */
export function cliEnvironment(
  project: Project,
  cli: string,
  args: readonly string[],
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
  const stack = stackName(project, args, variables);
  if (stack !== undefined && isPublicStack(project, stack)) {
    variables.PULUMI_CONFIG_PASSPHRASE = PUBLIC_PASSPHRASE;
    delete variables.PULUMI_CONFIG_PASSPHRASE_FILE;
  }
  if (languageHost(cli, user) === undefined) {
    variables.PATH = [user.PATH, LANGUAGE_HOST_DIRECTORY].filter((entry) => !!entry).join(delimiter);
  }
  variables.PATH = pathWithPlugin(variables);
  return { variables, stack, ownBackend };
}

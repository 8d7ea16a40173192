import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { optionValue, type Project } from "./project";

/** Commands of `pulumi stack` that name their stack without an option. */
const NAMING = new Set(["init", "select", "rm"]);

/**
 * The stack that a run of the CLI is about, without its organization and project: named by the
 * arguments, by PULUMI_STACK, or selected before. Undefined where the CLI would ask.
 * @param env the CLI's environment, with PULUMI_HOME and PULUMI_BACKEND_URL
 */
export function stackName(
  project: Project,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const given = env.PULUMI_STACK === "" ? undefined : env.PULUMI_STACK;
  const name = optionValue(args, ["--stack", "-s"]) ?? positional(args) ?? given ?? selected(project, env);
  return name === undefined ? undefined : plainName(name);
}

/** `dev` of `dev`, `organization/dev` or `organization/project/dev`. */
export function plainName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

function positional(args: readonly string[]): string | undefined {
  const at = args.indexOf("stack");
  if (at < 0 || !NAMING.has(args[at + 1] ?? "")) return undefined;
  // Of options, these take a value as an argument of its own.
  const valued = ["--secrets-provider", "--copy-config-from", "--cwd", "-C", "--color", "--remote-name"];
  return args.slice(at + 2).find((arg, i, all) => !arg.startsWith("-") && !valued.includes(all[i - 1] ?? ""));
}

/** The stack that the CLI remembers as selected, in the form of `sdk/go/common/workspace`. */
function selected(project: Project, env: NodeJS.ProcessEnv): string | undefined {
  if (env.PULUMI_HOME === undefined) return undefined;
  const file =
    ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(project.directory, name)).find(existsSync) ?? "";
  const key = createHash("sha1").update(file).digest("hex");
  const settings = join(env.PULUMI_HOME, "workspaces", `${project.name}-${key}-workspace.json`);
  if (!existsSync(settings)) return undefined;
  const { stack, stacks } = JSON.parse(readFileSync(settings, "utf8")) as {
    stack?: string;
    /** By URL of the backend. */
    stacks?: Record<string, string>;
  };
  return stacks?.[env.PULUMI_BACKEND_URL ?? ""] ?? stack;
}

import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

import type { GO_TOOLS } from "../lib/machine/go-tool";
import { privateDirectory } from "./project";
import { ensureNodeTool, NODE_TOOLS } from "./node-tool";
import { ensurePythonTool, PYTHON_TOOLS } from "./python-tool";
import { progress } from "./progress";
import { LANGUAGE_HOST_DIRECTORY, languageHost, pulumiCli } from "./pulumi-cli";
import { REPOSITORY } from "../lib/machine/repository";
import { SetupError } from "../lib/machine/setup-error";
import { toolPath } from "../lib/machine/tool-path";

/**
 * The environment of tests and benchmarks: they find the tools that they need in the directory
 * SLIPWAY_TOOLS.
 */
export async function toolEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { ...process.env };
  env.SLIPWAY_TOOLS ??= await linkTools();
  if (languageHost(join(env.SLIPWAY_TOOLS, "pulumi"), env) === undefined) {
    env.PATH = [env.PATH, LANGUAGE_HOST_DIRECTORY].filter((entry) => !!entry).join(delimiter);
  }
  return env;
}

/**
 * A directory with links to the tools. What cannot be had is left out, so that only the tests which
 * need it are not executed; where CI=true it is an error.
 */
async function linkTools(): Promise<string> {
  const directory = join(privateDirectory(REPOSITORY), "tools");
  mkdirSync(directory, { recursive: true });
  const options = { onProgress: progress };
  const goTools: (keyof typeof GO_TOOLS)[] = [
    "registry",
    "crane",
    "referrers-registry",
    "oras",
    "krew",
    "mcp-registry",
    "compose",
    "kubeconform",
    "actionlint",
    "eget",
    "helm",
    "helm-v3",
    "cosign",
    "cosign-v2",
    "containers-policy",
    "osv-scanner",
    "trivy-database",
    "pulumi-resource-docker-build",
    "buildkitd",
    "buildctl",
    "docker-buildx",
  ];
  const tools: [string, () => Promise<string>][] = [
    ["pulumi", async () => (await pulumiCli(options)).path],
    ...goTools.map((name) => [name, () => toolPath(name, options)] as [string, () => Promise<string>]),
    ...Object.values(PYTHON_TOOLS).map(
      (tool) => [tool.name, () => ensurePythonTool(tool, options)] as [string, () => Promise<string>],
    ),
    ...Object.values(NODE_TOOLS).map(
      (tool) => [tool.name, () => ensureNodeTool(tool, options)] as [string, () => Promise<string>],
    ),
  ];
  for (const [name, find] of tools) {
    const link = join(directory, name);
    try {
      const path = await find();
      rmSync(link, { force: true });
      symlinkSync(path, link);
    } catch (error) {
      if (!(error instanceof SetupError) || process.env.CI === "true") throw error;
      rmSync(link, { force: true });
      progress(`${error.message}\nTests that need ${name} are not executed.`);
    }
  }
  return directory;
}

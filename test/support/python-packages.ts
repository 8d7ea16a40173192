import { mkdir, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import * as path from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { freePort, startServer, type ServerProcess } from "./processes";
import { requireTools, toolPath } from "./tools";

/** Tools of the Python world, as judges of what was published: an index, pip, twine and build. */

/** Their common program; the others are installed beside it. */
const installedProgram = "pypi-server";

/** Goes on if the tools are installed; else the test or suite is not executed. */
export function requirePythonTools(context: Context): void {
  requireTools(context, installedProgram, "python3");
}

/** Lets Python find the tools. */
export function toolVariables(): { PYTHONPATH: string } {
  return { PYTHONPATH: path.dirname(path.dirname(realpathSync(toolPath(installedProgram)))) };
}

/** An index of Python packages that is not ours: pypiserver. */
export interface PackageServer extends ServerProcess {
  /** Address that files are uploaded to; the simple API is at `simple/` below it. */
  readonly url: string;
}

/**
 * Starts an index with a folder of files.
 *
 * @param options of the program, e.g. for passwords
 */
export async function startPackageServer(
  folder: string,
  options: readonly string[] = ["-a", ".", "-P", "."],
  wantedPort?: number,
): Promise<PackageServer> {
  await mkdir(folder, { recursive: true });
  const port = wantedPort ?? (await freePort());
  const args = ["-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", String(port), "--disable-fallback"];
  const server = await startServer(toolPath("python3"), [...args, ...options, folder], port, toolVariables());
  return { ...server, url: `http://127.0.0.1:${port}/` };
}

/** A Python project in a folder, whose version stands in the package. */
export async function writePythonProject(
  folder: string,
  name: string,
  version: string,
  more = "",
): Promise<void> {
  const module = name.replaceAll("-", "_");
  await mkdir(path.join(folder, "src", module), { recursive: true });
  const files = {
    "pyproject.toml": `[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "${name}"
dynamic = ["version"]
description = "Says hello: to everybody"
readme = "README.md"
license = "MIT"
requires-python = ">=3.8"
classifiers = ["Programming Language :: Python :: 3"]

[project.urls]
Source = "https://github.com/acme/hello"

[project.optional-dependencies]
kubernetes = ["shout>=1"]
dev = ["whisper>=1"]

[project.scripts]
${name} = "${module}:main"

[tool.setuptools.dynamic]
version = { attr = "${module}.__version__" }
`,
    "README.md": "# Hello\n\nIt says *hällo*.\n",
    [`src/${module}/__init__.py`]: `__version__ = "${version}"\n\n\ndef main():\n    print("hello", __version__)\n${more}`,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
}

/** Builds wheel and sdist of a project into `dist/` in its folder. */
export async function buildPythonProject(folder: string): Promise<void> {
  const args = ["-m", "build", "--no-isolation", "--outdir", path.join(folder, "dist"), folder];
  await runClient("python3", args, { ...toolVariables(), SOURCE_DATE_EPOCH: "1767225600" });
}

/** Runs Python with what the tools consist of. @throws Error with what it printed */
export function runPythonTool(...args: string[]): Promise<string> {
  return runClient("python3", args, toolVariables());
}

/** What `twine check --strict` says of files. @throws Error where it finds fault */
export function twineCheck(files: readonly string[]): Promise<string> {
  return runPythonTool("-m", "twine", "check", "--strict", ...files);
}

/** Where pip installs from: an index, and its simple API where that is elsewhere than at `simple`. */
type Served = Pick<PackageServer, "url"> & { readonly simple?: string };

/** An environment of Python with nothing but pip in it. */
export class CleanEnvironment {
  private constructor(private readonly folder: string) {}

  static async make(folder: string): Promise<CleanEnvironment> {
    await runClient("python3", ["-m", "venv", folder]);
    return new CleanEnvironment(folder);
  }

  /** Installs from an index and nothing else. @throws Error with what pip says */
  install(server: Served, ...args: string[]): Promise<string> {
    return this.pip(server, "install", args);
  }

  /** Downloads from an index. @throws Error with what pip says */
  download(server: Served, ...args: string[]): Promise<string> {
    return this.pip(server, "download", args);
  }

  private pip({ url, simple = `${url}simple` }: Served, command: string, args: string[]): Promise<string> {
    const settings = {
      PIP_INDEX_URL: `${simple}/`,
      PIP_CONFIG_FILE: "/dev/null",
      PIP_NO_CACHE_DIR: "1",
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PIP_RETRIES: "0",
    };
    // What builds an sdist is there already: the index has nothing but what is tested.
    const building = args.includes("--no-build-isolation") ? toolVariables() : {};
    return this.run("pip", [command, ...args], { ...settings, ...building });
  }

  /** Runs a program of the environment. */
  run(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
    return runClient(path.join(this.folder, "bin", program), args, env);
  }
}

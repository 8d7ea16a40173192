import { ChannelError } from "../artifact";
import { npmPlatform } from "./platform";

/** Programs as packages of npm: one a platform, and one that depends on them. */
export interface ProgramPackages {
  /** Of the package that users install, e.g. `@acme/hello`. */
  readonly name: string;
  readonly version: string;
  readonly programs: readonly string[];
  readonly platforms: readonly string[];
  /** C library that the programs for Linux are linked with; none where they are linked statically. */
  readonly libc?: "glibc" | "musl" | undefined;
  /** One line. */
  readonly description: string;
  /** SPDX expression. */
  readonly license?: string | undefined;
  readonly homepage?: string | undefined;
  /** Address of the sources. */
  readonly repository?: string | undefined;
  readonly keywords?: readonly string[] | undefined;
  /** The MCP server that the package is (docs/modelcontextprotocol-io/package-types.mdx of its registry). */
  readonly mcpName?: string | undefined;
  /** Markdown, which the registry shows. */
  readonly readme?: string | undefined;
}

/** Name of the package of a platform. @throws ChannelError */
export function platformPackageName({ name }: Pick<ProgramPackages, "name">, platform: string): string {
  const { os, cpu } = npmPlatform(platform);
  return `${name}-${os}-${cpu}`;
}

/** Path of a program in the package of a platform. */
export function programPath(program: string, platform: string): string {
  return `bin/${program}${platform.startsWith("windows/") ? ".exe" : ""}`;
}

/** The files of a platform's package beside its programs, by path. @throws ChannelError */
export function platformPackageTexts(packages: ProgramPackages, platform: string): Record<string, string> {
  const { os, cpu } = npmPlatform(platform);
  const { libc, description, ...rest } = packages;
  const isLinked = libc !== undefined && os === "linux";
  return {
    "package.json": json({
      ...about({ ...rest, description: `${description} (${os} ${cpu})` }),
      name: platformPackageName(packages, platform),
      os: [os],
      cpu: [cpu],
      ...(isLinked && { libc: [libc] }),
      // What is run has to be a file, also with Yarn's Plug'n'Play.
      preferUnplugged: true,
    }),
    "README.md": `The programs of [${packages.name}](https://www.npmjs.com/package/${packages.name}) for ${os} ${cpu}.\n`,
  };
}

/** The files of the package that users install, by path. @throws ChannelError */
export function mainPackageTexts(packages: ProgramPackages): Record<string, string> {
  const { version, programs, platforms, readme, name, description } = packages;
  const names = platforms.map((platform) => platformPackageName(packages, platform));
  const twice = names.find((one, index) => names.indexOf(one) < index);
  if (twice !== undefined) {
    const reason = `two of ${platforms.join(", ")} are ${twice} in npm: name the one that it is for`;
    throw new ChannelError("platforms", reason);
  }
  const launchers = programs.map((program) => [launcherPath(program), launcherText(name, program)] as const);
  return {
    "package.json": json({
      ...about(packages),
      mcpName: packages.mcpName,
      bin: Object.fromEntries(programs.map((program) => [program, launcherPath(program)])),
      optionalDependencies: Object.fromEntries(names.map((one) => [one, version])),
    }),
    "README.md": readme ?? `# ${name}\n\n${description}\n`,
    ...Object.fromEntries(launchers),
  };
}

/** Path of the text that starts a program, in the package that users install. */
export function launcherPath(program: string): string {
  return `bin/${program}.js`;
}

function about(packages: Omit<ProgramPackages, "libc">): Record<string, unknown> {
  const { name, version, description, license, homepage, repository, keywords } = packages;
  return {
    name,
    version,
    description,
    license,
    homepage,
    ...(repository !== undefined && { repository: { type: "git", url: repository } }),
    keywords,
  };
}

/**
 * Starts the program of this platform's package, which npm has installed as an optional dependency:
 * nothing is run or fetched at installation.
 */
function launcherText(name: string, program: string): string {
  return `#!/usr/bin/env node
"use strict";
const { spawn } = require("child_process");
const { constants } = require("os");

const platform = process.platform + "-" + process.arch;
const wanted = ${JSON.stringify(`${name}-`)} + platform;
const file = ${JSON.stringify(`/bin/${program}`)} + (process.platform === "win32" ? ".exe" : "");
let program;
try {
  program = require.resolve(wanted + file);
} catch {
  console.error(
    ${JSON.stringify(`${program}: `)} + wanted + " is not installed. Where there is such a package, it is left out by " +
      "--omit=optional, or by a lock file of another platform: install ${name} again without them.",
  );
  process.exit(1);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit", windowsHide: false });
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const forward = (signal) => child.kill(signal);
for (const signal of signals) process.on(signal, forward);
child.on("error", (error) => {
  console.error(${JSON.stringify(`${program}: `)} + error.message);
  process.exit(126);
});
child.on("exit", (code, signal) => {
  process.exit(signal === null ? code : 128 + (constants.signals[signal] || 0));
});
`;
}

function json(manifest: Record<string, unknown>): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

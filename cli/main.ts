import { readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../lib/machine/repository";
import type { Command } from "./command";
import { buildCommand } from "./commands/build";
import { checkPolicies } from "./commands/check-policies";
import { clean } from "./commands/clean";
import { diffCommand } from "./commands/diff";
import { doctorCommand } from "./commands/doctor";
import { initCommand } from "./commands/init";
import { metricsCommand } from "./commands/metrics";
import { pageCommand } from "./commands/page";
import { refreshCommand } from "./commands/refresh";
import { report, reported } from "./commands/preview-and-up";
import { services } from "./commands/services";
import { statusCommand } from "./commands/status";
import { stop } from "./commands/stop";
import { runCommand } from "./run-command";
import { runPulumi } from "./run-pulumi";

const commands: Readonly<Record<string, Command>> = {
  init: initCommand(runPulumi),
  status: statusCommand(runPulumi),
  services,
  stop,
  clean,
  "check-policies": checkPolicies,
  diff: diffCommand(runPulumi),
  doctor: doctorCommand(runPulumi),
  build: buildCommand(runPulumi),
  metrics: metricsCommand(runPulumi),
  refresh: refreshCommand(runPulumi),
  page: pageCommand(runPulumi),
};

/**
 * Runs `npx slipway COMMAND`.
 *
 * @returns the exit code: 0 where all is well, 1 where something is wrong, 2 where the command line
 * is not understood
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = "", ...rest] = argv;
  if (["", "help", "--help", "-h"].includes(name)) {
    console.log(overview());
    return name === "" ? 2 : 0;
  }
  if (name === "--version") {
    console.log(version());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined && !Object.hasOwn(reported, name)) {
    const known = Object.keys({ ...commands, ...reported }).join(", ");
    console.error(`slipway: there is no command ${JSON.stringify(name)}. There are: ${known}.`);
    return 2;
  }
  try {
    return await (command === undefined ? report(name, rest) : runCommand(name, command, rest));
  } catch (error) {
    // What set-up says is all that a user needs.
    if (!(error instanceof Error) || !("hint" in error)) throw error;
    console.error(`slipway: ${error.message}`);
    return 1;
  }
}

function overview(): string {
  const own = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  const lines = [...own, ...Object.entries(reported)].map(
    ([name, summary]) => `  ${name.padEnd(16)}${summary}.`,
  );
  return [
    "Usage: npx slipway COMMAND [OPTIONS]",
    lines.join("\n"),
    "`npx slipway COMMAND --help` has the options of a command. Releases are made by `pulumi up`.",
  ].join("\n\n");
}

function version(): string {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

import { readFileSync } from "node:fs";

import type * as CheckPolicies from "../../policies/check-policies";
import { UsageError, type Command } from "../command";

/** `npx slipway check-policies` */
export const checkPolicies: Command = {
  summary: "Says what is wrong with a configuration of the policy pack",
  operands: "FILE...",
  details: "It is what `--policy-pack-config` is given. The exit code is 1 where something is wrong.",
  options: {},
  run(_values, files) {
    if (files.length === 0) return Promise.reject(new UsageError("a file is missing, e.g. policies.json"));
    // The rules are most of the program: the other commands do without.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { configurationProblems } = require("../../policies/check-policies") as typeof CheckPolicies;
    const problems = files.flatMap((file) =>
      problemsOf(file, configurationProblems).map((problem) => `${file}: ${problem}`),
    );
    for (const problem of problems) console.error(problem);
    if (problems.length === 0) console.log(`${files.join(", ")}: no problem`);
    return Promise.resolve(problems.length === 0 ? 0 : 1);
  },
};

function problemsOf(file: string, check: (text: string) => readonly string[]): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return [`cannot be read: ${(error as Error).message}`];
  }
  return check(text);
}

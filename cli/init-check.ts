import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import * as path from "node:path";
import { previewOrUp } from "../lib/display/preview-or-up";
import type { RunCli } from "../lib/display/shown-run";
import { doctorCommand } from "./commands/doctor";

/** Files that say what is previewed. */
const stackFiles = ["Pulumi.yaml", "Pulumi.dev.yaml"];

/**
 * Runs `slipway doctor` and a preview of the stack `dev`, with a state in a temporary folder: no stack is made where
 * the user has theirs, and no file of the project changes.
 *
 * @returns the exit code of the first that fails
 */
export async function checkProposal(run: RunCli, project: string): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-init-"));
  const copy = path.join(folder, "project");
  const state = path.join(folder, "state");
  mkdirSync(copy);
  mkdirSync(state);
  for (const file of stackFiles) copyFileSync(path.join(project, file), path.join(copy, file));
  const env = {
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const own: RunCli = (args, options) => run(args, { ...options, env: { ...options.env, ...env } });
  const ofCopy: RunCli = (args, options) =>
    own(
      args[0] === "preview" ? [...args, "--config-file", path.join(copy, "Pulumi.dev.yaml")] : args,
      options,
    );
  try {
    const init = ["stack", "init", "dev", "--no-select", "--secrets-provider", "passphrase", "--cwd", copy];
    const made = await own(init, { stdio: ["ignore", "ignore", "inherit"] });
    if (made.code !== 0) return made.code ?? 1;
    const values = { cwd: project, stack: "dev" };
    const examined = await doctorCommand(ofCopy).run(values, []);
    if (examined !== 0) return examined;
    const { code, signal } = await previewOrUp(ofCopy, ["preview", "--cwd", project, "--stack", "dev"]);
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

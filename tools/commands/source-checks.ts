import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { policiesPage } from "../../policies/pack/policies-page";
import { referencePage } from "../../schema/reference-page";
import { runChild } from "../child.cjs";
import { progress } from "../progress";
import { REPOSITORY, repositoryRequire } from "../repository";

/** `npm run lint`: types, rules and formatting, all of them even if one finds something. */
export async function lint(): Promise<void> {
  const checks = [
    ["typescript", "tsc", "--noEmit", "-p", "."],
    ["eslint", "eslint", "."],
    ["prettier", "prettier", "--check", "."],
  ];
  const failed: string[] = [];
  for (const [packageName = "", bin = "", ...args] of checks) {
    const started = Date.now();
    const code = await runBin(packageName, bin, args);
    progress(
      `${bin}: ${code === 0 ? "ok" : `exit code ${code}`} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
    );
    if (code !== 0) failed.push(bin);
  }
  if (failed.length > 0) process.exitCode = 1;
}

/** `npm run format`: rewrites what `lint` would complain of in formatting, and the pages that are made from the source. */
export async function format(args: readonly string[]): Promise<void> {
  if (args.length === 0) await writePages();
  process.exitCode = await runBin("prettier", "prettier", ["--write", ...(args.length === 0 ? ["."] : args)]);
}

async function writePages(): Promise<void> {
  await writeFile(join(REPOSITORY, "docs", "reference.md"), `${referencePage()}\n`);
  await writeFile(join(REPOSITORY, "docs", "policies.md"), `${policiesPage()}\n`);
}

async function runBin(packageName: string, bin: string, args: readonly string[]): Promise<number> {
  const manifest = repositoryRequire.resolve(`${packageName}/package.json`);
  const { bin: bins } = repositoryRequire(manifest) as { bin: string | Record<string, string> };
  const file = typeof bins === "string" ? bins : bins[bin];
  if (file === undefined) throw new Error(`${packageName} has no program ${bin}`);
  const result = await runChild(process.execPath, [join(dirname(manifest), file), ...args], {
    cwd: REPOSITORY,
  });
  return result.code ?? 1;
}

import { dirname, join } from "node:path";

import { runChild } from "../../lib/machine/child.cjs";
import { progress } from "../progress";
import { REPOSITORY, repositoryRequire } from "../../lib/machine/repository";
import { actionFindings } from "./action-pins";
import { spellingFindings } from "./spelling";
import { stalePages, writePages } from "./pages";

/** What imports what, by the rules of `.dependency-cruiser.cjs`. */
const IMPORTS = ["--config", ".dependency-cruiser.cjs", "--output-type", "err-long"].concat([
  "lib",
  "resources",
  "components",
  "provider",
  "policies",
  "cli",
  "tools",
  "test",
  "bench",
]);

/**
 * `npm run lint`: types, rules, formatting, imports, made pages, actions and spelling, all of them even if
 * one finds something.
 */
export async function lint(): Promise<void> {
  const checks = [
    ["typescript", "tsc", "--noEmit", "-p", "."],
    ["eslint", "eslint", "."],
    ["prettier", "prettier", "--check", "."],
    ["dependency-cruiser", "depcruise", ...IMPORTS],
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
  if (!(await checkPages())) failed.push("pages");
  if (!checkActions()) failed.push("actions");
  if (!checkSpelling()) failed.push("spelling");
  if (failed.length > 0) process.exitCode = 1;
}

/**
 * `npm run format`: rewrites what `lint` would complain of in formatting, and the pages that are
 * made from the source.
 */
export async function format(args: readonly string[]): Promise<void> {
  if (args.length === 0) await writePages();
  process.exitCode = await runBin("prettier", "prettier", ["--write", ...(args.length === 0 ? ["."] : args)]);
}

/**
 * Returns whether the pages are what the source makes; a source that no page can be made from is
 * told in a line.
 */
async function checkPages(): Promise<boolean> {
  const started = Date.now();
  const finding = await stalePages().then(
    (stale) => (stale.length === 0 ? "" : `${stale.join(", ")} not up to date: npm run format writes it`),
    (error: Error) => error.message,
  );
  progress(`pages: ${finding === "" ? "ok" : finding} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return finding === "";
}

/** Returns whether workflows, those of the documentation too, use actions by commit only. */
function checkActions(): boolean {
  const findings = actionFindings(REPOSITORY);
  progress(`actions: ${findings.length === 0 ? "ok" : `\n${findings.join("\n")}`}`);
  return findings.length === 0;
}

/** Returns whether sources and documentation are in one English. */
function checkSpelling(): boolean {
  const findings = spellingFindings(REPOSITORY);
  progress(`spelling: ${findings.length === 0 ? "ok" : `\n${findings.join("\n")}`}`);
  return findings.length === 0;
}

async function runBin(packageName: string, bin: string, args: readonly string[]): Promise<number> {
  // Not by its name: some packages keep their manifest to themselves.
  const manifest = join(REPOSITORY, "node_modules", packageName, "package.json");
  const { bin: bins } = repositoryRequire(manifest) as { bin: string | Record<string, string> };
  const file = typeof bins === "string" ? bins : bins[bin];
  if (file === undefined) throw new Error(`${packageName} has no program ${bin}`);
  const result = await runChild(process.execPath, [join(dirname(manifest), file), ...args], {
    cwd: REPOSITORY,
  });
  return result.code ?? 1;
}

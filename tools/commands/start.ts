import { ensureRunning } from "../../embedded/registry";
import { exitAs } from "../child.cjs";
import { progress } from "../progress";
import { projectOf } from "../project";
import { pulumiCli } from "../pulumi-cli";
import { runPulumi } from "../pulumi-run";

const STACK = "dev";

/** `npm start`: from a fresh clone to a published distribution in the embedded registry. */
export async function start(args: readonly string[]): Promise<void> {
  const project = projectOf(args, process.cwd());
  await pulumiCli({ onProgress: progress });
  const registry = await ensureRunning(project.directory, { onProgress: progress });
  for (const step of [
    ["stack", "select", "--create", STACK],
    ["up", "--yes", "--stack", STACK, ...args],
  ]) {
    const result = await runPulumi(step);
    if (result.code !== 0) return exitAs(result);
  }
  console.log(describe(registry, await stackOutputs()));
}

/** The stack's outputs; the CLI leaves secret ones as "[secret]". */
async function stackOutputs(): Promise<Record<string, unknown>> {
  let text = "";
  const result = await runPulumi(["stack", "output", "--json", "--stack", STACK], {
    stdio: ["ignore", "pipe", "inherit"],
    onStart: (child) => child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)),
  });
  if (result.code !== 0)
    throw new Error(`pulumi stack output failed (exit code ${result.code}); its words are above`);
  return JSON.parse(text) as Record<string, unknown>;
}

function describe(registry: string, outputs: Record<string, unknown>): string {
  return [
    "",
    `Published to the embedded registry at ${registry}.`,
    ...Object.entries(outputs).map(([name, value]) => render(name, value, "  ")),
    "",
    "What to try next:",
    "  npm run pulumi -- preview      what the next release would change; now: nothing",
    "  npm run pulumi -- config set version v0.1.1 --stack dev",
    "                                 give a change a version: published versions never move",
    "  npm start                      release it",
    `  curl http://${registry}/v2/_catalog`,
    "  npm stop                       stop the registry; its data stays",
    "  npm run clean                  remove everything this made",
  ].join("\n");
}

function render(name: string, value: unknown, indent: string): string {
  if (value === null || typeof value !== "object") return `${indent}${name}: ${String(value)}`;
  const entries = Array.isArray(value)
    ? value.map((item, i) => [String(i + 1), item] as const)
    : Object.entries(value);
  return [`${indent}${name}:`, ...entries.map(([key, item]) => render(key, item, `${indent}  `))].join("\n");
}

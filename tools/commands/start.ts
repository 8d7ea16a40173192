import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ensureRunning } from "../../lib/embedded/registry";
import { showRun } from "../../lib/display/shown-run";
import { withLock } from "../../lib/machine/lock.cjs";
import { exitAs, type ChildResult } from "../../lib/machine/child.cjs";
import { BASES, missingImages, namedBases } from "../development-bases";
import { EXAMPLES, runIn, withExample } from "../examples";
import { nextVersion } from "../next-version";
import { progress } from "../progress";
import { optionValue, privateDirectory, projectOf } from "../project";
import { pulumiCli } from "../pulumi-cli";
import { runPulumi } from "../pulumi-run";

const STACK = "dev";

/** Most characters of a line that lists values. */
const widestLine = 100;

/**
 * `npm start`: from a fresh clone to a published distribution in the embedded registry;
 * `npm start -- NAME` is that of an example, after the base images that its configuration takes
 * from examples/bases.
 */
export async function start(given: readonly string[]): Promise<void> {
  const args = withExample(given);
  const project = projectOf(args, process.cwd());
  await pulumiCli({ onProgress: progress });
  const registry = await ensureRunning(project.directory, { onProgress: progress });
  const missing = await missingImages(registry, namedBases(project.directory, STACK));
  if (missing.length > 0) {
    progress(`${missing.join(", ")} not in the embedded registry yet: publishing ${EXAMPLES}/${BASES} first`);
    const bases = await publish(runIn(BASES));
    if (bases.code !== 0) return exitAs(bases);
  }
  const result = await publish(args);
  if (result.code !== 0) return exitAs(result);
  const name = given[0]?.startsWith("-") === false ? given[0] : undefined;
  const configuration = await readFile(join(project.directory, `Pulumi.${STACK}.yaml`), "utf8").catch(
    () => "",
  );
  console.log(describe(registry, name, nextVersion(configuration), await stackOutputs(folderOf(args))));
}

function folderOf(args: readonly string[]): string[] {
  const folder = optionValue(args, ["-C", "--cwd"]);
  return folder === undefined ? [] : ["--cwd", folder];
}

/** @param args arguments of `pulumi up`, which may name the project's folder */
async function publish(args: readonly string[]): Promise<ChildResult> {
  const lock = join(privateDirectory(projectOf(args, process.cwd()).directory), "locks", "stack");
  // Of two that create the stack at once, the CLI would refuse one.
  const selected = await withLock(lock, {}, () =>
    runPulumi(["stack", "select", "--create", STACK, ...folderOf(args)]),
  );
  if (selected.code !== 0) return selected;
  return showRun(runPulumi, ["up", "--yes", "--suppress-outputs", "--stack", STACK, ...args], (line) =>
    process.stdout.write(`${line}\n`),
  );
}

/** The stack's outputs; the CLI leaves secret ones as "[secret]". */
async function stackOutputs(folder: readonly string[]): Promise<Record<string, unknown>> {
  let text = "";
  const result = await runPulumi(["stack", "output", "--json", "--stack", STACK, ...folder], {
    stdio: ["ignore", "pipe", "inherit"],
    onStart: (child) => child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)),
  });
  if (result.code !== 0)
    throw new Error(`pulumi stack output failed (exit code ${result.code}); its words are above`);
  return JSON.parse(text) as Record<string, unknown>;
}

/**
 * @param example name of the example that was published, if it was one
 * @param next version that a change could have
 */
function describe(
  registry: string,
  example: string | undefined,
  next: string | undefined,
  outputs: Record<string, unknown>,
): string {
  const folder = example === undefined ? "" : `-C examples/${example} `;
  const name = example === undefined ? "" : ` -- ${example}`;
  const commands = [
    [`npm run slipway -- preview ${folder}`.trimEnd(), "what the next release would change; now: nothing"],
    ...(next === undefined
      ? []
      : [
          [
            `npm run pulumi -- ${folder}config set version ${next} --stack dev`,
            "give a change a version: published ones never move",
          ],
          [`npm start${name}`, "release it"],
        ]),
    ["npm stop", "stop the registry and the builder; their data stays"],
    ["npm run clean", "remove everything this made"],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    `Published to the embedded registry at ${registry}.`,
    ...Object.entries(outputs).flatMap(([key, value]) => render(key, value, "  ")),
    "",
    "What to try next:",
    ...commands.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`),
  ].join("\n");
}

/** Lines of an output: what is short and has no further levels is one. */
function render(name: string, value: unknown, indent: string): string[] {
  if (value === null || typeof value !== "object") return [`${indent}${name}: ${String(value)}`];
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const line = `${indent}${name}: ${entries.map(([key, item]) => (isList ? String(item) : `${key} ${String(item)}`)).join(", ")}`;
  const isFlat = entries.every(([, item]) => item === null || typeof item !== "object");
  if (isFlat && line.length <= widestLine) return [line];
  const further = `${indent}  `;
  return [
    `${indent}${name}:`,
    ...entries.flatMap(([key, item]) =>
      isList && isFlat
        ? [`${further}${String(item)}`]
        : render(isList ? String(Number(key) + 1) : key, item, further),
    ),
  ];
}

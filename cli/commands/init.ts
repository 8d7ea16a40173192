import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { RunCli } from "../../lib/display/shown-run";
import { proposalDiff } from "../../lib/init/diff";
import { placeText, type Left } from "../../lib/init/found";
import { PlanError, planDistribution, type Plan, type PlanOptions } from "../../lib/init/plan";
import { readProject } from "../../lib/init/project";
import { proposedFiles, type ProposedFile } from "../../lib/init/proposal";
import { readers, readFound } from "../../lib/init/reading";
import { REPOSITORY } from "../../lib/machine/repository";
import { SetupError } from "../../lib/machine/setup-error";
import { cleanLine, cleanText } from "../../lib/text/terminal";
import { UsageError, type Command, type Values } from "../command";
import { checkProposal } from "../init-check";
import { askedOptions } from "../init-questions";

const readerNames = readers.map(({ name }) => name);

/** `npx slipway init`. @param run runs the Pulumi CLI */
export const initCommand = (run: RunCli): Command => ({
  summary:
    "Proposes a declaration for a repository that is there, with the file and line that each entry comes from",
  details:
    "Dockerfiles, compose and bake files, workflows and the files of packages are read, and nothing of them is run. No\n" +
    "file is overwritten. What could not be read or decided is named with the reason. In a terminal it asks first.",
  options: {
    cwd: {
      type: "string",
      short: "C",
      value: "DIRECTORY",
      help: "Top of the repository. Default: this folder.",
    },
    "dry-run": { type: "boolean", help: "Prints what would be written as a diff, and writes nothing." },
    from: {
      type: "string",
      value: "KINDS",
      help: `Kinds of files that are read: ${readerNames.join(", ")}. Default: all.`,
    },
    name: { type: "string", value: "NAME", help: "Name of the distribution. Default: what files say." },
    registry: {
      type: "string",
      value: "REGISTRY",
      help: "Registry of releases, e.g. ghcr.io/acme. Default: what files say.",
    },
    ship: { type: "string", value: "WHAT", help: "images or programs alone. Default: all that is found." },
    out: {
      type: "string",
      value: "DIRECTORY",
      help: "Folder to write to. Default: the top of the repository.",
    },
    check: {
      type: "boolean",
      help: "Runs slipway doctor and a preview afterwards, on a state that is thrown away.",
    },
    yes: { type: "boolean", short: "y", help: "Asks nothing." },
    json: { type: "boolean", help: "Prints files and what is left as JSON; asks nothing." },
  },
  async run(values) {
    const folder = path.resolve(typeof values.cwd === "string" ? values.cwd : ".");
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`--cwd ${folder}: a folder is expected`);
    const out = typeof values.out === "string" ? path.resolve(values.out) : folder;
    const isDry = values["dry-run"] === true;
    const project = readProject(folder);
    const all = readFound(project, fromOf(values.from));
    const given = givenOptions(values);
    const plan = await planned((options) => planDistribution(all, project, options), given, values);
    const textOf = (file: string) => textAt(out, file);
    const files = proposedFiles(plan, textOf);
    refuseExisting(files, out);
    if (!isDry) for (const file of files) write(out, file);
    if (values.json === true) console.log(json(plan, files, !isDry));
    else if (isDry) process.stdout.write(`${shownDiff(files, textOf)}${leftText(plan.left)}`);
    else process.stdout.write(written(plan, files, folder, out));
    return values.check === true && !isDry ? checkProposal(run, out) : 0;
  },
});

/** @throws UsageError */
function fromOf(from: Values[string]): string[] | undefined {
  if (typeof from !== "string") return undefined;
  const names = from.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !readerNames.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(`--from ${unknown}: of ${readerNames.join(", ")} some are expected`);
}

/** @throws UsageError */
function givenOptions({ name, registry, ship }: Values): PlanOptions {
  const known = (["images", "programs"] as const).find((one) => one === ship);
  if (ship !== undefined && known === undefined)
    throw new UsageError(`--ship ${String(ship)}: images or programs is expected`);
  if (typeof registry === "string" && !/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/.test(registry))
    throw new UsageError(
      `--registry ${registry}: a host and a path below it are expected, e.g. ghcr.io/acme`,
    );
  return {
    name: typeof name === "string" ? name : undefined,
    registry: typeof registry === "string" ? registry : undefined,
    ship: known,
  };
}

/** @throws SetupError where nothing can be proposed */
async function planned(
  make: (options: PlanOptions) => Plan,
  given: PlanOptions,
  values: Values,
): Promise<Plan> {
  const mayAsk =
    process.stdin.isTTY &&
    process.stdout.isTTY &&
    !["yes", "json", "dry-run"].some((one) => values[one] === true);
  try {
    const plan = make(given);
    return mayAsk ? make(await askedOptions(plan, given)) : plan;
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new SetupError(error.message, error.hint);
  }
}

function textAt(folder: string, file: string): string | undefined {
  const place = path.join(folder, file);
  return existsSync(place) ? readFileSync(place, "utf8") : undefined;
}

/** @throws SetupError naming the first file that is there */
function refuseExisting(files: readonly ProposedFile[], out: string): void {
  const there = files.filter(({ path: file, isAddition }) => !isAddition && existsSync(path.join(out, file)));
  if (there.length === 0) return;
  throw new SetupError(
    `${there.map(({ path: file }) => file).join(", ")} in ${out}: there already, and not overwritten. Nothing was written.`,
    "Write the proposal to another folder: --out DIRECTORY, or look at it: --dry-run --out DIRECTORY.",
  );
}

function write(out: string, { path: file, content, isAddition }: ProposedFile): void {
  const place = path.join(out, file);
  mkdirSync(path.dirname(place), { recursive: true });
  // `wx` also refuses what came to be there meanwhile.
  writeFileSync(place, content, { flag: isAddition ? "a" : "wx" });
}

function json({ name, left }: Plan, files: readonly ProposedFile[], isWritten: boolean): string {
  const shown = files.map(({ path: file, content, isAddition }) => ({ path: file, content, isAddition }));
  return JSON.stringify({ name, written: isWritten, files: shown, left }, undefined, 2);
}

/** For people; what a program reads, such as `git apply`, has every byte. */
function shownDiff(files: readonly ProposedFile[], textOf: (file: string) => string | undefined): string {
  const diff = proposalDiff(files, textOf);
  return process.stdout.isTTY ? cleanText(diff, diff.length) : diff;
}

function leftText(left: readonly Left[]): string {
  if (left.length === 0) return "";
  const lines = left.map((one) => `  ${cleanLine(`${placeText(one)}: ${one.what}: ${one.reason}`)}`);
  return `\nNot read, or left to you:\n${lines.join("\n")}\n`;
}

function written(plan: Plan, files: readonly ProposedFile[], folder: string, out: string): string {
  const list = files.map(({ path: file, isAddition }) => `  ${isAddition ? "added to " : ""}${file}`);
  const isInstalled = existsSync(path.join(out, "node_modules", "slipway"));
  const there = out === process.cwd() ? "" : `cd ${path.relative(process.cwd(), out) || "."} && `;
  const commands = isInstalled
    ? ["pulumi stack init dev", "npx slipway preview --stack dev"]
    : [`npm install --save-dev ${REPOSITORY}`, "pulumi stack init dev && npx slipway preview --stack dev"];
  const elsewhere = out === folder ? "" : `\nIts paths are those of ${folder}: copy it there.\n`;
  return [
    `A declaration of ${plan.name}:\n${list.join("\n")}\n`,
    leftText(plan.left),
    elsewhere,
    `\nNext:\n${commands.map((command) => `  ${there}${command}`).join("\n")}\n`,
  ].join("");
}

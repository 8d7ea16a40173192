import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync, existsSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

/** A workflow of GitHub Actions, as far as jobs are run here. */
export interface WorkflowFile {
  name: string;
  "run-name"?: string;
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  defaults?: { run?: { shell?: string; "working-directory"?: string } };
  jobs: Record<string, WorkflowJob>;
}

interface WorkflowJob {
  if?: string;
  needs?: string;
  strategy?: { matrix: { include: Record<string, string>[] } };
  environment?: string;
  "runs-on": string;
  permissions: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  outputs?: Record<string, string>;
  steps: WorkflowStep[];
}

interface WorkflowStep {
  name?: string;
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  run?: string;
}

/** Reads a workflow. */
export function readWorkflow(text: string): WorkflowFile {
  return parse(text) as WorkflowFile;
}

/** What an event gives to a run: contexts of GitHub's expressions. */
export interface WorkflowEvent {
  github: Record<string, unknown> & { event_name: string; ref: string };
  inputs?: Record<string, string>;
  secrets?: Record<string, string>;
  needs?: Record<string, unknown>;
  matrix?: Record<string, string>;
}

/** What a job did. */
export interface JobResult {
  /** Exit code of the last step that ran; 0 where all did. */
  code: number;
  /** What the steps printed. */
  text: string;
  /** Names of the steps that ran, and of those that did not. */
  ran: string[];
  left: string[];
  summary: string;
  outputs: Record<string, string>;
  /** The runner's folder for temporary files. */
  temp: string;
}

/** Where a job runs. */
export interface JobMachine {
  /** Folder of the checkout, which a step of the job would have made. */
  checkout: string;
  env: NodeJS.ProcessEnv;
  /** Steps that are no part of the test, by name: what they install is there. */
  without: readonly string[];
  /** Puts what an action brings into the runner's folder for temporary files. */
  bring?: (temp: string) => Promise<void>;
}

/**
 * Runs the steps of a job as a runner does: each in a shell of its own, with its expressions replaced and its files for
 * variables, paths, outputs and the summary. Actions are not run. Returns undefined where `if` says no.
 */
export async function runJob(
  text: string,
  job: string,
  event: WorkflowEvent,
  machine: JobMachine,
): Promise<JobResult | undefined> {
  const workflow = readWorkflow(text);
  const declared = workflow.jobs[job];
  if (declared === undefined) throw new Error(`there is no job ${job}`);
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const runnerTemp = mkdtempSync(path.join(path.dirname(machine.checkout), "runner-"));
  const contexts = {
    inputs: {},
    secrets: {},
    needs: {},
    runner: { os: "Linux", arch: "X64", temp: runnerTemp },
    ...event,
    steps,
  };
  if (declared.if !== undefined && !isTrue(declared.if, contexts)) return undefined;
  await machine.bring?.(runnerTemp);
  const file = (name: string) => path.join(runnerTemp, name);
  const { github } = event;
  const refName = github.ref.replace(/^refs\/(heads|tags|pull)\//, "");
  const env: NodeJS.ProcessEnv = {
    ...machine.env,
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: "octocat",
    GITHUB_EVENT_NAME: github.event_name,
    GITHUB_REF: github.ref,
    GITHUB_REF_NAME: refName,
    GITHUB_REF_TYPE: github.ref.startsWith("refs/tags/") ? "tag" : "branch",
    GITHUB_REPOSITORY: "acme/hello",
    RUNNER_TEMP: runnerTemp,
  };
  const result: JobResult = {
    code: 0,
    text: "",
    ran: [],
    left: [],
    summary: "",
    outputs: {},
    temp: runnerTemp,
  };
  for (const [index, step] of declared.steps.entries()) {
    const name = step.name ?? step.uses ?? String(index);
    const isLeft = step.run === undefined || machine.without.includes(name);
    if (isLeft || (step.if !== undefined && !isTrue(step.if, contexts))) {
      result.left.push(name);
      continue;
    }
    const files = {
      GITHUB_ENV: file("env"),
      GITHUB_PATH: file("path"),
      GITHUB_OUTPUT: file(`output-${index}`),
    };
    const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, filled(value, contexts)]);
    const script = file(`step-${index}.sh`);
    writeFileSync(script, filled(step.run ?? "", contexts));
    for (const [key, value] of Object.entries(variablesIn(files.GITHUB_ENV))) env[key] = value;
    const folder = path.join(machine.checkout, workflow.defaults?.run?.["working-directory"] ?? ".");
    mkdirSync(folder, { recursive: true });
    const { code, output } = await shell(script, folder, {
      ...env,
      ...files,
      GITHUB_STEP_SUMMARY: file("summary"),
      ...(Object.fromEntries(own) as Record<string, string>),
    });
    result.ran.push(name);
    result.text += output;
    if (step.id !== undefined) steps[step.id] = { outputs: variablesIn(files.GITHUB_OUTPUT) };
    if (code !== 0) {
      result.code = code;
      break;
    }
  }
  if (existsSync(file("summary"))) result.summary = readFileSync(file("summary"), "utf8");
  for (const [key, value] of Object.entries(declared.outputs ?? {}))
    result.outputs[key] = filled(value, contexts);
  return result;
}

/** `NAME=VALUE`, or `NAME<<END` with lines up to END (GitHub: "Workflow commands", multiline strings). */
function variablesIn(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, "utf8").split("\n");
  const found: Record<string, string> = {};
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const [, name, end] = /^([\w-]+)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && end !== undefined) {
      const last = lines.indexOf(end, index + 1);
      found[name] = lines.slice(index + 1, last).join("\n");
      index = last;
      continue;
    }
    const at = line.indexOf("=");
    if (at > 0) found[line.slice(0, at)] = line.slice(at + 1);
  }
  return found;
}

function shell(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    // The shell that `shell: bash` stands for.
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

type Contexts = Readonly<Record<string, unknown>>;

/** A text with its expressions replaced. */
export function filled(text: string, contexts: Contexts): string {
  return String(text).replaceAll(/\$\{\{(.*?)\}\}/g, (_all, expression: string) => {
    const value = evaluated(expression, contexts);
    return ["string", "number"].includes(typeof value) || value === true ? `${value as string | number}` : "";
  });
}

function isTrue(condition: string, contexts: Contexts): boolean {
  return Boolean(evaluated(condition.replace(/^\$\{\{(.*)\}\}$/s, "$1"), contexts));
}

/** Expressions of GitHub, as far as rendered workflows have them, are those of JavaScript with other look-ups. */
function evaluated(expression: string, contexts: Contexts): unknown {
  const look = (names: string) =>
    names
      .split(".")
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], contexts) ??
    "";
  const parts = expression.split(/('(?:[^']|'')*')/);
  const source = parts
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(
            /\b(?:github|inputs|matrix|secrets|needs|steps|runner)(?:\.[\w-]+)+/g,
            (names) => `look("${names}")`,
          ),
    )
    .join("");
  const format = (text: string, value: unknown) => text.replaceAll("{0}", String(value));
  const cancelled = () => false;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- text of this test
  return new Function("look", "format", "cancelled", "hashFiles", `return (${source});`)(
    look,
    format,
    cancelled,
    () => "",
  );
}

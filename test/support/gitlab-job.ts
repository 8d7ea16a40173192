import { spawn } from "node:child_process";
import { parse } from "yaml";

/** A job of a pipeline of GitLab, as far as jobs are run here. */
export interface GitlabJob {
  image: string;
  stage: string;
  rules: { if: string }[];
  script: string[];
  variables?: Record<string, string | number>;
  services?: { name: string; alias: string }[];
  artifacts?: { paths: string[]; when: string; expose_as: string };
  id_tokens?: Record<string, { aud: string }>;
  resource_group?: string;
  interruptible: boolean;
}

/** A variable of the form of a pipeline that is started by hand. */
export interface GitlabInput {
  description: string;
  value: string;
  options?: string[];
}

/** Reads a pipeline. */
export function readPipeline(text: string): {
  jobs: Record<string, GitlabJob>;
  inputs: Record<string, GitlabInput>;
} {
  const { variables = {}, ...jobs } = parse(text) as { variables?: Record<string, GitlabInput> } & Record<
    string,
    unknown
  >;
  return { jobs: jobs as Record<string, GitlabJob>, inputs: variables };
}

/** Variables that GitLab sets by what has started the pipeline, and those that people have given. */
export type GitlabEvent = Readonly<Record<string, string>>;

/** Whether one of the rules of a job lets it run (GitLab, "Specify when jobs run with rules"). */
export function runs({ rules }: GitlabJob, event: GitlabEvent): boolean {
  return rules.some((rule) => isTrue(rule.if, event));
}

/** Conditions of rules, as far as rendered pipelines have them, are those of JavaScript with other names. */
function isTrue(condition: string, event: GitlabEvent): boolean {
  const source = condition
    .split(/("[^"]*"|\/\^.*?\$\/)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(/\$(\w+)/g, (_all, name: string) => `(event[${JSON.stringify(name)}] ?? null)`),
    )
    .join("")
    .replaceAll(/(\(event\["\w+"\] \?\? null\)) =~ (\/\^.*?\$\/)/g, "($1 !== null && $2.test($1))");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- text of this test
  return Boolean(new Function("event", `return (${source});`)(event));
}

/** What a job did. */
export interface GitlabJobResult {
  code: number;
  text: string;
}

/**
 * Runs a job's script as a runner does: all lines in one shell that ends at the first failure. Undefined where no rule
 * lets it run.
 *
 * @param without beginnings of lines that are no part of the test: what they install is there
 */
export async function runGitlabJob(
  text: string,
  name: string,
  event: GitlabEvent,
  machine: { checkout: string; env: NodeJS.ProcessEnv; without: readonly string[] },
): Promise<GitlabJobResult | undefined> {
  const { jobs, inputs } = readPipeline(text);
  const job = jobs[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  if (!runs(job, event)) return undefined;
  const lines = job.script.filter((line) => !machine.without.some((left) => line.startsWith(left)));
  const given = Object.fromEntries(Object.entries(inputs).map(([key, { value }]) => [key, value]));
  const own = Object.fromEntries(
    Object.entries(job.variables ?? {}).map(([key, value]) => [
      key,
      String(value).replace("$CI_PROJECT_DIR", machine.checkout),
    ]),
  );
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", lines.join("\n")], {
      cwd: machine.checkout,
      env: {
        ...machine.env,
        CI: "true",
        GITLAB_CI: "true",
        CI_PROJECT_DIR: machine.checkout,
        ...given,
        ...own,
        ...event,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part: string) => (output += part));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, text: output }));
  });
}

import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { toolPath } from "./tools";

/** What actionlint, and shellcheck for each step, say of a workflow; empty for nothing. */
export function actionlint(text: string): Promise<string> {
  return inCheckout(text, async (folder, file) => {
    const { output } = await run(
      toolPath("actionlint"),
      ["-shellcheck", toolPath("shellcheck"), "-no-color", file],
      folder,
    );
    return output.trim();
  });
}

/** Names of the weaknesses that zizmor finds, without asking anybody. */
export function zizmor(text: string): Promise<string[]> {
  return inCheckout(text, async (folder, file) => {
    const { output, code } = await run(toolPath("zizmor"), ["--offline", "--format", "json", file], folder);
    // 11 and more say how severe findings are; anything below is its own failure.
    if (code !== 0 && code < 10) throw new Error(`zizmor: exit code ${code}\n${output}`);
    const findings = JSON.parse(output) as { ident: string; ignored: boolean }[];
    return [...new Set(findings.filter(({ ignored }) => !ignored).map(({ ident }) => ident))];
  });
}

/** What GitLab's own schema says of a pipeline; empty for nothing. */
export function gitlabSchema(text: string): Promise<string> {
  return inCheckout(text, async (folder, file) => {
    const args = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", file];
    const program = realpathSync(toolPath("check-jsonschema"));
    const libraries = path.dirname(path.dirname(program));
    const { code, output, errors } = await run(program, args, folder, { PYTHONPATH: libraries });
    return code === 0 ? "" : `exit code ${code}: ${output}${errors}`;
  });
}

/** What shellcheck says of a script; empty for nothing. */
export function shellcheck(text: string): Promise<string> {
  return inCheckout(text, async (folder, file) =>
    (await run(toolPath("shellcheck"), [file], folder)).output.trim(),
  );
}

async function inCheckout<T>(text: string, judge: (folder: string, file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "slipway-workflow-"));
  try {
    await mkdir(path.join(folder, ".github", "workflows"), { recursive: true });
    const file = path.join(".github", "workflows", "workflow.yml");
    await writeFile(path.join(folder, file), text);
    return await judge(folder, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === "number" ? error.code : error ? 1 : 0,
        output: stdout,
        errors: stderr,
      }),
    );
  });
}

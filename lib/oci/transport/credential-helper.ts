import { spawn } from "node:child_process";
import { CredentialsError } from "../errors";
import { credentialHelperEnvironment } from "../../machine/child-environment";

/** Time that a helper has to answer, in milliseconds; some of them sign in over the network. */
const helperTimeoutMs = 60_000;
/** Bytes of a helper's output that are kept. */
const outputLimitBytes = 64 * 1024;

/** A helper's credentials for a registry. */
export interface HelperAnswer {
  username: string;
  secret: string;
}

/** Answers of helpers that hold nothing for a registry. */
const notFoundMessages = [
  /credentials not found/i,
  /no credentials server URL/i,
  /no basic auth credentials/i,
];

/**
 * Asks `docker-credential-<suffix> get` for the credentials of a server (docker-credential-helpers,
 * "protocol"). Undefined where the helper has none.
 *
 * @throws CredentialsError where the helper is missing, fails or does not answer. Its output is not
 *   quoted when it ended well, for it holds the secret.
 */
export async function askCredentialHelper(
  suffix: string,
  server: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<HelperAnswer | undefined> {
  const program = `docker-credential-${suffix}`;
  if (!/^[A-Za-z0-9._-]+$/.test(suffix)) {
    throw new CredentialsError(`credential helper ${JSON.stringify(suffix)} has a name that is not allowed`);
  }
  const { code, stdout, stderr } = await run(program, server, env);
  if (code !== 0) {
    const said = `${stdout}\n${stderr}`.trim();
    if (notFoundMessages.some((message) => message.test(said))) return undefined;
    throw new CredentialsError(
      `credential helper ${program} failed for ${server} (exit code ${code ?? "none"}): ` +
        `${firstLine(stderr) || firstLine(stdout) || "no message"}`,
    );
  }
  return parseAnswer(stdout, program, server);
}

function parseAnswer(stdout: string, program: string, server: string): HelperAnswer | undefined {
  let answer: { Username?: unknown; Secret?: unknown };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw new CredentialsError(`credential helper ${program} did not answer in JSON for ${server}`);
  }
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== "string" || typeof secret !== "string") {
    throw new CredentialsError(
      `credential helper ${program} answered without Username or Secret for ${server}`,
    );
  }
  return username === "" && secret === "" ? undefined : { username, secret };
}

interface HelperRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(program: string, server: string, env: NodeJS.ProcessEnv): Promise<HelperRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], {
      env: credentialHelperEnvironment(env),
      stdio: "pipe",
      timeout: helperTimeoutMs,
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (output[name].length < outputLimitBytes) output[name] += text;
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "ENOENT"
          ? "is not on PATH: install it, or take it out of Docker's config.json"
          : error.message;
      reject(new CredentialsError(`credential helper ${program} ${reason} (needed for ${server})`));
    });
    child.on("close", (code, signal) => {
      if (signal === null) resolve({ code, ...output });
      else
        reject(new CredentialsError(`credential helper ${program} was ended by ${signal} (for ${server})`));
    });
    // A helper that ends without reading its input is judged by its exit code, not by the broken
    // pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(server);
  });
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").slice(0, 200);
}

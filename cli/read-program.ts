import { createRequire } from "node:module";
import * as path from "node:path";
import { watchRun, type RunCli } from "../lib/display/shown-run";
import type { DoctorBundle, Listener } from "../lib/doctor/examination";
import { failure, ok, type Finding } from "../lib/doctor/finding";
import { REPOSITORY } from "../lib/machine/repository";

/** Variable by which the engine attaches to providers that run already. */
const attachVariable = "PULUMI_DEBUG_PROVIDERS";

/**
 * Reads what a program declares, as a preview reads it; nothing of it is built or computed.
 *
 * @param use is given what was declared, and whether the program was read to its end
 */
export async function readProgram<T>(
  run: RunCli,
  project: string,
  stack: unknown,
  use: (listener: Listener, program: Finding) => Promise<T>,
): Promise<T> {
  const listener = await bundle().listen(project);
  try {
    const attached: RunCli = (args, options) =>
      run(args, { ...options, env: { ...options.env, [attachVariable]: providers(listener.port) } });
    return await use(listener, await read(attached, project, stack));
  } finally {
    await listener.close();
  }
}

/** Beside those that somebody debugs already. */
function providers(port: number): string {
  const others = (process.env[attachVariable] ?? "")
    .split(",")
    .filter((one) => one !== "" && !/^slipway:/.test(one));
  return [...others, `slipway:${port}`].join(",");
}

/** Has the program read, as far as that goes; whatever it declares until then is asked about. */
async function read(run: RunCli, project: string, stack: unknown): Promise<Finding> {
  const options = typeof stack === "string" ? ["--stack", stack] : [];
  const errors: string[] = [];
  const { code, own, complaint } = await watchRun(run, ["preview", "--cwd", project, ...options], {
    take: ({ diagnosticEvent: said }) => {
      if (said?.severity === "error" && said.message.trim() !== "") errors.push(said.message.trim());
    },
    begin: () => undefined,
  });
  const about = typeof stack === "string" ? stack : "the selected stack";
  if (code === 0) return { check: "program", about, ...ok("is read, and declares what is asked about here") };
  const reason =
    [...errors, complaint, own].find((text) => text !== "") ??
    `pulumi preview ends with the exit code ${code}`;
  return {
    check: "program",
    about,
    ...failure(
      `is not read to its end: ${reason}`,
      "Correct what it says; what comes after it in the program is not asked about.",
    ),
  };
}

/** The provider, which is large: no other command needs it. */
function bundle(): DoctorBundle {
  const load = createRequire(path.join(REPOSITORY, "package.json"));
  return load("./dist/provider.js") as DoctorBundle;
}

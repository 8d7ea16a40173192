import type { DoctorBundle } from "../lib/doctor/examination";
import type * as DoctorModule from "./doctor/listen";
import { Provider } from "./server/provider";
import { startServer } from "./server/server";
import { version } from "../package.json";

/** Listens in the provider's place, for `slipway doctor`; nothing else of this bundle is used then. */
export const listen: DoctorBundle["listen"] = (project) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- no run needs it
  const doctor = require("./doctor/listen") as typeof DoctorModule;
  return doctor.listen(project);
};

/**
 * How often the provider looks whether the engine that started it is still there, in milliseconds.
 */
const engineCheckMilliseconds = 1_000;

/**
 * Entry of the plugin: serves until the engine ends it, and prints its port as the protocol asks.
 *
 * @returns what tells whether this process has worked with resources: the engine starts one in every
 * run only to ask about configuration
 */
export function serve(): { hasWorked: () => boolean } {
  const provider = new Provider(version);
  start(provider).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
  return { hasWorked: () => provider.isConfigured };
}

async function start(provider: Provider): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  if (engineAddress) provider.connect(engineAddress);
  // The engine asks for the end with an interrupt, after `Cancel`, and waits for seconds where
  // nobody listens. The terminal's own interrupt goes to the engine alone: plugins are in process
  // groups of their own.
  const end = () => {
    // Commands are in groups of their own too, and would outlive this process.
    provider.cancel();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  // An engine that was killed asks for nothing, and what is done for it is in no state.
  const engine = process.ppid;
  setInterval(() => process.ppid !== engine && end(), engineCheckMilliseconds).unref();
  const { port } = await startServer(
    () => provider,
    (sentence) => provider.log.write("warning", sentence, ""),
  );
  process.stdout.write(`${port}\n`);
}

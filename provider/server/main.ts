import { Provider } from "./provider";
import { startServer } from "./server";
import { version } from "../../package.json";

const provider = new Provider(version);

/**
 * Returns whether this process has worked with resources: the engine starts one in every run only
 * to ask about configuration.
 */
export function hasWorked(): boolean {
  return provider.isConfigured;
}

/**
 * How often the provider looks whether the engine that started it is still there, in milliseconds.
 */
const engineCheckMilliseconds = 1_000;

/**
 * Entry of the plugin: serves until the engine ends it, and prints its port as the protocol asks.
 */
async function main(): Promise<void> {
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
  const port = await startServer(provider);
  process.stdout.write(`${port}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

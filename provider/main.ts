import { Provider } from "./provider";
import { startServer } from "./server";
import { version } from "../package.json";

/** Entry of the plugin: serves until the engine ends it, and prints its port as the protocol asks. */
async function main(): Promise<void> {
  const provider = new Provider(version);
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  if (engineAddress) provider.connect(engineAddress);
  const port = await startServer(provider);
  process.stdout.write(`${port}\n`);
}

// The engine asks for the end with an interrupt, after `Cancel`, and waits for seconds where nobody listens. The
// terminal's own interrupt goes to the engine alone: plugins are in process groups of their own.
process.on("SIGINT", () => process.exit(0));

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

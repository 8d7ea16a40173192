import { parseArgs } from "node:util";
import { compete, NotExecuted, type Job, type Result } from "./contest";
import { aroundRelease } from "./jobs/around";
import { buildkit } from "./jobs/buildkit";
import { channels } from "./jobs/channels";
import { ledger } from "./jobs/ledger";
import { mirror } from "./jobs/mirror";
import { noop } from "./jobs/noop";
import { push } from "./jobs/push";
import { release } from "./jobs/release";
import { scale } from "./jobs/scale";
import { sign } from "./jobs/sign";
import { tags } from "./jobs/tags";

/** Every job, in the order in which they run. A new one is a file in `jobs/` and a line here. */
const jobs: readonly Job[] = [
  noop,
  tags,
  ledger,
  scale,
  push,
  mirror,
  sign,
  release,
  aroundRelease,
  channels,
  buildkit,
];

const usage = `npm run bench -- [NAME…] [--runs N] [--json]

Times Slipway against its peers: ${jobs.map(({ name }) => name).join(", ")}; all of them unless named.
  --runs N  measured runs of each job, after one to warm up
  --json    results as JSON, on standard output
`;

async function main(args: string[]): Promise<void> {
  const { values, positionals: names } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean" }, runs: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const { json } = values;
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) {
    throw new Error(`--runs: ${values.runs} is not a number of runs (a valid example: --runs 5)`);
  }
  const unknown = names.filter((name) => !jobs.some((job) => job.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no such job: ${unknown.join(", ")}; there are ${jobs.map((job) => job.name).join(", ")}`,
    );

  // Progress goes to standard error, so that --json leaves nothing but JSON on standard output.
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const results: Result[] = [];
  const notExecuted: { name: string; notExecuted: string }[] = [];
  for (const job of jobs.filter(({ name }) => names.length === 0 || names.includes(name))) {
    try {
      results.push(...(await compete(job, runs, say)));
    } catch (error) {
      if (!(error instanceof NotExecuted)) throw error;
      notExecuted.push({ name: job.name, notExecuted: error.message });
    }
  }
  const lines = notExecuted.map(({ name, notExecuted: why }) => `${name}: not executed: ${why}\n`);
  process.stdout.write(
    json
      ? `${JSON.stringify([...results, ...notExecuted], undefined, 2)}\n`
      : table(results) + lines.join(""),
  );
  if (results.some(({ failed }) => failed.ours > 0)) process.exitCode = 1;
}

function table(results: readonly Result[]): string {
  return results
    .map((result, index) => {
      const { ours, peer, peerName, ratio, runs, failed, attempts } = result;
      const spread = result.spread.map((value) => seconds(value)).join("-");
      const succeeded = (failures: number) => `${attempts - failures} of ${attempts}`;
      const line =
        `${result.name}: ours ${seconds(ours)} s, ${peerName} ${seconds(peer)} s, ratio ${seconds(ratio)} ` +
        `(${spread}, ${runs} runs); succeeded: ours ${succeeded(failed.ours)}, ${peerName} ${succeeded(failed.peer)}`;
      // The peers of one contest share its notes.
      const last = results[index + 1]?.name !== result.name;
      return [line, ...(last ? result.notes.map((note) => `  ${note}`) : [])].join("\n") + "\n";
    })
    .join("");
}

/** With two decimals; a dash where nothing was measured. */
function seconds(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "–";
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  })
  // A job that could not be prepared leaves servers behind that would keep this process alive.
  .finally(() => process.exit());

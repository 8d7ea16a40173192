import { mirror } from "../../../../lib/oci/mirror";
import { parseRepository } from "../../../../lib/oci/reference";
import { RegistryClient } from "../../../../lib/oci/registry/client";

/** Mirrors one digest and prints its own memory, as JSON: `mirror-process.ts FROM TO DIGEST`. */
async function main(): Promise<void> {
  const [from = "", to = "", digest = ""] = process.argv.slice(2);
  const client = new RegistryClient();
  const repository = (name: string) => client.repository(parseRepository(name));
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const report = await mirror({ sources: [repository(from)], target: repository(to), digest });
  clearInterval(timer);
  await client.close();
  process.stdout.write(JSON.stringify({ before, peak, sent: report.sent.bytes }));
}

void main();

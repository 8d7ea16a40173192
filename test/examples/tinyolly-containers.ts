import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { DockerEngine } from "../support/docker";
import { freePort } from "../support/processes";
import { eventually, exportRequest, exportSpans, get, reportAgent } from "./tinyolly-clients";

/**
 * Starts the four services from published images, as users do, and speaks to each: HTTP, OTLP over
 * gRPC and HTTP, and OpAMP.
 *
 * @param reference of an image, by its name
 */
export async function speakToServices(
  engine: DockerEngine,
  platform: string,
  reference: (name: string) => string,
): Promise<void> {
  const [ui, otlp, status, opamp, grpc, http, other] = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(freePort));
  assert.ok(ui && otlp && status && opamp && grpc && http && other);
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-collector-"));
  const config = path.join(folder, "collector.yaml");
  await writeFile(config, collectorConfig(grpc, http, otlp));
  // The supervisor writes it, as a user of its own.
  await chmod(config, 0o666);
  const started: string[] = [];
  const start = async (name: string, options: string[]): Promise<string> => {
    const run = ["run", "--detach", "--network", "host", "--platform", platform, ...options, reference(name)];
    const id = (await engine.docker(...run)).split("\n").pop() ?? "";
    started.push(id);
    return id;
  };
  try {
    const receiver = await start("otlp-receiver", [
      "--env",
      `PORT=${otlp}`,
      "--env",
      `STATUS_PORT=${status}`,
    ]);
    const received = `http://127.0.0.1:${status}/received`;
    const page = await start("ui", ["--env", `PORT=${ui}`, "--env", `OTLP_RECEIVER_STATUS=${received}`]);
    const server = await start("opamp-server", ["--env", `PORT=${opamp}`]);
    await start("otel-supervisor", [
      ...["--env", `OPAMP_SERVER=http://127.0.0.1:${opamp}/v1/opamp`],
      ...["--volume", `${config}:/var/lib/otelcol/collector.yaml`],
    ]);

    const counted = async (spans: number) =>
      assert.deepEqual(JSON.parse(await get(`http://127.0.0.1:${ui}/api/received`)), {
        spans,
        metrics: 0,
        logs: 0,
      });
    await eventually(() => exportSpans(otlp, "one", "two"));
    assert.match(await eventually(() => get(`http://127.0.0.1:${ui}/`)), /<h1>TinyOlly<\/h1>/);
    await counted(2);
    // What the Collector takes arrives at the receiver.
    await eventually(() => exportSpans(grpc, "three"));
    await counted(3);
    assert.equal(await postSpan(http), 200);
    await counted(4);

    const agent = Buffer.alloc(16, 7);
    const answer = await reportAgent(opamp, agent);
    assert.ok(answer.includes(agent), "the answer names the agent");
    await eventually(async () => {
      const agents = Object.keys(JSON.parse(await get(`http://127.0.0.1:${opamp}/api/agents`)) as object);
      assert.equal(agents.length, 2, "the test's agent and the supervisor");
    });
    // The supervisor takes the configuration that the server offers.
    const body = collectorConfig(grpc, other, otlp);
    await fetch(`http://127.0.0.1:${opamp}/api/config`, { method: "PUT", body });
    await eventually(async () => assert.equal(await postSpan(other), 200));

    for (const [id, check] of [
      [page, ["python3", "main.py", "--health"]],
      [receiver, ["python3", "main.py", "--health"]],
      [server, ["/opamp-server", "-healthcheck"]],
    ] as const) {
      await engine.docker("exec", id, ...check);
    }
  } finally {
    for (const id of started) await engine.docker("rm", "--force", id);
    await rm(folder, { recursive: true, force: true });
  }
}

async function postSpan(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: "POST",
    headers: { "Content-Type": "application/x-protobuf" },
    body: new Uint8Array(exportRequest("over HTTP")),
    signal: AbortSignal.timeout(20_000),
  });
  await answer.arrayBuffer();
  return answer.status;
}

function collectorConfig(grpc: number, http: number, receiver: number): string {
  return [
    "receivers:",
    "  otlp:",
    "    protocols:",
    "      grpc:",
    `        endpoint: 127.0.0.1:${grpc}`,
    "      http:",
    `        endpoint: 127.0.0.1:${http}`,
    "exporters:",
    "  otlp:",
    `    endpoint: 127.0.0.1:${receiver}`,
    "",
  ].join("\n");
}

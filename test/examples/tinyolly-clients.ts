import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials } from "@grpc/grpc-js";

/** Clients of what TinyOlly's images serve: gRPC's own, and HTTP. */

/** Time that a service has to start, in milliseconds; emulated ones are slow. */
const patienceMs = 180_000;

/** Tries until something succeeds. @throws its last error */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** Text that an HTTP service answers with status 200. */
export async function get(address: string): Promise<string> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(20_000) });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text;
}

/**
 * A field of a message of Protocol Buffers that is a text, bytes or a message; shorter than 128
 * bytes.
 */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  assert.ok(bytes.length < 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

/**
 * ExportTraceServiceRequest (opentelemetry-proto, `trace_service.proto`) with spans of one scope,
 * by name.
 */
export function exportRequest(...names: string[]): Buffer {
  const spans = names.map((name) =>
    field(2, Buffer.concat([field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2)), field(5, name)])),
  );
  return field(1, field(2, Buffer.concat(spans)));
}

/** Exports spans over gRPC. @throws with the status that the receiver answers */
export async function exportSpans(port: number, ...names: string[]): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        (request: Buffer) => request,
        (answer: Buffer) => answer,
        exportRequest(...names),
        { deadline: Date.now() + 20_000 },
        (error) => (error ? reject(error) : resolve()),
      );
    });
  } finally {
    client.close();
  }
}

/** Reports an agent over OpAMP's plain HTTP transport. Returns the ServerToAgent. */
export async function reportAgent(port: number, instance: Buffer): Promise<Buffer> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/opamp`, {
    method: "POST",
    headers: { "Content-Type": "application/x-protobuf" },
    // AgentToServer: instance_uid.
    body: new Uint8Array(field(1, instance)),
    signal: AbortSignal.timeout(20_000),
  });
  const content = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, content.toString());
  assert.equal(answer.headers.get("Content-Type"), "application/x-protobuf");
  return content;
}

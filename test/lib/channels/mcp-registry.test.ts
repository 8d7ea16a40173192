import assert from "node:assert/strict";
import { McpRegistry } from "../../../lib/channels/mcp/registry";
import { ApiError } from "../../../lib/json-api/api-error";
import {
  comparableServer,
  serverJson,
  serverSchemaAddress,
  type ServerJson,
} from "../../../lib/channels/mcp/server-json";
import { requireMcpRegistry, startMcpRegistry } from "../../support/mcp-registry";

const name = "io.modelcontextprotocol.anonymous/hello";
const digest = `sha256:${"a".repeat(64)}`;

const server = (version: string, more: Partial<ServerJson> = {}): ServerJson => ({
  $schema: serverSchemaAddress,
  name,
  version,
  description: "Greets the world",
  repository: { url: "https://github.com/acme/hello", source: "github" },
  packages: [
    { registryType: "oci", identifier: `ghcr.io/acme/hello@${digest}`, transport: { type: "stdio" } },
    { registryType: "npm", identifier: "@acme/hello", version, transport: { type: "stdio" } },
    {
      registryType: "mcpb",
      identifier: `https://github.com/acme/hello-mcp/releases/download/v${version}/hello.mcpb`,
      fileSha256: "b".repeat(64),
      transport: { type: "stdio" },
    },
  ],
  ...more,
});

describe("the registry of MCP servers", function () {
  this.timeout(60_000);
  let place: Awaited<ReturnType<typeof startMcpRegistry>>;
  let registry: McpRegistry;
  let token: string;

  before(async function () {
    requireMcpRegistry(this);
    place = await startMcpRegistry();
    registry = new McpRegistry({ address: new URL(place.address) });
    token = await registry.signIn({ kind: "none" });
  });
  after(async () => {
    await registry?.close();
    await place?.stop();
  });

  it("takes a version with images by digest, packages and bundles, and gives it back as it was", async () => {
    assert.equal(await registry.find(name, "1.0.0"), undefined);
    const published = await registry.publish(serverJson.parse(server("1.0.0")), token);
    assert.equal(published.isLatest, true);
    const found = await registry.find(name, "1.0.0");
    assert.equal(comparableServer(found?.server), comparableServer(server("1.0.0")));
    assert.equal(found?.status, "active");
  });

  it("keeps the highest version the latest, where an old line or a pre-release of it comes later", async () => {
    await registry.publish(server("2.0.0"), token);
    await registry.publish(server("1.0.1"), token);
    await registry.publish(server("2.0.0-rc.1"), token);
    const latest = async (version: string) => (await registry.find(name, version))?.isLatest;
    assert.deepEqual(await Promise.all(["1.0.0", "2.0.0", "1.0.1", "2.0.0-rc.1"].map(latest)), [
      false,
      true,
      false,
      false,
    ]);
  });

  it("takes no version a second time, and none with what its rules forbid", async () => {
    await assert.rejects(
      registry.publish(server("1.0.0", { description: "Another" }), token),
      (error: unknown) => error instanceof ApiError && error.status === 400 && /version/.test(error.message),
    );
    const refused = server("3.0.0", { description: "x".repeat(101) });
    assert.equal(serverJson.safeParse(refused).success, false);
    await assert.rejects(registry.publish(refused, token), /HTTP 422/);
    await assert.rejects(
      registry.publish(server("3.0.0", { name: "io.github.acme/hello" }), token),
      /HTTP 403 \(.*permission/,
    );
    await assert.rejects(registry.publish(server("3.0.0"), "no token"), /HTTP 401/);
  });

  it("marks a version, which stays to be found", async () => {
    const marked = { name, version: "1.0.0" };
    await registry.setStatus(marked, { status: "deprecated", statusMessage: "take 2.0.0" }, token);
    const { status, statusMessage } = (await registry.find(name, "1.0.0")) ?? {};
    assert.deepEqual([status, statusMessage], ["deprecated", "take 2.0.0"]);
    await registry.setStatus(marked, { status: "deleted" }, token);
    assert.equal((await registry.find(name, "1.0.0"))?.status, "deleted");
  });
});

import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Context } from "mocha";
import { runClient } from "../support/clients";
import {
  requireNetworkedDocker,
  startNetworkedDocker,
  type NetworkedDocker,
} from "../support/networked-docker";
import { requireTools } from "../support/tools";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { eventually } from "./tinyolly-clients";

/** The limit of TINY-39, in milliseconds. */
const limitMs = 120_000;

describe("TinyOlly's published images, deployed by its compose file", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let tinyolly: ExampleProject;
  let engine: NetworkedDocker;
  let checkout: string;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "python3", "go");
    requireNetworkedDocker(this);
    workspace = await ExampleWorkspace.shared();
    tinyolly = await ExampleProject.copyOf("tinyolly", { workspace, config: { deployFiles: "true" } });
    await tinyolly.onePlatform();
    await tinyolly.upWithoutPreview();
    engine = await startNetworkedDocker(Number(workspace.host.split(":")[1]));
    checkout = await mkdtemp(path.join(tmpdir(), "slipway-clone-"));
    for (const folder of ["docker", "docker-core-only"]) {
      await cp(path.join(tinyolly.directory, folder), path.join(checkout, folder), { recursive: true });
    }
    // A base of Debian stands for Redis, and has nothing to run.
    const services = { "tinyolly-redis": { command: ["sleep", "infinity"] } };
    await writeFile(path.join(checkout, "docker/stand-in.yml"), JSON.stringify({ services }));
  });

  after(async () => {
    await engine?.stop();
    await workspace?.remove();
    if (checkout) await rm(checkout, { recursive: true, force: true });
  });

  const files = { COMPOSE_FILE: "docker-compose-tinyolly-core.yml:stand-in.yml" };

  it("TINY-16, TINY-39: 01-start-core.sh pulls and builds nothing, and in less than two minutes all of it is healthy", async () => {
    await assert.rejects(runClient("sh", ["-c", "command -v go || docker buildx version"], engine.env));
    const started = Date.now();
    const script = path.join(checkout, "docker/01-start-core.sh");
    await runClient("sh", ["-c", '"$0" 2>&1', script], { ...engine.env, ...files });
    const page = await eventually(() =>
      engine.within("curl", "--silent", "--fail", "http://127.0.0.1:5005/"),
    );
    assert.ok(Date.now() - started < limitMs, `${Date.now() - started} ms`);
    assert.match(page, /<h1>TinyOlly<\/h1>/);
    const images = (await engine.docker("ps", "--format", "{{.Names}} {{.Image}} {{.Status}}"))
      .split("\n")
      .sort();
    const own = `${workspace.host}/`;
    for (const line of images) assert.ok(line.split(" ")[1]?.startsWith(own), line);
    assert.equal(images.length, 5);
    for (const name of ["ui", "otlp-receiver", "opamp-server"]) {
      assert.match(
        images.join("\n"),
        new RegExp(`^tinyolly-tinyolly-${name}-1 \\S+/${name}:v2\\.0\\.0 .*\\(healthy\\)$`, "m"),
      );
    }
  });

  it("the services find each other by their names: what the receiver has counted is in the user interface", async () => {
    const received = await engine.within("curl", "--silent", "--fail", "http://127.0.0.1:5005/api/received");
    assert.deepEqual(JSON.parse(received), { spans: 0, metrics: 0, logs: 0 });
    await eventually(async () => {
      const agents = await engine.within("curl", "--silent", "http://127.0.0.1:4320/api/agents");
      assert.equal(Object.keys(JSON.parse(agents) as object).length, 1, "the supervisor has reported");
    });
  });
});

import assert from "node:assert/strict";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import { startDistribution } from "../support/registries";
import { requireTools } from "../support/tools";
import { textLayer, Workbench } from "./workbench";

const mirror = "slipway:oci:Mirror";

describe("a mirror, by its provider", function () {
  this.timeout(60_000);
  let bench: Workbench;

  before(async function () {
    requireTools(this, "registry", "crane");
    bench = await Workbench.open(() => startDistribution());
  });
  after(() => bench?.close());

  it("PROD-02: names each tag that is to come before the digest is known, and those that would move", async () => {
    const provider = await bench.provider();
    const { state: image } = await provider.create("slipway:oci:Image", {
      repository: bench.repository("app"),
      platform: "linux/amd64",
      layers: [textLayer()],
    });
    const declared = (digest: unknown, ...tags: string[]) => ({
      source: bench.repository("app"),
      target: bench.repository("mirrored"),
      digest,
      tags: tags.map((tag) => ({ tag, moves: "always" })),
    });
    const held = await provider.create(mirror, declared(image.digest, "latest"));
    assert.equal(
      await crane(["digest", `${bench.direct(bench.repository("mirrored"))}:latest`]),
      image.digest,
    );

    const planned = await provider.create(mirror, declared(unknown, "latest", "v2"), true);
    assert.deepEqual(planned.state.pointers, { latest: unknown, v2: unknown });
    const { details } = await provider.diff(held, declared(unknown, "latest", "v2"));
    assert.deepEqual(details, {
      digest: "update",
      'pointers["latest"]': "update",
      'pointers["v2"]': "add",
    });
  });

  it("tells all that it lacks once: the gate at the end names it with the first reason", async () => {
    const provider = await bench.provider();
    const [source, target] = [bench.repository("listed"), "127.0.0.1:1/app"];
    const reason = `GET ${target}: HTTP 403 (DENIED: no)`;
    const all = `mirroring sha256:1 to ${target}: 12 items are missing
- tag sha256-1.sig, tag sha256-2.sig: ${reason}
  The credentials do not allow this.
- referrers of sha256:1: ${reason}`;
    const mirrors = [
      { target, missing: [all] },
      { target: source, missing: [] },
      { target: `${target}/other`, missing: ["cannot be observed: ECONNREFUSED\nIs it running?"] },
    ];
    await assert.rejects(provider.create("slipway:oci:MirrorGate", { mirrors }), (error: Error) => {
      const lines = error.message.split("\n").filter((line) => line.startsWith("- "));
      assert.deepEqual(lines, [
        `- ${target}: mirroring sha256:1 to ${target}: 12 items are missing: tag sha256-1.sig, ` +
          `tag sha256-2.sig: ${reason} (and more)`,
        `- ${target}/other: cannot be observed: ECONNREFUSED`,
      ]);
      assert.match(error.message, /2 of 3 mirrors are not complete/);
      return true;
    });
  });
});

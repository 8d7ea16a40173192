import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { MadeFiles } from "../../provider/run/made-files";
import { Run } from "../../provider/run/run";

describe("files that follow from what is declared", () => {
  it("are placed by one at a time, whoever needs them", async () => {
    const made = new MadeFiles("/project", new Run());
    let running = 0;
    let most = 0;
    const place = async () => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
    };
    made.declare("urn", [{ path: "dist/SHA256SUMS", digest: "sha256:a", place }]);
    await Promise.all([
      made.ensureAll(),
      made.ensure("./dist/SHA256SUMS"),
      made.inTurn("/project/dist/SHA256SUMS", place),
      made.ensureAll(),
    ]);
    assert.equal(most, 1);
  });

  it("are what was said last when their turn comes", async () => {
    const made = new MadeFiles("/project", new Run());
    const placed: string[] = [];
    const file = (digest: string) => ({
      path: "dist/SHA256SUMS",
      digest,
      place: async () => {
        await sleep(5);
        placed.push(digest);
      },
    });
    made.declare("urn", [file("former")]);
    const first = made.ensureAll();
    const second = made.ensureAll();
    made.declare("urn", [file("latter")]);
    await Promise.all([first, second]);
    assert.deepEqual(placed, ["former", "latter"]);
  });
});

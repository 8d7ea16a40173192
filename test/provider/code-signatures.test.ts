import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { goMacProgram, withSigner } from "../support/mac-programs";
import { ProviderProcess } from "../support/provider-process";
import { requireTools } from "../support/tools";

const type = "slipway:macos:CodeSignatures";

describe("whether programs for macOS are signed", function () {
  this.timeout(60_000);
  let root: string;
  let provider: ProviderProcess;

  before(async function () {
    requireTools(this, "go");
    root = await mkdtemp(path.join(tmpdir(), "slipway-signed-programs-"));
    goMacProgram(root, "arm64");
    provider = await ProviderProcess.start(root);
  });
  after(async () => {
    await provider?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  it("is known at preview, and is a difference once they are", async () => {
    const inputs = { programs: [{ path: "hello-arm64" }], notarized: true };
    const unsigned = [{ path: "hello-arm64", kind: "ad-hoc", hardened: false }];
    assert.deepEqual((await provider.create(type, inputs, true)).state.signatures, unsigned);
    const held = await provider.create(type, inputs);
    assert.deepEqual((await provider.diff(held, inputs)).changes, []);
    const cms = Buffer.alloc(600, 0x30);
    await writeFile(
      path.join(root, "hello-arm64"),
      withSigner(path.join(root, "hello-arm64"), { hardened: true, team: "ABCDE12345", cms }),
    );
    assert.deepEqual((await provider.diff(held, inputs)).changes, ["signatures"]);
    const signed = await provider.update(held, inputs);
    assert.deepEqual(signed.state.signatures, [
      { path: "hello-arm64", kind: "developer", hardened: true, team: "ABCDE12345" },
    ]);
  });

  for (const [what, program, reason] of [
    ["a file that is not there", { path: "gone" }, /programs\[0\]\.path: "gone": there is no such file/],
    [
      "another digest",
      { path: "hello-arm64", digest: `sha256:${"0".repeat(64)}` },
      /has the digest sha256:\w+, not the declared/,
    ],
    ["a program that was cut", { path: "cut" }, /programs\[0\]\.path: "cut": is no whole program for macOS/],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      await writeFile(path.join(root, "cut"), Buffer.from("cffaedfe0c000001", "hex"));
      await assert.rejects(provider.check(type, { programs: [program], notarized: true }), reason);
    });
  }
});

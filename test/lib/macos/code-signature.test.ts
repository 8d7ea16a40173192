import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CodeSignatureError, readCodeSignature } from "../../../lib/macos/code-signature";
import { goMacProgram, universal, withSigner } from "../../support/mac-programs";
import { requireTools } from "../../support/tools";

describe("signatures of programs for macOS", function () {
  this.timeout(60_000);
  let folder: string;
  let arm: string;
  let intel: string;

  before(function () {
    requireTools(this, "go");
    folder = mkdtempSync(path.join(tmpdir(), "slipway-macho-"));
    arm = goMacProgram(folder, "arm64");
    intel = goMacProgram(folder, "amd64");
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const read = (bytes: Buffer) => {
    const file = path.join(folder, "program");
    writeFileSync(file, bytes);
    return readCodeSignature(file);
  };
  const signed = (hardened = true) =>
    withSigner(arm, { hardened, team: "ABCDE12345", cms: Buffer.alloc(600, 0x30) });

  it("are none, or ad-hoc for Apple's processors, as linkers leave them", async () => {
    assert.deepEqual(await readCodeSignature(intel), { kind: "none", hardened: false });
    assert.deepEqual(await readCodeSignature(arm), { kind: "ad-hoc", hardened: false });
  });

  it("are a developer's where somebody has signed, with the team and the hardened runtime", async () => {
    assert.deepEqual(await read(signed()), { kind: "developer", hardened: true, team: "ABCDE12345" });
    assert.deepEqual(await read(signed(false)), { kind: "developer", hardened: false, team: "ABCDE12345" });
    const empty = withSigner(arm, { hardened: true, team: "ABCDE12345", cms: Buffer.alloc(0) });
    assert.equal((await read(empty)).kind, "ad-hoc");
  });

  it("of a universal program are the least that one of its programs has", async () => {
    assert.equal((await read(universal(signed(), signed(false)))).hardened, false);
    assert.equal((await read(universal(signed(), readFileSync(arm)))).kind, "ad-hoc");
    assert.equal((await read(universal(readFileSync(intel), signed()))).kind, "none");
  });

  it("are none of a script, an empty file, and a program for Linux", async () => {
    for (const bytes of [Buffer.from("#!/bin/sh\necho\n"), Buffer.alloc(0), readFileSync(process.execPath)]) {
      assert.equal((await read(bytes.subarray(0, 4096))).kind, "none");
    }
  });

  it("are refused where a program was cut anywhere, or names places outside itself", async () => {
    const whole = signed();
    for (const length of [16, 40, 600, whole.length - 700, whole.length - 1]) {
      await assert.rejects(read(whole.subarray(0, length)), CodeSignatureError, String(length));
    }
    const endless = Buffer.from(whole);
    endless.writeUInt32LE(0xffffffff, 20);
    await assert.rejects(read(endless), CodeSignatureError);
    await assert.rejects(read(universal(...Array<Buffer>(17).fill(Buffer.alloc(8)))), CodeSignatureError);
  });
});

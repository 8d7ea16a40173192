import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  describeExecutable,
  executableMismatch,
  machinePlatform,
  readExecutableFormat,
  readHeader,
} from "../../../lib/command/executable-format";
import { parsePlatform } from "../../../lib/oci/platform";
import { runClient } from "../../support/clients";
import { requireTools } from "../../support/tools";

/** An ELF header: class 64 unless `bits` is 32, little endian unless `big`. */
function elf(machine: number, { bits = 64, big = false, abi = 0 } = {}): Buffer {
  const header = Buffer.alloc(64);
  header.write("\x7fELF", 0, "latin1");
  header[4] = bits === 64 ? 2 : 1;
  header[5] = big ? 2 : 1;
  header[7] = abi;
  if (big) header.writeUInt16BE(machine, 18);
  else header.writeUInt16LE(machine, 18);
  return header;
}

function machO(processor: number, magic = 0xfeedfacf): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(processor, 4);
  return header;
}

function universal(...processors: number[]): Buffer {
  const header = Buffer.alloc(8 + 20 * processors.length);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(processors.length, 4);
  for (const [index, processor] of processors.entries()) header.writeUInt32BE(processor, 8 + 20 * index);
  return header;
}

function pe(machine: number, offset = 128): Buffer {
  const header = Buffer.alloc(256);
  header.write("MZ", 0, "latin1");
  header.writeUInt32LE(offset, 0x3c);
  header.write("PE\0\0", 128, "latin1");
  header.writeUInt16LE(machine, 132);
  return header;
}

describe("executable formats", () => {
  for (const [platform, header] of [
    ["linux/386", elf(3, { bits: 32 })],
    ["linux/amd64", elf(62)],
    ["linux/amd64/v3", elf(62)],
    ["linux/amd64", elf(62, { abi: 3 })],
    ["linux/arm/v7", elf(40, { bits: 32 })],
    ["linux/arm64", elf(183)],
    ["linux/riscv64", elf(243)],
    ["linux/loong64", elf(258)],
    ["linux/ppc64le", elf(21)],
    ["linux/s390x", elf(22, { big: true })],
    ["linux/mips64le", elf(8)],
    ["freebsd/amd64", elf(62, { abi: 9 })],
    ["darwin/amd64", machO(0x01000007)],
    ["darwin/arm64", machO(0x0100000c)],
    ["darwin/amd64", universal(0x01000007, 0x0100000c)],
    ["darwin/arm64", universal(0x01000007, 0x0100000c)],
    ["windows/amd64", pe(0x8664)],
    ["windows/arm64", pe(0xaa64)],
  ] as [string, Buffer][]) {
    it(`MESH-09: a file for ${platform} is one (${describeExecutable(readExecutableFormat(header)!)})`, () => {
      assert.equal(executableMismatch(header, parsePlatform(platform)), undefined);
    });
  }

  for (const [platform, header, reason] of [
    ["linux/amd64", elf(183), /^it is an ELF file for linux\/arm64, and linux\/amd64 was declared$/],
    ["linux/arm64", elf(62), /for linux\/amd64/],
    ["linux/amd64", elf(62, { abi: 9 }), /for freebsd\/amd64/],
    ["linux/amd64", elf(62, { bits: 32 }), /unknown \(machine 0x3e\)/],
    ["linux/ppc64le", elf(21, { big: true }), /linux\/ppc64,/],
    ["linux/amd64", elf(62, { abi: 6 }), /unknown \(ABI 6\)/],
    ["linux/amd64", machO(0x01000007), /it is a Mach-O file for darwin\/amd64/],
    ["darwin/arm64", machO(0x01000007), /for darwin\/amd64/],
    ["darwin/arm64", universal(0x01000007, 7), /for darwin\/amd64 and darwin\/386/],
    ["windows/amd64", pe(0xaa64), /it is a PE file for windows\/arm64/],
    ["windows/amd64", elf(62), /it is an ELF file/],
    ["linux/amd64", Buffer.from("#!/bin/sh\necho hello\n"), /neither an ELF, a Mach-O nor a PE file/],
    ["linux/amd64", Buffer.alloc(0), /neither/],
    ["linux/amd64", Buffer.from("\x7fELF"), /neither/],
    ["windows/amd64", pe(0x8664, 0xffff_fff0), /neither/],
    ["windows/amd64", Buffer.from("MZ"), /neither/],
    ["darwin/arm64", Buffer.from("cafebabe0000003d", "hex"), /neither/],
    ["darwin/arm64", Buffer.from("cafebabe00000002", "hex"), /neither/],
  ] as [string, Buffer, RegExp][]) {
    it(`a file that begins with ${header.subarray(0, 8).toString("hex") || "nothing"} is refused for ${platform}`, () => {
      assert.match(executableMismatch(header, parsePlatform(platform)) ?? "", reason);
    });
  }

  for (const [os, architecture, platform] of [
    ["linux", "x64", "linux/amd64"],
    ["darwin", "arm64", "darwin/arm64"],
    ["win32", "ia32", "windows/386"],
  ] as const) {
    it(`a machine of ${os} and ${architecture} is ${platform}`, () => {
      assert.equal(machinePlatform(os, architecture), platform);
    });
  }

  it("MESH-09: CORE-16: agree with file about what Go builds", async function () {
    requireTools(this, "go", "file");
    this.timeout(240_000);
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-formats-"));
    try {
      await writeFile(path.join(folder, "main.go"), "package main\n\nfunc main() {}\n");
      await writeFile(path.join(folder, "go.mod"), "module tiny\n\ngo 1.21\n");
      for (const [platform, said] of [
        ["linux/amd64", /^ELF 64-bit LSB executable, x86-64/],
        ["linux/arm64", /^ELF 64-bit LSB executable, ARM aarch64/],
        ["darwin/amd64", /^Mach-O 64-bit x86_64 executable/],
        ["darwin/arm64", /^Mach-O 64-bit arm64 executable/],
        ["windows/amd64", /^PE32\+ executable \(console\) x86-64/],
        ["windows/arm64", /^PE32\+ executable \(console\) (Aarch64|ARM64)/i],
      ] as [string, RegExp][]) {
        const [GOOS, GOARCH] = platform.split("/");
        const file = path.join(folder, platform.replace("/", "-"));
        await runClient("sh", ["-c", `cd "$0" && go build -p 1 -o "$1" .`, folder, file], {
          GOOS,
          GOARCH,
          CGO_ENABLED: "0",
        });
        assert.match(await runClient("file", ["-b", file]), said);
        const header = await readHeader(file);
        assert.equal(executableMismatch(header, parsePlatform(platform)), undefined);
        assert.ok(header.length <= 4096 && header.length < (await readFile(file)).length);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

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
import { meetExpectation, type ExpectationContext } from "../../../lib/command/expectation";
import { goVariables, parseTarget } from "../../../lib/target/target";
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

/** An ELF program for amd64 with one segment, such as the name of its dynamic linker. */
function elfWith(type: number, content: Buffer | string, bits: 32 | 64 = 64): Buffer {
  const is64 = bits === 64;
  const bytes = Buffer.from(content);
  const header = Buffer.concat([elf(is64 ? 62 : 3, { bits }), Buffer.alloc(64), bytes]);
  const word = (value: number, at: number) =>
    is64 ? header.writeBigUInt64LE(BigInt(value), at) : header.writeUInt32LE(value, at);
  word(64, is64 ? 32 : 28);
  header.writeUInt16LE(is64 ? 56 : 32, is64 ? 54 : 42);
  header.writeUInt16LE(1, is64 ? 56 : 44);
  header.writeUInt32LE(type, 64);
  word(128, 64 + (is64 ? 8 : 4));
  word(bytes.length, 64 + (is64 ? 32 : 16));
  return header;
}

function elfNote(name: string, type = 1, text = Buffer.alloc(4)): Buffer {
  const owner = Buffer.from(`${name}\0`.padEnd(Math.ceil((name.length + 1) / 4) * 4, "\0"));
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(name.length + 1, 0);
  sizes.writeUInt32LE(text.length, 4);
  sizes.writeUInt32LE(type, 8);
  return Buffer.concat([sizes, owner, text]);
}

/** A Mach-O program with a load command that names its system. */
function machOFor(system: number): Buffer {
  const header = Buffer.concat([machO(0x0100000c), Buffer.alloc(32)]);
  header.writeUInt32LE(2, 16);
  header.writeUInt32LE(0x19, 32);
  header.writeUInt32LE(8, 36);
  header.writeUInt32LE(0x32, 40);
  header.writeUInt32LE(24, 44);
  header.writeUInt32LE(system, 48);
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
    ["linux/mips", elf(8, { bits: 32, big: true })],
    ["linux/mipsle/softfloat", elf(8, { bits: 32 })],
    ["linux/mips64", elf(8, { big: true })],
    ["linux/ppc64", elf(21, { big: true })],
    ["linux/amd64", elfWith(3, "/lib64/ld-linux-x86-64.so.2\0")],
    ["linux/386", elfWith(3, "/lib/ld-musl-i386.so.1\0", 32)],
    ["linux/amd64", elfWith(4, elfNote("GNU"))],
    ["linux/amd64", elfWith(4, elfNote("GNU", 3, Buffer.alloc(20)))],
    ["x86_64-unknown-linux-gnu", elf(62)],
    ["android/amd64", elfWith(3, "/system/bin/linker64\0")],
    ["android/amd64", elfWith(4, Buffer.concat([elfNote("GNU", 3), elfNote("Android")]))],
    ["dragonfly/amd64", elf(62)],
    ["dragonfly/amd64", elfWith(3, "/usr/libexec/ld-elf.so.2\0")],
    ["freebsd/amd64", elfWith(3, "/libexec/ld-elf.so.1\0")],
    ["netbsd/amd64", elf(62, { abi: 2 })],
    ["netbsd/amd64", elfWith(4, elfNote("NetBSD"))],
    ["openbsd/amd64", elf(62, { abi: 12 })],
    ["openbsd/amd64", elfWith(3, "/usr/libexec/ld.so\0")],
    ["solaris/amd64", elfWith(3, "/lib/amd64/ld.so.1\0")],
    ["illumos/amd64", elfWith(3, "/lib/amd64/ld.so.1\0")],
    ["ios/arm64", machOFor(2)],
    ["ios/arm64", machO(0x0100000c)],
    ["darwin/arm64", machOFor(1)],
    ["windows/386", pe(0x14c)],
    ["wasip1/wasm", Buffer.from("\0asm\x01\0\0\0", "latin1")],
    ["js/wasm", Buffer.from("\0asm\x01\0\0\0", "latin1")],
    ["wasm32-wasip2", Buffer.from("\0asm\x0d\0\x01\0", "latin1")],
    ["plan9/386", Buffer.from("000001eb00000000", "hex")],
    ["plan9/amd64", Buffer.from("00008a9700000000", "hex")],
    ["plan9/arm", Buffer.from("0000064700000000", "hex")],
    ["aix/ppc64", Buffer.from("01f7000a00000000", "hex")],
    ["darwin/amd64", machO(0x01000007)],
    ["darwin/arm64", machO(0x0100000c)],
    ["darwin/amd64", universal(0x01000007, 0x0100000c)],
    ["darwin/arm64", universal(0x01000007, 0x0100000c)],
    ["windows/amd64", pe(0x8664)],
    ["windows/arm64", pe(0xaa64)],
  ] as [string, Buffer][]) {
    it(`MESH-09: a file for ${platform} is one (${describeExecutable(readExecutableFormat(header)!)})`, () => {
      assert.equal(executableMismatch(header, parseTarget(platform)), undefined);
    });
  }

  for (const [platform, header, reason] of [
    ["linux/amd64", elf(183), /^it is an ELF file for linux\/arm64, and linux\/amd64 was declared$/],
    ["linux/arm64", elf(62), /for linux\/amd64/],
    ["linux/amd64", elf(62, { abi: 9 }), /for freebsd\/amd64/],
    ["linux/amd64", elf(62, { bits: 32 }), /unknown \(machine 0x3e\)/],
    ["linux/ppc64le", elf(21, { big: true }), /linux\/ppc64,/],
    ["linux/amd64", elf(62, { abi: 97 }), /unknown \(ABI 97\)/],
    ["linux/amd64", elf(62, { abi: 6 }), /for solaris\/amd64 and illumos\/amd64/],
    ["openbsd/amd64", elf(62), /for linux\/amd64, and openbsd\/amd64 was declared/],
    ["freebsd/amd64", elf(62), /for linux\/amd64/],
    ["linux/amd64", elf(62, { abi: 12 }), /for openbsd\/amd64/],
    ["linux/amd64", elfWith(4, elfNote("NetBSD")), /for netbsd\/amd64/],
    ["android/amd64", elfWith(4, elfNote("GNU")), /for linux\/amd64/],
    ["solaris/amd64", elf(62), /for linux\/amd64/],
    ["linux/mips", elf(8, { bits: 32 }), /for linux\/mipsle/],
    ["darwin/arm64", machOFor(2), /for ios\/arm64/],
    ["linux/amd64", Buffer.from("\0asm\x01\0\0\0", "latin1"), /it is a WebAssembly file/],
    ["wasip1/wasm", elf(62), /for linux\/amd64/],
    ["wasip1/wasm", Buffer.from("#!/bin/sh\n"), /it is no WebAssembly file/],
    ["plan9/386", Buffer.from("00008a9700000000", "hex"), /it is a Plan 9 file for plan9\/amd64/],
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
      assert.match(executableMismatch(header, parseTarget(platform)) ?? "", reason);
    });
  }

  it("a program for a machine without a check is reported as not executed", async () => {
    const files = { firmware: { path: __filename, digest: "sha256:0", size: 1 } };
    const context = { project: "/", onLine: () => undefined } as unknown as ExpectationContext;
    const found = await meetExpectation({ platform: "avr-none" }, files, context);
    assert.deepEqual(
      found.map(({ result, detail }) => [result, detail]),
      [["not executed", "firmware: programs for avr-none are not checked"]],
    );
  });

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
        ["linux/mips/softfloat", /^ELF 32-bit MSB executable, MIPS/],
        ["openbsd/amd64", /^ELF 64-bit LSB executable, x86-64, version 1 \(OpenBSD\)/],
        ["plan9/386", /^Plan 9 executable, Intel 386/],
        ["wasip1/wasm", /^WebAssembly/],
        ["darwin/amd64", /^Mach-O 64-bit x86_64 executable/],
        ["darwin/arm64", /^Mach-O 64-bit arm64 executable/],
        ["windows/386", /^PE32 executable \(console\) Intel 80386/],
        ["windows/amd64", /^PE32\+ executable \(console\) x86-64/],
        ["windows/arm64", /^PE32\+ executable \(console\) (Aarch64|ARM64)/i],
      ] as [string, RegExp][]) {
        const file = path.join(folder, platform.replaceAll("/", "-"));
        await runClient("sh", ["-c", `cd "$0" && go build -p 1 -o "$1" .`, folder, file], {
          ...goVariables(platform),
          CGO_ENABLED: "0",
        });
        assert.match(await runClient("file", ["-b", file]), said);
        const header = await readHeader(file);
        assert.equal(executableMismatch(header, parseTarget(platform)), undefined);
        assert.ok(header.length <= 4096 && header.length < (await readFile(file)).length);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

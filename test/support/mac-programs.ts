import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync, readFileSync } from "node:fs";
import * as path from "node:path";

/**
 * A program for macOS that Go has built: for arm64 its linker writes an ad-hoc signature, for amd64
 * none.
 */
export function goMacProgram(folder: string, architecture: "arm64" | "amd64"): string {
  const sources = path.join(folder, "sources");
  mkdirSync(sources, { recursive: true });
  writeFileSync(path.join(sources, "go.mod"), "module hello\n\ngo 1.21\n");
  writeFileSync(path.join(sources, "main.go"), "package main\n\nfunc main() {}\n");
  const file = path.join(folder, `hello-${architecture}`);
  execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", file, "."], {
    cwd: sources,
    env: {
      ...process.env,
      GOOS: "darwin",
      GOARCH: architecture,
      CGO_ENABLED: "0",
      GOFLAGS: "-buildvcs=false",
    },
  });
  return file;
}

/**
 * Puts a signature into a program that has one, at its end, as `codesign` lays it out (cs_blobs.h of
 * XNU): a code directory, and the message of a signer. What is signed is not right; who looks whether a
 * signature is there does not see that.
 */
export function withSigner(
  program: string,
  { hardened, team, cms }: { hardened: boolean; team: string; cms: Buffer },
): Buffer {
  const text = Buffer.concat([Buffer.from("hello\0"), Buffer.from(`${team}\0`)]);
  const directory = Buffer.alloc(96 + text.length);
  directory.writeUInt32BE(0xfade0c02, 0);
  directory.writeUInt32BE(directory.length, 4);
  directory.writeUInt32BE(0x20500, 8);
  directory.writeUInt32BE(hardened ? 0x10000 : 0, 12);
  directory.writeUInt32BE(96, 20);
  directory.writeUInt32BE(102, 48);
  text.copy(directory, 96);
  const signer = Buffer.concat([Buffer.alloc(8), cms]);
  signer.writeUInt32BE(0xfade0b01, 0);
  signer.writeUInt32BE(signer.length, 4);
  const head = Buffer.alloc(28);
  const parts = [
    [0, 28],
    [0x10000, 28 + directory.length],
  ];
  [0xfade0cc0, 28 + directory.length + signer.length, 2, ...parts.flat()].forEach((value, index) =>
    head.writeUInt32BE(value, index * 4),
  );
  const signature = Buffer.concat([head, directory, signer]);
  const bytes = readFileSync(program);
  let at = 32;
  for (let count = bytes.readUInt32LE(16); count > 0; count--) {
    if (bytes.readUInt32LE(at) === 0x1d) {
      bytes.writeUInt32LE(bytes.length, at + 8);
      bytes.writeUInt32LE(signature.length, at + 12);
      return Buffer.concat([bytes, signature]);
    }
    at += bytes.readUInt32LE(at + 4);
  }
  throw new Error(`${program} has no signature`);
}

/** A universal program of others, one after the other. */
export function universal(...programs: Buffer[]): Buffer {
  const head = Buffer.alloc(4096);
  head.writeUInt32BE(0xcafebabe, 0);
  head.writeUInt32BE(programs.length, 4);
  let offset = head.length;
  programs.forEach((program, index) => {
    head.writeUInt32BE(offset, 8 + index * 20 + 8);
    head.writeUInt32BE(program.length, 8 + index * 20 + 12);
    offset += program.length;
  });
  return Buffer.concat([head, ...programs]);
}

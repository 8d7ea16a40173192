import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  findTarget,
  formatTarget,
  goVariables,
  isSameTarget,
  parseTarget,
  tripleOfTarget,
} from "../../../lib/target/target";

describe("targets of programs", () => {
  const read: [text: string, platform: string][] = [
    ["windows/386", "windows/386"],
    ["openbsd/amd64", "openbsd/amd64"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/v5", "linux/arm/v5"],
    ["freebsd/arm/v6", "freebsd/arm/v6"],
    ["linux/amd64/v3", "linux/amd64/v3"],
    ["linux/mipsle/softfloat", "linux/mipsle/softfloat"],
    ["linux/386/softfloat", "linux/386/softfloat"],
    ["wasip1/wasm", "wasip1/wasm"],
    ["x86_64-unknown-linux-musl", "linux/amd64"],
    ["x86_64-unknown-linux-gnu.2.17", "linux/amd64"],
    ["armv7-unknown-linux-gnueabihf", "linux/arm/v7"],
    ["arm-unknown-linux-musleabihf", "linux/arm/v6"],
    ["i686-pc-windows-msvc", "windows/386"],
    ["mips64el-unknown-linux-muslabi64", "linux/mips64le"],
    ["aarch64-apple-darwin", "darwin/arm64"],
    ["aarch64-linux-android", "android/arm64"],
    ["armv7-linux-androideabi", "android/arm/v7"],
    ["thumbv7em-none-eabihf", "none/arm/v7"],
    ["wasm32-unknown-unknown", "none/wasm"],
    ["x86_64-linux-musl", "linux/amd64"],
    ["aarch64-macos", "darwin/arm64"],
    ["aarch64-macos.13.0-none", "darwin/arm64"],
    ["x86-linux-musl", "linux/386"],
    ["arm-linux-musleabihf", "linux/arm/v6"],
    ["powerpc64le-linux-gnu", "linux/ppc64le"],
    ["wasm32-wasi", "wasip1/wasm"],
    ["riscv64-freebsd", "freebsd/riscv64"],
  ];
  for (const [text, platform] of read) {
    it(`reads ${text}`, () => assert.equal(formatTarget(parseTarget(text)), platform));
  }

  const refused: [string, RegExp][] = [
    ["linux/x86_64", /unknown platform "linux\/x86_64"; did you mean "linux\/amd64"\?/],
    ["Windows/386", /did you mean "windows\/386"\?/],
    ["macos/aarch64", /did you mean "darwin\/arm64"\?/],
    ["linux/armhf", /did you mean "linux\/arm\/v7"\?/],
    ["linux/armel", /did you mean "linux\/arm\/v6"\?/],
    ["linux", /unknown platform "linux" \(a valid example: "linux\/amd64"/],
    ["linux/vax", /unknown platform/],
    ["linux/mips/v2", /unknown platform/],
    ["linux/amd64/v3/x", /unknown platform/],
    ["x86_64-unknown-linus-musl", /unknown platform/],
    ["hello-world", /unknown platform/],
    ["linux/constructor", /unknown platform/],
    ["x86_64-constructor", /unknown platform/],
    ["", /unknown platform/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseTarget(text), message));
  }

  it("reads whatever go can build for, and its triple is that of the same machine", () => {
    const list = execFileSync("go", ["tool", "dist", "list"], { encoding: "utf8" }).trim().split("\n");
    for (const text of list) {
      assert.ok(findTarget(text), text);
      const triple = tripleOfTarget(text);
      if (triple === undefined || text === "js/wasm") continue;
      assert.equal(formatTarget(parseTarget(triple)), formatTarget(parseTarget(text)), triple);
    }
  });

  const triples: [text: string, triple: string | undefined][] = [
    ["linux/amd64", "x86_64-unknown-linux-musl"],
    ["linux/amd64/v3", "x86_64-unknown-linux-musl"],
    ["linux/arm64", "aarch64-unknown-linux-musl"],
    ["linux/arm", "armv7-unknown-linux-musleabihf"],
    ["linux/arm/v5", "armv5te-unknown-linux-musleabi"],
    ["linux/arm/v6", "arm-unknown-linux-musleabihf"],
    ["linux/riscv64", "riscv64gc-unknown-linux-musl"],
    ["darwin/arm64", "aarch64-apple-darwin"],
    ["windows/amd64", "x86_64-pc-windows-msvc"],
    ["windows/386", "i686-pc-windows-msvc"],
    ["freebsd/amd64", "x86_64-unknown-freebsd"],
    ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"],
    ["plan9/amd64", undefined],
  ];
  for (const [text, triple] of triples) {
    it(`the triple of ${text} is ${triple}`, () => assert.equal(tripleOfTarget(text), triple));
  }

  it("one machine in two spellings is one target, and two C libraries are two", () => {
    assert.ok(isSameTarget("linux/arm", "linux/arm/v7"));
    assert.ok(!isSameTarget("linux/arm", "linux/arm/v6"));
    assert.ok(!isSameTarget("x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu"));
  });

  it("gives go the variables of a target", () => {
    assert.deepEqual(goVariables("linux/arm"), { GOOS: "linux", GOARCH: "arm", GOARM: "7" });
    assert.deepEqual(goVariables("linux/amd64/v3"), { GOOS: "linux", GOARCH: "amd64", GOAMD64: "v3" });
    assert.deepEqual(goVariables("linux/mips/softfloat"), {
      GOOS: "linux",
      GOARCH: "mips",
      GOMIPS: "softfloat",
    });
    assert.deepEqual(goVariables("linux/386/softfloat"), {
      GOOS: "linux",
      GOARCH: "386",
      GO386: "softfloat",
    });
    assert.deepEqual(goVariables("aarch64-apple-darwin"), { GOOS: "darwin", GOARCH: "arm64" });
  });
});

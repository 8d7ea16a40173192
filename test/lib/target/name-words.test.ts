import assert from "node:assert/strict";
import { otherPlatformWord } from "../../../lib/target/name-words";
import { parseTarget } from "../../../lib/target/target";

describe("words for platforms in names of files", () => {
  for (const [name, platform, word] of [
    ["tool_Darwin_arm64.tar.gz", "linux/arm64", "darwin"],
    ["tool_Linux_x86_64.tar.gz", "linux/arm64", "x86_64"],
    ["tool-x86-64-linux.zip", "linux/arm64", "x86_64"],
    ["tool-macos-aarch64.zip", "linux/arm64", "macos"],
    ["tool-1.0-x86_64-pc-windows-msvc.zip", "linux/amd64", "windows"],
    ["tool-x86_64-unknown-linux-musl.tar.gz", "darwin/amd64", "linux"],
    ["tool-x86_64-apple-darwin.tar.gz", "linux/amd64", "apple"],
    ["tool-win64.exe", "linux/amd64", "win64"],
    ["tool_linux_armv7.tar.gz", "linux/arm64", "armv7"],
    ["tool_linux_386", "linux/amd64", "386"],
    ["tool_Linux_x86_64.tar.gz", "linux/amd64", undefined],
    ["tool-aarch64-unknown-linux-gnu.tar.gz", "linux/arm64", undefined],
    ["tool_linux_armv6.tar.gz", "linux/arm/v6", undefined],
    ["tool-macos-universal.zip", "darwin/arm64", undefined],
    ["tool_darwin_amd64_arm64.zip", "darwin/arm64", undefined],
    ["tool_linux64.zip", "linux/amd64", undefined],
    ["tool.tar.gz", "linux/arm64", undefined],
    ["darwinian-1.0.tar.gz", "linux/arm64", undefined],
    ["windowsill_linux_amd64.zip", "linux/amd64", undefined],
    ["tool-1.386.0.tar.gz", "linux/amd64", undefined],
  ] as const) {
    it(`${name} says ${word ?? "nothing"} against ${platform}`, () => {
      assert.equal(otherPlatformWord(name, parseTarget(platform)), word);
    });
  }

  it("what a pattern says itself was declared", () => {
    const arm = parseTarget("linux/arm64");
    assert.equal(otherPlatformWord("tool_1.0_linux_amd64.zip", arm, "tool_*_linux_amd64.zip"), undefined);
    assert.equal(otherPlatformWord("tool_darwin_arm64.zip", arm, "tool_darwin_arm64.zip"), undefined);
    assert.equal(otherPlatformWord("tool_Darwin_arm64.zip", arm, "tool_*_arm64.zip"), "darwin");
  });
});

import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { DeclarationError, Distribution, ociRegistry, type DistributionArgs } from "../../components";

type Inputs = Record<string, unknown>;

/** What is asked of each release of others, by the name of the resource. */
async function assetsOf(
  args: Pick<DistributionArgs, "downloads" | "archives">,
): Promise<Map<string, Inputs>> {
  const made = new Map<string, Inputs>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (type === "slipway:release:Asset") made.set(name, inputs as Inputs);
        return { id: name, state: { ...(inputs as Inputs), files: {} } };
      },
      call: ({ inputs }) => inputs as Inputs,
    },
    "hello",
    "dev",
    false,
  );
  try {
    new Distribution("hello", {
      version: "v1.0.0",
      registries: [ociRegistry({ host: "registry.acme.example" })],
      platforms: ["linux/amd64"],
      images: { hello: { files: [{ to: "/a", content: "a" }] } },
      ...args,
    });
    await pulumi.runtime.disconnect();
  } catch (error) {
    if (error instanceof DeclarationError) throw error;
    // The mocked provider has no files to go on with.
  }
  return made;
}

describe("downloads of a distribution", () => {
  const released = { from: "https://example.com/acme/tool", tag: "v1.2.3" };
  const platforms = ["linux/amd64", "darwin/arm64"];

  it("are asked for in the words of their project, with a sums file of each", async () => {
    const made = await assetsOf({
      downloads: {
        tool: {
          ...released,
          asset: "tool_{os}_{arch}.tar.gz",
          checksums: "tool_{os}_{arch}.tar.gz.sha256",
          file: "tool-{arch}/tool{exe}",
          names: { amd64: "x86_64", darwin: "macOS", linux: "Linux" },
          platforms,
        },
        other: { ...released, asset: "other-{triple}.tar.gz", platforms },
      },
      archives: { all: { binaries: ["tool", "other"] } },
    });
    const asked = [...made].map(([name, { asset, checksums, extract }]) => [name, asset, checksums, extract]);
    assert.deepEqual(asked.sort(), [
      ["other-darwin-arm64", "other-aarch64-apple-darwin.tar.gz", undefined, ["other"]],
      ["other-linux-amd64", "other-x86_64-unknown-linux-musl.tar.gz", undefined, ["other"]],
      ["tool-darwin-arm64", "tool_macOS_arm64.tar.gz", "tool_macOS_arm64.tar.gz.sha256", ["tool-arm64/tool"]],
      [
        "tool-linux-amd64",
        "tool_Linux_x86_64.tar.gz",
        "tool_Linux_x86_64.tar.gz.sha256",
        ["tool-x86_64/tool"],
      ],
    ]);
  });

  it("are refused for a platform that Rust has no triple for, where that is in a name", async () => {
    const downloads = { tool: { ...released, asset: "tool-{triple}", platforms: ["plan9/amd64"] } };
    await assert.rejects(
      assetsOf({ downloads }),
      /downloads\.tool\.asset: "tool-\{triple\}": Rust has no triple for plan9\/amd64/,
    );
  });
});

/** The program of the stack, with today's names of fields. */
export const program = `
import * as pulumi from "@pulumi/pulumi";
import { cosignKey, directoryRelease, Distribution, ociRegistry, semverTags } from "@slipway";

const config = new pulumi.Config();
new Distribution("take", {
  version: config.require("version"),
  source: "https://git.example.com/harbour/take",
  licenses: "MIT",
  registries: ["first", "second"].map((name) => ociRegistry({ host: config.require(name), namespace: "harbour" })),
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    take: {
      command: ["sh", "-c", "echo take {version} {os} > {output}/take{exe}"],
      sources: ["source.txt"],
      platforms: ["linux/amd64", "linux/arm64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { take: { binaries: ["take"], formats: { windows: "zip" } } },
  release: directoryRelease({ directory: "public", name: "take" }),
  images: { take: { files: [{ to: "/take", binary: "take" }], user: "65532" } },
  tags: semverTags({ prefix: "v", aliases: ["minor", "latest"] }),
  trust: { sign: cosignKey({ key: "cosign.key", publicKey: "cosign.pub" }) },
});
`;

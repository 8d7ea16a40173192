import * as pulumi from "@pulumi/pulumi";
import {
  configuredRegistry,
  configuredRelease,
  configuredTrust,
  Distribution,
  goBinary,
  semverTags,
} from "slipway";

const config = new pulumi.Config();

const axon = new Distribution("axon", {
  version: config.require("version"),
  licenses: "Apache-2.0",
  registries: [configuredRegistry(config)],
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    axon: goBinary({
      directory: "axon",
      ldflags: "-s -w -X main.version={version}",
      platforms: ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"],
      test: { command: ["{file}", "--version"], prints: "^axon {version} " },
    }),
  },
  images: {
    axon: {
      files: [{ to: "/usr/local/bin/axon", binary: "axon" }],
      entrypoint: ["/usr/local/bin/axon"],
      user: "65532:65532",
    },
  },
  archives: { axon: { binaries: ["axon"], files: [{ path: "LICENSE", source: "LICENSE" }] } },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  release: configuredRelease(config, "mlOS-foundation/axon", { title: "Axon {tag}" }),
  trust: configuredTrust(config),
});

export const published = axon.published;

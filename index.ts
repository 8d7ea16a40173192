import * as pulumi from "@pulumi/pulumi";
import {
  cosignKey,
  directoryRelease,
  Distribution,
  embeddedRegistry,
  githubRelease,
  goBinary,
  ociRegistry,
  semverTags,
  throwAwayKey,
} from "slipway";

const config = new pulumi.Config();
const host = config.require("registry");

const registry =
  host === "embedded"
    ? embeddedRegistry()
    : ociRegistry({
        host,
        namespace: config.get("namespace"),
        username: config.get("username"),
        password: config.getSecret("password"),
      });

// A development stack signs with a key of its own, made on first use; others with that of `cosign
// generate-key-pair`.
const key = config.get("signingKey");
const sign = key === undefined ? throwAwayKey() : cosignKey({ key, publicKey: config.require("publicKey") });

// And it releases into a folder of this machine; others on GitHub.
const repository = config.get("repository");

const hello = new Distribution("hello", {
  version: config.require("version"),
  licenses: "Apache-2.0",
  registries: [registry],
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    hello: goBinary({
      directory: "examples/hello",
      ldflags: "-s -w -X main.version={version}",
      platforms: [
        "linux/amd64",
        "linux/arm64",
        "darwin/amd64",
        "darwin/arm64",
        "windows/amd64",
        "windows/arm64",
      ],
      test: { command: ["{file}", "--version"], prints: "^hello {version} " },
    }),
  },
  archives: {
    hello: {
      binaries: ["hello"],
      files: [{ path: "LICENSE", source: "LICENSE" }],
      formats: { windows: "zip" },
      alsoNames: ["hello_latest_{os}_{arch}"],
      // In this repository dist/ has the provider itself.
      directory: ".slipway/dist",
    },
  },
  checksums: { directory: ".slipway/dist" },
  release:
    repository === undefined
      ? directoryRelease({ directory: ".slipway/releases", name: "hello" })
      : githubRelease({ repository }),
  images: {
    hello: {
      files: [{ to: "/usr/local/bin/hello", binary: "hello" }],
      entrypoint: ["/usr/local/bin/hello"],
      ports: [8080],
      user: "65532:65532",
      healthcheck: {
        test: ["/usr/local/bin/hello", "-healthcheck"],
        intervalSeconds: 10,
        timeoutSeconds: 3,
      },
    },
  },
  tags: semverTags({ prefix: "v", aliases: ["minor", "major", "latest"] }),
  trust: {
    sign,
    // Trivy, where the stack says so: a machine that does not have it cannot pass a gate that needs
    // it.
    ...(config.getBoolean("scan") ? { scan: {} } : {}),
  },
});

/** Digest, platforms and pull commands of each image. */
export const published = hello.published;

/** What is proven of each image; what is `not executed` was not looked at. */
export const proven = hello.proven;

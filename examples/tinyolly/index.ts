import * as pulumi from "@pulumi/pulumi";
import {
  baseImage,
  channelTags,
  combineTags,
  cosignKey,
  Distribution,
  embeddedRegistry,
  pullRequestTags,
  Registry,
  semverTags,
  throwAwayKey,
  type DistributionArgs,
} from "slipway";

const config = new pulumi.Config();
const endpoint = config.require("registry");
const key = config.get("signingKey");
const scan = config.getObject<NonNullable<DistributionArgs["trust"]>["scan"]>("scan");

/** Folder with the sources, as all five Dockerfiles see it: another checkout takes the stand-in's place here. */
const context = "docker/apps";
const dockerfile = (name: string) => `docker/dockerfiles/Dockerfile.${name}`;
const base = (key: string) => baseImage(config.require(key));
const goArgs = { GO_IMAGE: base("goImage") };

const tinyolly = new Distribution("tinyolly", {
  // Without a version it is a development build, tagged `dev` and by its commit.
  version: config.get("version"),
  commit: config.get("commit"),
  rebuilt: config.get("rebuilt"),
  pullRequest: config.getNumber("pullRequest"),
  environment: config.get<"production" | "test">("environment"),
  source: "https://github.com/tinyolly/tinyolly",
  licenses: "BSD-3-Clause",
  registries: [
    endpoint === "embedded"
      ? embeddedRegistry()
      : new Registry({
          endpoint,
          namespace: config.get("namespace"),
          username: config.get("username"),
          password: config.getSecret("password"),
        }),
  ],
  builder: config.get("builder"),
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    // The shared dependencies: wheels from PyPI, pinned by hash, unpacked for each platform.
    "python-packages": {
      directory: `${context}/python-base`,
      command: [
        "python3",
        "packages.py",
        "{arch}",
        config.require("pythonVersion"),
        "{output}/python-packages.tar",
      ],
      sources: ["packages.py", "requirements.txt"],
      output: "python-packages.tar",
    },
  },
  images: {
    "python-base": {
      dockerfile: dockerfile("tinyolly-python-base"),
      context,
      contexts: { "python-packages": { binary: "python-packages" } },
      buildArgs: { PYTHON_IMAGE: base("pythonImage") },
      budget: { maximum: 120_000_000, exceeded: "warn" },
    },
    ui: {
      dockerfile: dockerfile("tinyolly-ui"),
      context,
      base: "python-base",
      buildArgs: { APP_DIR: "tinyolly-ui" },
    },
    "otlp-receiver": {
      dockerfile: dockerfile("tinyolly-otlp-receiver"),
      context,
      base: "python-base",
      buildArgs: { APP_DIR: "tinyolly-otlp-receiver" },
    },
    "opamp-server": { dockerfile: dockerfile("tinyolly-opamp-server"), context, buildArgs: goArgs },
    "otel-supervisor": {
      dockerfile: dockerfile("otel-supervisor"),
      context,
      buildArgs: {
        ...goArgs,
        COLLECTOR_IMAGE: base("collectorImage"),
        SUPERVISOR_IMAGE: base("supervisorImage"),
      },
    },
  },
  tags: combineTags(semverTags(), channelTags("dev", { commit: ["short"] }), pullRequestTags()),
  trust: {
    sign: key === undefined ? throwAwayKey() : cosignKey({ key, publicKey: config.require("publicKey") }),
    ...(scan ? { scan } : {}),
  },
});

export const published = tinyolly.published;
export const proven = tinyolly.proven;

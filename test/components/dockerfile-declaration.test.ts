import assert from "node:assert/strict";
import { checkDistribution } from "../../components/declaration/check-distribution";
import type { DistributionArgs } from "../../components/distribution-args";
import { DeclarationError } from "../../components/declaration/declaration-error";
import {
  containerBuilder,
  kubernetesBuilder,
  remoteBuilder,
} from "../../components/declaration/declared-builder";
import { ociRegistry } from "../../components/declaration/registry";

const distribution = (images: unknown, more: object = {}): DistributionArgs =>
  ({
    registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
    platforms: ["linux/amd64", "linux/arm64"],
    images,
    ...more,
  }) as DistributionArgs;

const dockerfile = "Dockerfile";

describe("declaration of images from Dockerfiles", () => {
  const accepted: { title: string; images: unknown; more?: object }[] = [
    { title: "a Dockerfile alone", images: { app: { dockerfile } } },
    {
      title: "a base of the distribution, declared later",
      images: { app: { dockerfile, base: "b" }, b: { dockerfile } },
    },
    {
      title: "bases as a list and as an argument",
      images: {
        app: { dockerfile, base: ["b", { image: "c", argument: "BASE" }] },
        b: { dockerfile },
        c: { files: [{ to: "/x", content: "x" }] },
      },
    },
    {
      title: "builders by declaration, for the distribution and for an image",
      images: {
        app: { dockerfile },
        other: {
          dockerfile,
          builder: {
            "linux/amd64": "embedded",
            "linux/arm64": kubernetesBuilder({ name: "pods", namespace: "build" }),
          },
        },
      },
      more: { builder: containerBuilder({ name: "box", network: "host" }) },
    },
    {
      title: "a builder and a cache for each platform",
      images: {
        app: {
          dockerfile,
          builder: { "linux/amd64": "intel", "linux/arm64": "arm" },
          cache: { to: "ghcr.io/acme/app:cache-{arch}" },
        },
      },
    },
    {
      title: "one cache for one platform",
      images: { app: { dockerfile, platforms: ["linux/amd64"], cache: { to: "ghcr.io/acme/app:cache" } } },
    },
    {
      title: "a binary as a context",
      images: { app: { dockerfile, contexts: { packages: { binary: "packages" }, docs: "docs" } } },
      more: { binaries: { packages: { command: "make", sources: ["**"] } } },
    },
    {
      title: "a reference as base without a Dockerfile",
      images: { app: { base: "docker.io/library/alpine:3.20.3" } },
    },
  ];
  for (const { title, images, more } of accepted) {
    it(`accepts ${title}`, () => checkDistribution("test", distribution(images, more)));
  }

  it("accepts copies from images", () => {
    const copies = [{ image: "ghcr.io/acme/core:v1.0.0", from: "/opt/core" }];
    checkDistribution("test", distribution({ app: { dockerfile, copies } }));
  });

  const refused: { title: string; images: unknown; more?: object; expected: RegExp }[] = [
    {
      title: "files beside a Dockerfile",
      images: { app: { dockerfile, files: [{ to: "/x", content: "x" }] } },
      expected: /images\.app\.files: the Dockerfile of this image sets it/,
    },
    {
      title: "fields of Dockerfiles without one",
      images: { app: { buildArgs: { A: "1" }, secrets: { s: "x" } } },
      expected:
        /images\.app\.buildArgs: applies to images with a Dockerfile[^]*images\.app\.secrets: applies to/,
    },
    {
      title: "a copy of a path with a variable in it",
      images: { app: { dockerfile, copies: [{ image: "ghcr.io/acme/core:v1.0.0", from: "/opt/$HOME" }] } },
      expected: /images\.app\.copies\[0\]\.from: .*an absolute path without spaces, quotes and variables/,
    },
    {
      title: "copies on top of a stage that is not the last",
      images: {
        app: {
          dockerfile,
          stage: "build",
          copies: [{ image: "ghcr.io/acme/core:v1.0.0", from: "/opt/core" }],
        },
      },
      expected: /images\.app\.copies: are added to the last stage, but "build" is built/,
    },
    {
      title: "a list of bases without a Dockerfile",
      images: { app: { base: ["b"] }, b: { dockerfile } },
      expected: /images\.app\.base: an image without a Dockerfile needs a reference/,
    },
    {
      title: "a base that is not there",
      images: { app: { dockerfile, base: "python" }, b: { dockerfile } },
      expected: /images\.app\.base: there is no image "python"; the others are b/,
    },
    {
      title: "a binary as a context that is not declared",
      images: { app: { dockerfile, contexts: { packages: { binary: "wheels" } } } },
      expected:
        /images\.app\.contexts\.packages\.binary: there is no binary "wheels"; no binaries are declared/,
    },
    {
      title: "a circle",
      images: { a: { dockerfile, base: "b" }, b: { dockerfile, base: "a" } },
      expected: /images\.a\.base: the images depend on each other: a on b on a/,
    },
    {
      title: "an image that is its own base",
      images: { a: { dockerfile, base: "a" } },
      expected: /depend on each other: a on a/,
    },
    {
      title: "a base that lacks a platform",
      images: { a: { dockerfile, base: "b" }, b: { dockerfile, platforms: ["linux/amd64"] } },
      expected: /images\.a\.base: a is built for linux\/arm64, but its base b is not/,
    },
    {
      title: "a platform without a builder in the distribution",
      images: { app: { dockerfile } },
      more: { builder: { "linux/amd64": "embedded" } },
      expected: /builder: has no builder for linux\/arm64/,
    },
    {
      title: "two different builders of one name",
      images: {
        app: { dockerfile, builder: remoteBuilder({ name: "arm", endpoint: "tcp://a:1" }) },
        other: { dockerfile },
      },
      more: { builder: remoteBuilder({ name: "arm", endpoint: "tcp://b:1" }) },
      expected: /two different builders are named "arm"/,
    },
    {
      title: "a platform without a builder",
      images: { app: { dockerfile, builder: { "linux/amd64": "x" } } },
      expected: /images\.app\.builder: has no builder for linux\/arm64/,
    },
    {
      title: "one cache for two platforms",
      images: { app: { dockerfile, cache: { to: "ghcr.io/acme/app:cache" } } },
      expected: /images\.app\.cache\.to: .* is the same for all 2 platforms/,
    },
    {
      title: "a secret that is empty",
      images: { app: { dockerfile, secrets: { token: "" } } },
      expected: /images\.app\.secrets\.token: .*empty/,
    },
    {
      title: "a secret that is undefined, as an unset variable of the environment is",
      images: { app: { dockerfile, secrets: { token: undefined } } },
      expected: /images\.app\.secrets\.token/,
    },
    {
      title: "a network that is none of BuildKit's",
      images: { app: { dockerfile, network: "bridge" } },
      expected: /images\.app\.network/,
    },
  ];
  for (const { title, images, more, expected } of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => checkDistribution("test", distribution(images, more)),
        (error) => {
          assert.ok(error instanceof DeclarationError, String(error));
          assert.match(error.message, expected);
          return true;
        },
      );
    });
  }

  const images = { app: { dockerfile } };
  for (const more of [
    { lock: true },
    { lock: true, cadence: { rebuild: "31d", refresh: "92d" } },
    { lock: false },
    { lock: { file: "images.lock.json", refresh: true } },
    { externalImages: { redis: "redis:7-alpine" } },
  ]) {
    it(`accepts ${JSON.stringify(more)}`, () => checkDistribution("test", distribution(images, more)));
  }
  const refusedBeside: { more: object; expected: RegExp }[] = [
    { more: { lock: "yes" }, expected: /lock/ },
    {
      more: { cadence: { refresh: "92d" } },
      expected: /cadence\.refresh: "92d": .*it needs a lock \(a valid example: lock: true\)/,
    },
    {
      more: { cadence: { rebuild: "monthly" } },
      expected: /cadence\.rebuild: .*minutes \(m\), .* or years \(y\) are expected/,
    },
    { more: { lock: { file: "../lock.json" } }, expected: /lock/ },
    { more: { externalImages: {} }, expected: /externalImages.*at least one image is expected/ },
    { more: { externalImages: { redis: "Redis:7" } }, expected: /externalImages\.redis: / },
  ];
  for (const { more, expected } of refusedBeside) {
    it(`refuses ${JSON.stringify(more)}`, () =>
      assert.throws(
        () => checkDistribution("test", distribution(images, more)),
        (error) => error instanceof DeclarationError && expected.test(error.message),
      ));
  }
});

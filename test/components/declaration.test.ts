import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  cosignKey,
  DeclarationError,
  directoryRelease,
  githubRelease,
  ImageFolder,
  Registry,
  throwAwayKey,
} from "../../components";
import { checkDistribution } from "../../components/declaration/check-distribution";
import type { DistributionArgs } from "../../components/distribution-args";

const registry = new Registry({ endpoint: "ghcr.io", namespace: "acme" });
const file = { target: "/hello", content: "hello" };
const good: DistributionArgs = {
  version: "v1.0.0",
  registries: [registry],
  platforms: ["linux/amd64"],
  images: { hello: { files: [file] } },
};

function refusal(args: object): string {
  try {
    checkDistribution("hello", args as DistributionArgs);
  } catch (error) {
    assert.ok(error instanceof DeclarationError, String(error));
    return error.message;
  }
  return "accepted";
}

describe("a declaration", () => {
  it("that is right is accepted", () => assert.equal(refusal(good), "accepted"));

  const here = new Registry({ endpoint: "localhost:5000" });
  const signed = { ...good, trust: { sign: throwAwayKey() } };
  const released = { archives: { hello: { files: [{ path: "README", content: "hello" }] } } };

  for (const [what, args] of [
    ["on this machine", { ...signed, registries: [here, new ImageFolder({ directory: "dist" })] }],
    [
      "with a release on this machine",
      {
        ...signed,
        ...released,
        registries: [here],
        release: directoryRelease({ directory: ".slipway/releases" }),
      },
    ],
    ["where nothing is published", { ...signed, mode: "build" }],
    ["for a test network", { ...good, trust: { sign: throwAwayKey(".slipway/keys", ["ghcr.io"]) } }],
  ] as const)
    it(`with a throw-away key ${what} is accepted`, () => assert.equal(refusal(args), "accepted"));

  it("with one account for two namespaces of a host, its password read for each, is accepted", () => {
    const read = (namespace: string) =>
      new Registry({ endpoint: "ghcr.io", namespace, username: "a", password: pulumi.secret("p") });
    assert.equal(refusal({ ...good, registries: [read("acme"), read("partner")] }), "accepted");
  });

  it("with a key that is kept is accepted", () =>
    assert.equal(refusal({ ...good, trust: { sign: cosignKey() } }), "accepted"));

  const cases: [string, object, RegExp][] = [
    [
      "two accounts on one host",
      {
        ...good,
        registries: [
          new Registry({ endpoint: "ghcr.io", namespace: "acme", username: "a", password: "pa" }),
          new Registry({ endpoint: "ghcr.io", namespace: "partner", username: "b", password: "pb" }),
        ],
      },
      /registries\[1\]\.username: ghcr\.io\/partner and ghcr\.io\/acme are on one host with two accounts/,
    ],
    [
      "an account for one of two namespaces of a host",
      {
        ...good,
        registries: [
          registry,
          new Registry({ endpoint: "ghcr.io", namespace: "partner", username: "b", password: "pb" }),
        ],
      },
      /registries\[1\]\.username: .* two accounts/,
    ],
    [
      "a throw-away key for a registry elsewhere",
      signed,
      /registries\[0\]: ghcr\.io is not on this machine, and a throw-away key signs: .*cosign generate-key-pair/,
    ],
    [
      "a throw-away key for a mirror elsewhere",
      { ...signed, registries: [here, registry] },
      /registries\[1\]: ghcr\.io is not on this machine/,
    ],
    [
      "a throw-away key for a release elsewhere",
      {
        ...signed,
        ...released,
        registries: [here],
        release: githubRelease({ repository: "acme/hello", token: "x" }),
      },
      /release\[0\]: api\.github\.com is not on this machine/,
    ],
    [
      "no platform",
      { ...good, platforms: [] },
      /platforms: \[\] is not valid: at least one platform is expected \(a valid example: \["linux\/amd64","linux\/arm64"\]\)/,
    ],
    [
      "an unknown platform",
      { ...good, platforms: ["linux/amd65"] },
      /platforms\[0\]: unknown platform "linux\/amd65"/,
    ],
    [
      "a platform twice",
      { ...good, platforms: ["linux/amd64", "linux/amd64"] },
      /platforms\[1\]: platform "linux\/amd64" is listed twice/,
    ],
    ["no image", { ...good, images: {} }, /images: .*at least one image is expected/],
    [
      "an upper-case image",
      { ...good, images: { Hello: { files: [file] } } },
      /images\.Hello: .*use "hello"/,
    ],
    [
      "two images with one name",
      { ...good, images: { hello: { files: [file] }, world: { files: [file], repository: "hello" } } },
      /images\.world\.repository: two images have the name "hello": images\.hello is published there too/,
    ],
    [
      "an alias that is another image's name",
      { ...good, images: { hello: { files: [file] }, world: { files: [file], aliases: ["hello"] } } },
      /images\.world\.aliases\[0\]: two images have the name "hello": images\.hello is published there too/,
    ],
    [
      "an alias that is the image's own name",
      { ...good, images: { hello: { files: [file], aliases: ["hello"] } } },
      /images\.hello\.aliases\[0\]: .*images\.hello is published there already/,
    ],
    ["an unknown field", { ...good, registrys: [] }, /registrys: unknown field.*the fields here are version/],
    [
      "an unknown field of an image",
      { ...good, images: { hello: { files: [file], entrypont: [] } } },
      /images\.hello\.entrypont: unknown field; did you mean "entrypoint"/,
    ],
    [
      "a file with two contents",
      { ...good, images: { hello: { files: [{ ...file, source: "x" }] } } },
      /images\.hello\.files\[0\]: has source and content: exactly one of/,
    ],
    [
      "a file with no content",
      { ...good, images: { hello: { files: [{ target: "/x" }] } } },
      /files\[0\]: says not what is there/,
    ],
    [
      "a binary that is not declared",
      { ...good, images: { hello: { files: [{ target: "/x", binary: "helo" }] } } },
      /images\.hello\.files\[0\]\.binary: there is no binary "helo"; no binaries are declared/,
    ],
    [
      "no registry",
      { ...good, registries: [] },
      /registries: \[\] is not valid: at least one registry is expected/,
    ],
    [
      "a registry that is a text",
      { ...good, registries: ["ghcr.io"] },
      /registries\[0\]: a Registry or an ImageFolder is expected/,
    ],
    [
      "a folder as the first registry",
      { ...good, registries: [new ImageFolder({ directory: "out" })] },
      /registries\[0\]: the first one has to be a Registry: the others are mirrors of it/,
    ],
    [
      "a registry twice",
      { ...good, registries: [registry, new Registry({ endpoint: "ghcr.io", namespace: "acme" })] },
      /registries\[1\]: ghcr\.io\/acme is listed twice/,
    ],
    ["several things at once", { ...good, platforms: [], images: {} }, /platforms: [^]*images: /],
  ];
  for (const [title, args, message] of cases) {
    it(`with ${title} is refused`, () => assert.match(refusal(args), message));
  }

  const registries: [string, object, RegExp][] = [
    [
      "a scheme",
      { endpoint: "https://ghcr.io" },
      /endpoint: registry "https:\/\/ghcr\.io" has the scheme "https:\/\/"/,
    ],
    [
      "a path",
      { endpoint: "ghcr.io/acme" },
      /endpoint: .*has a path: give the host here and the path as namespace/,
    ],
    [
      "an upper-case namespace",
      { endpoint: "ghcr.io", namespace: "mlOS-foundation" },
      /namespace: .*use "mlos-foundation"/,
    ],
  ];
  for (const [title, args, message] of registries) {
    it(`of a registry with ${title} is refused`, () => {
      assert.throws(() => new Registry(args as { endpoint: string }), message);
    });
  }
});

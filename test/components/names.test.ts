import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import {
  DeclarationError,
  Distribution,
  ociRegistry,
  type DistributionArgs,
  type DockerfileImageDeclaration,
  type ImageDeclaration,
  type PublishedImage,
} from "../../components";

const common = {
  version: "v1.0.0",
  registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
  platforms: ["linux/amd64"],
};
const program = { command: ["make"], sources: ["main.go"] };
const released = { from: "https://example.com", tag: "v1.0.0", asset: "axon_{os}_{arch}.tar.gz" };
const declared = {
  ...common,
  binaries: { hello: program },
  downloads: { axon: released },
};
const base: ImageDeclaration = { dockerfile: "Dockerfile" };

/** Compiled, never run: what has a known name compiles, and what has another one does not. */
export function typesOf(): unknown[] {
  const made = new Distribution("hello", {
    ...declared,
    images: {
      base,
      hello: {
        dockerfile: "Dockerfile",
        base: "base",
        contexts: { program: { binary: "hello" }, other: { binary: "axon" }, folder: "docker" },
      },
      files: { files: [{ to: "/hello", binary: "hello" }], base: "docker.io/library/alpine:3.20.3" },
    },
    archives: { hello: { binaries: ["hello", "axon"], files: [{ path: "bin/axon", binary: "axon" }] } },
    gates: (images) => {
      // @ts-expect-error: a misspelled image of a gate
      assert.equal(typeof images.helo, "undefined");
      return [images.hello, images.base];
    },
    afterPublication: (images) => {
      // @ts-expect-error: a misspelled image of what looks at a publication
      assert.equal(typeof images.helo, "undefined");
      return [images.hello, images.base];
    },
  });
  const digest: pulumi.Output<string> = made.images.hello.digest;
  const published: pulumi.Output<PublishedImage> = made.published.hello;
  const first = <Images extends string>(any: Distribution<Images>, name: NoInfer<Images>) => any.images[name];
  const dynamic = new Distribution("dynamic", {
    ...declared,
    images: Object.fromEntries(["a", "b"].map((name): [string, ImageDeclaration] => [name, base])),
    binaries: Object.fromEntries(["x", "y"].map((name) => [name, program])),
    archives: { all: { binaries: ["x", "y", "axon"] } },
  });
  const images: Record<string, ImageDeclaration> = {
    a: { dockerfile: "Dockerfile", base: "whichever", contexts: { program: { binary: "whichever" } } },
  };
  const args: DistributionArgs = { ...declared, images };
  const hover: Record<"a" | "b", DockerfileImageDeclaration | ImageDeclaration> = { a: base, b: base };
  return [
    digest,
    published,
    made.proven.files.signature,
    made.built.base,
    made.evidence.hello,
    first(made, "base"),
    dynamic.images.whichever?.digest,
    new Distribution("args", args).images.whichever,
    new Distribution("map", { ...common, images: hover }).images.a,
    new Distribution("some", {
      ...common,
      ...(args.version ? { binaries: { hello: program } } : {}),
      images,
    }),
    // @ts-expect-error: an image that is not declared
    made.images.helo,
    // @ts-expect-error: an image that is not declared
    made.published.helo,
    // @ts-expect-error: an image that is not declared
    made.proven.helo,
  ];
}

describe("a name that the declaration does not have", () => {
  const refusals: [title: string, declare: () => unknown, message: RegExp][] = [
    [
      "a binary of a file",
      () =>
        new Distribution("hello", {
          ...declared,
          // @ts-expect-error: a misspelled binary
          images: { hello: { files: [{ to: "/hello", binary: "helo" }] } },
        }),
      /images\.hello\.files\[0\]\.binary: there is no binary "helo"; declared are hello, axon/,
    ],
    [
      "a binary of a context",
      () =>
        new Distribution("hello", {
          ...declared,
          // @ts-expect-error: a misspelled binary
          images: { hello: { dockerfile: "Dockerfile", contexts: { program: { binary: "helo" } } } },
        }),
      /images\.hello\.contexts\.program\.binary: there is no binary "helo"/,
    ],
    [
      "a binary of an archive",
      () =>
        new Distribution("hello", {
          ...declared,
          images: { base },
          // @ts-expect-error: a misspelled binary
          archives: { hello: { binaries: ["helo"] } },
        }),
      /archives\.hello: there is no binary "helo"/,
    ],
    [
      "a binary of a file in an archive",
      () =>
        new Distribution("hello", {
          ...declared,
          images: { base },
          // @ts-expect-error: a misspelled binary
          archives: { hello: { files: [{ path: "hello", binary: "helo" }] } },
        }),
      /archives\.hello: there is no binary "helo"/,
    ],
    [
      "a binary where none is declared",
      () =>
        new Distribution("hello", {
          ...common,
          // @ts-expect-error: no binary is declared
          images: { hello: { files: [{ to: "/hello", binary: "hello" }] } },
        }),
      /there is no binary "hello"; no binaries are declared/,
    ],
    [
      "a base",
      () =>
        new Distribution("hello", {
          ...common,
          // @ts-expect-error: a misspelled base
          images: { base, hello: { dockerfile: "Dockerfile", base: "bas" } },
        }),
      /images\.hello\.base: there is no image "bas"; the others are base/,
    ],
    [
      "a base with its argument",
      () =>
        new Distribution("hello", {
          ...common,
          // @ts-expect-error: a misspelled base
          images: { base, hello: { dockerfile: "Dockerfile", base: [{ image: "bas", argument: "BASE" }] } },
        }),
      /images\.hello\.base: there is no image "bas"; the others are base/,
    ],
  ];
  for (const [title, declare, message] of refusals) {
    it(`as ${title} is refused by the compiler, and before anything is registered`, () => {
      assert.throws(declare, (error) => {
        assert.ok(error instanceof DeclarationError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

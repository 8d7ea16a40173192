import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  DeclarationError,
  DeclaredBuilder,
  Distribution,
  ImageFolder,
  imageFolder,
  ociRegistry,
  Registry,
  ReleaseTarget,
  SigningIdentity,
  type DistributionArgs,
  type ImageTarget,
} from "../../components";
import { composition, Composition } from "../../components/versions";

type Inputs = Record<string, unknown>;

/** As a program writes them: what they have counts, not what made them. */
const mainTarget: ImageTarget = {
  name: "house",
  host: "registry.acme.example",
  access: { username: "acme", password: "p" },
  repository: (image) => `registry.acme.example/by-team/${image}`,
};
class Shelf implements ImageTarget {
  readonly name = "shelf";
  repository(image: string) {
    return `oci-layout:shelf/${image}`;
  }
}
const bulletin: ReleaseTarget = {
  name: "bulletin",
  create: ({ version, assets }, options) => new Bulletin(version, assets.length, options),
};
class Bulletin extends pulumi.CustomResource {
  constructor(version: string, count: number, options: pulumi.CustomResourceOptions) {
    super("acme:index:Bulletin", "bulletin", { version, count }, options);
  }
}

const base: DistributionArgs = {
  version: "v1.0.0",
  registries: [mainTarget, new Shelf()],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", content: "hello" }] } },
  archives: { hello: { files: [{ path: "README", content: "hello" }] } },
  release: bulletin,
};

describe("targets of a program's own", () => {
  it("take images and releases, with the access that they say", async () => {
    const made = new Map<string, Inputs>();
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          made.set(`${type} ${name}`, inputs as Inputs);
          return { id: name, state: inputs as Inputs };
        },
        call: ({ inputs }) => inputs as Inputs,
      },
      "hello",
      "dev",
      false,
    );
    const { references } = new Distribution("hello", base);
    await pulumi.runtime.disconnect();
    assert.equal(made.get("slipway:oci:Index hello")?.repository, "registry.acme.example/by-team/hello");
    assert.equal(made.get("slipway:oci:Mirror hello@shelf")?.target, "oci-layout:shelf/hello");
    assert.deepEqual(made.get("acme:index:Bulletin bulletin"), { version: "v1.0.0", count: 2 });
    assert.deepEqual(
      references.hello?.map(({ registry }) => registry),
      ["house"],
    );
    const { registries } = made.get("pulumi:providers:slipway hello") as { registries: { value: string } };
    const [access] = JSON.parse(registries.value) as Inputs[];
    assert.equal(access?.host, "registry.acme.example");
    assert.equal(access?.username, "acme");
  });

  const targets = /ociRegistry\(…\), imageFolder\(…\) or another object with name and repository\(\)/;
  const refusals: [title: string, args: object, message: RegExp][] = [
    ["no name", { registries: [{ repository: () => "a" }] }, targets],
    ["no repository()", { registries: [{ name: "a", host: "a.example" }] }, targets],
    [
      "no host, as the first",
      { registries: [new Shelf()] },
      /registries\[0\]: the first must be a registry, which has a host/,
    ],
    [
      "a repository elsewhere",
      { registries: [{ ...mainTarget, repository: () => "ghcr.io/acme/hello" }] },
      /images\.hello: repository\(\) of house returns "ghcr\.io\/acme\/hello", but a repository on its host is expected/,
    ],
    [
      "a registry without its host",
      { registries: [mainTarget, { name: "hidden", repository: () => "ghcr.io/acme/hello" }] },
      /images\.hello: repository\(\) of hidden returns "ghcr\.io\/acme\/hello", but it has no host/,
    ],
    [
      "an address that is none",
      { registries: [{ ...mainTarget, repository: () => "registry.acme.example/Hello" }] },
      /images\.hello: address "registry\.acme\.example\/Hello": .*use "hello"/,
    ],
    ["no create()", { release: { name: "bulletin" } }, /release: .*a release target or a list of them/],
    [
      "findings that are no function",
      { release: { ...bulletin, findings: [] } },
      /release: .*a release target/,
    ],
    ["half an identity", { trust: { sign: { signer: {} } } }, /trust\.sign: .*cosignKey\(\), kmsKey\(\)/],
    ["half a builder", { builder: { args: {} } }, /builder/],
  ];
  for (const [title, args, message] of refusals) {
    it(`with ${title} are refused before anything is registered`, () => {
      assert.throws(
        () => new Distribution("hello", { ...base, ...args }),
        (error) => {
          assert.ok(error instanceof DeclarationError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});

describe("what was a class", () => {
  const former: [title: string, make: () => unknown, now: string][] = [
    ["Registry", () => new Registry({ host: "ghcr.io" }), "ociRegistry(…)"],
    ["ImageFolder", () => new ImageFolder({ directory: "out" }), "imageFolder(…)"],
    [
      "Composition",
      () => new Composition({ name: "a", components: {}, record: { versions: [] }, labelPrefix: "a" }),
      "composition(…)",
    ],
    ["DeclaredBuilder", () => new DeclaredBuilder({ name: "a", driver: "remote" }), "remoteBuilder(…), "],
    ["SigningIdentity", () => new SigningIdentity({ key: "a" }), "cosignKey(…), "],
    ["ReleaseTarget", () => new ReleaseTarget(), "{ name, create }"],
  ];
  for (const [name, make, now] of former) {
    it(`${name} says what it is called now`, () => {
      assert.throws(make, ({ message }: Error) =>
        message.startsWith(`\`new ${name}(…)\` is now called \`${now}`),
      );
    });
  }

  it("is a function that returns a value", () => {
    assert.equal(ociRegistry({ host: "ghcr.io", namespace: "acme" }).repository("a"), "ghcr.io/acme/a");
    assert.equal(imageFolder({ directory: "out" }).repository("a"), "oci-layout:out/a");
    assert.equal(typeof composition, "function");
  });
});

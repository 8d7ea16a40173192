import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  DeclarationError,
  Distribution,
  dockerHubRepositories,
  fileRegions,
  fileTemplate,
  harborRepositories,
  ociRegistry,
  quayRepositories,
  type DistributionArgs,
} from "../../components";

const digest = `sha256:${"a".repeat(64)}`;

/** A resource as a program registers it. */
interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const hub = ociRegistry({ host: "docker.io", namespace: "acme" });

const declared = (more: Partial<DistributionArgs> = {}): DistributionArgs => ({
  version: "v1.2.3",
  source: "https://github.com/acme/hello",
  registries: [hub],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/a", source: "a" }] }, tools: { files: [{ to: "/a", source: "a" }] } },
  ...more,
});

async function registeredBy(args: DistributionArgs): Promise<Registered[]> {
  const all: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        all.push({ type, name, inputs: inputs as Record<string, unknown> });
        const owned = type === "slipway:files:Document" ? { owned: { file: "# Rendered" } } : {};
        return { id: name, state: { ...(inputs as object), digest, state: "served", ...owned } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "hello",
    "dev",
    false,
  );
  new Distribution("hello", args);
  await pulumi.runtime.disconnect();
  return all;
}

const shown = async (args: DistributionArgs) =>
  Object.fromEntries(
    (await registeredBy(args))
      .filter(({ type }) => type === "slipway:oci:RepositoryMetadata")
      .map(({ name, inputs }) => [name, inputs]),
  );

function findings(args: DistributionArgs): string {
  try {
    new Distribution("hello", args);
  } catch (error) {
    if (error instanceof DeclarationError) return error.message;
    throw error;
  }
  return "";
}

describe("what registries are to show of the images of a distribution", () => {
  it("CAP-30: is declared for all images and for single ones; visibility before the push, texts after the release", async () => {
    const made = await shown(
      declared({
        repositories: [
          dockerHubRepositories({
            description: "An image of Acme",
            visibility: "private",
            immutableTags: ["^v[0-9]+\\.[0-9]+\\.[0-9]+"],
            fullDescription: { file: "docs/HUB.md" },
            images: { tools: { description: "Tools of Acme", visibility: "public" } },
          }),
        ],
      }),
    );
    assert.deepEqual(Object.keys(made).sort(), [
      "docker.io/acme/hello:page",
      "docker.io/acme/hello:settings",
      "docker.io/acme/tools:page",
      "docker.io/acme/tools:settings",
    ]);
    const { "docker.io/acme/hello:settings": settings, "docker.io/acme/tools:page": page } = made;
    assert.deepEqual([settings?.visibility, settings?.gated], ["private", undefined]);
    assert.equal(made["docker.io/acme/tools:settings"]?.visibility, "public");
    assert.deepEqual(page, {
      repository: "docker.io/acme/tools",
      kind: "docker-hub",
      description: "Tools of Acme",
      overview: { file: "docs/HUB.md", links: "https://github.com/acme/hello/blob/HEAD/docs" },
      gated: true,
    });
  });

  it("waits with every image until a repository is as private as it is to be", async () => {
    const all = await registeredBy(
      declared({ repositories: [dockerHubRepositories({ visibility: "private" })] }),
    );
    const at = (type: string) => all.findIndex((one) => one.type === type);
    const last = all.map(({ type }) => type).lastIndexOf("slipway:oci:RepositoryMetadata");
    assert.ok(last >= 0 && last < at("slipway:oci:Image"), all.map(({ name }) => name).join());
  });

  it("follows a document of the release, as it is rendered; where the run has none it stays", async () => {
    const documents = [
      fileTemplate("HUB.md", { from: "HUB.in.md", values: {} }),
      fileRegions("README.md", { version: "{version}" }),
    ];
    const repositories = [
      dockerHubRepositories({
        fullDescription: { file: "./HUB.md" },
        images: { tools: { fullDescription: { file: "README.md" } } },
      }),
    ];
    const made = await shown(declared({ documents, repositories }));
    assert.deepEqual(made["docker.io/acme/hello:page"]?.overview, {
      text: "# Rendered",
      links: "https://github.com/acme/hello/blob/HEAD",
    });
    assert.deepEqual((made["docker.io/acme/tools:page"]?.overview as { file?: string }).file, "README.md");
    const branch = declared({
      documents,
      repositories,
      version: undefined,
      tags: () => [{ tag: "dev", moves: "always", published: true }],
    });
    assert.deepEqual(await shown(branch), {});
  });

  it("is nothing where nothing is published, and where another registry is the one", async () => {
    const repositories = [dockerHubRepositories({ description: "a" })];
    assert.deepEqual(await shown(declared({ repositories, environment: "test" })), {});
    const elsewhere = [ociRegistry({ host: "ghcr.io", namespace: "acme" })];
    assert.deepEqual(await shown(declared({ repositories, registries: elsewhere })), {});
  });

  it("G-34: has a curator of its own, whose token is a secret", async () => {
    const all = await registeredBy(
      declared({
        registries: [hub, ociRegistry({ host: "quay.io", namespace: "acme" })],
        repositories: [
          dockerHubRepositories({ description: "a", curator: { username: "acme", password: "hub-token" } }),
          quayRepositories({ fullDescription: "b", curator: { password: "quay-token" } }),
        ],
      }),
    );
    const logins = all.flatMap(({ inputs }) => (inputs.login === undefined ? [] : [inputs.login]));
    // How the engine is told that a value is a secret.
    const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const secret = (value: object) => ({ ...mark, value });
    assert.deepEqual(logins, [
      secret({ username: "acme", password: "hub-token" }),
      secret({ username: "acme", password: "hub-token" }),
      secret({ password: "quay-token" }),
      secret({ password: "quay-token" }),
    ]);
  });

  const refused: [what: string, args: Partial<DistributionArgs>, message: RegExp][] = [
    [
      "a pattern that holds a tag that moves",
      { repositories: [dockerHubRepositories({ immutableTags: ["v.*"] })] },
      /repositories\[0\]\.immutableTags: "v\.\*" holds v1\.2, v1, which the release moves \(a valid example: "\^v/,
    ],
    [
      "a description that is too long for one image",
      { repositories: [dockerHubRepositories({ images: { tools: { description: "x".repeat(101) } } })] },
      /repositories\[0\]\.images\.tools\.description: has 101 bytes/,
    ],
    [
      "an image that there is none of",
      { repositories: [dockerHubRepositories({ images: { tolos: { description: "x" } } })] },
      /repositories\[0\]\.images\.tolos: there is no image "tolos"; declared are hello, tools/,
    ],
    [
      "a host that nothing goes to",
      { repositories: [harborRepositories({ host: "harbor.example.com", fullDescription: "a" })] },
      /repositories\[0\]\.host: nothing is published to "harbor\.example\.com"; the registries are on docker\.io/,
    ],
    [
      "a path that Harbor does not have",
      {
        registries: [ociRegistry({ host: "harbor.example.com" })],
        repositories: [harborRepositories({ host: "harbor.example.com", fullDescription: "a" })],
      },
      /repositories\[0\]: Harbor has no repository hello: it has a project and a name/,
    ],
    [
      "two that say the same",
      {
        repositories: [
          dockerHubRepositories({ description: "a" }),
          dockerHubRepositories({ description: "b" }),
        ],
      },
      /repositories\[1\]: repositories\[0\] says what docker\.io\/acme\/hello shows already/,
    ],
    ["something else", { repositories: [{}] as never }, /dockerHubRepositories\(…\), quayRepositories/],
  ];
  for (const [what, args, message] of refused) {
    it(`is refused for ${what}`, () => assert.match(findings(declared(args)), message));
  }

  it("takes no field that the service does not have", () => {
    assert.throws(
      () => quayRepositories({ curator: { password: "a" }, color: "red" } as never),
      /quayRepositories\(\).*color/s,
    );
    assert.throws(() => dockerHubRepositories({ visibility: "secret" as never }), /visibility/);
  });
});

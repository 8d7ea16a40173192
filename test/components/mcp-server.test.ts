import assert from "node:assert/strict";
import { mcpServer, type ChannelRelease, type McpServerTargetArgs } from "../../components";

const label = { "io.modelcontextprotocol.server.name": "io.github.acme/hello" };
const release: ChannelRelease = {
  distribution: "hello",
  version: "v1.2.3",
  sumsFile: "SHA256SUMS",
  archives: {},
  extraArtifacts: { bundle: ["hello.mcpb"] },
  releasedImages: {
    hello: {
      repositories: ["registry.acme.example/hello", "ghcr.io/acme/hello"],
      labels: label,
      mayHaveMore: false,
    },
    bare: { repositories: ["ghcr.io/acme/bare"], labels: {}, mayHaveMore: false },
    built: { repositories: ["ghcr.io/acme/built"], labels: {}, mayHaveMore: true },
    other: {
      repositories: ["ghcr.io/acme/other"],
      labels: { "io.modelcontextprotocol.server.name": "io.github.acme/other" },
      mayHaveMore: true,
    },
    inside: { repositories: ["registry.acme.example/inside"], labels: label, mayHaveMore: false },
  },
  downloadUrl: (file) => `https://github.com/acme/hello-mcp/releases/download/v1.2.3/${file}`,
  programs: {},
};

const server = (more: Partial<McpServerTargetArgs> = {}) =>
  mcpServer({
    name: "io.github.acme/hello",
    description: "Greets the world",
    packages: [{ image: "hello" }, { npm: "@acme/hello" }, { pypi: "hello" }, { bundle: "bundle" }],
    ...more,
  });

describe("mcpServer()", () => {
  it("takes what the registry takes, and what nobody can know of a Dockerfile", () => {
    assert.deepEqual(server().findings?.(release), []);
    assert.deepEqual(server({ packages: [{ image: "built" }] }).findings?.(release), []);
    const own = server({ packages: [{ image: "inside" }], registry: "https://mcp.acme.example" });
    assert.deepEqual(own.findings?.(release), []);
  });

  for (const [what, packages, reason] of [
    [
      "an image without the label",
      [{ image: "bare" }],
      /"bare" has no label io\.modelcontextprotocol\.server\.name.*labels: \{/,
    ],
    ["an image of another server", [{ image: "other" }], /has the label "io\.github\.acme\/other"/],
    [
      "an image where nobody looks",
      [{ image: "inside" }],
      /registry\.acme\.example\/inside.*takes images of docker\.io/,
    ],
    ["an image that is none", [{ image: "hallo" }], /"hallo" is not one of the images: hello, bare/],
    ["a bundle that is none", [{ bundle: "other" }], /is not one of extraArtifacts/],
    ["nothing for clients", [], /declare packages, or remotes/],
  ] as [string, McpServerTargetArgs["packages"] & object, RegExp][]) {
    it(`refuses ${what}`, () => {
      const [finding] = server({ packages }).findings?.(release) ?? [];
      assert.match(finding?.reason ?? "", reason);
    });
  }

  for (const [what, more, reason] of [
    ["a name that is no reversed domain", { name: "hello" }, /a reversed domain, a slash and a name/],
    ["a long description", { description: "x".repeat(101) }, /at most 100 characters/],
    [
      "two things in one package",
      { packages: [{ image: "hello", npm: "hello" }] },
      /one of image, npm, pypi and bundle/,
    ],
    ["an address in clear", { remotes: [{ type: "sse", url: "http://acme.example" }] }, /an https address/],
  ] as [string, Partial<McpServerTargetArgs>, RegExp][]) {
    it(`refuses ${what} before anything else`, () => {
      assert.throws(() => server(more), reason);
    });
  }
});

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import {
  mcpServer,
  npmPackages,
  ociRegistry,
  pypiProject,
  type ChannelRelease,
  type ChannelTarget,
  type McpServerTargetArgs,
} from "../../components";
import { checkDistribution } from "../../components/declaration/check-distribution";
import { temporaryDirectory } from "../tools/temporary-directory";

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

  describe("with packages that the release publishes", () => {
    const folder = temporaryDirectory();
    const npm = (mcpName?: string, more: object = {}) =>
      npmPackages({
        programs: { name: "@acme/hello", description: "Greets the world", ...(mcpName && { mcpName }) },
        ...more,
      });
    const pypi = (description?: string, more: object = {}) =>
      pypiProject({
        project: "Hello_World",
        wheels: { summary: "Greets the world", ...(description && { description }) },
        ...more,
      });
    const found = (channel: ChannelTarget, named: NonNullable<McpServerTargetArgs["packages"]>) =>
      server({ packages: named }).findings?.({
        ...release,
        shippedPackages: channel.shippedPackages?.(release) ?? [],
      });

    for (const [what, channel, taken] of [
      ["npm's programs that say so", () => npm("io.github.acme/hello"), true],
      ["npm's programs that do not", () => npm(), false],
      ["npm's programs of another server", () => npm("io.github.acme/hello-pro"), false],
      [
        "npm's programs in a registry of one's own",
        () => npm(undefined, { registry: "https://npm.acme.example" }),
        true,
      ],
    ] as [string, () => ChannelTarget, boolean][]) {
      it(`${taken ? "takes" : "refuses"} ${what}`, () => {
        const findings = found(channel(), [{ npm: "@acme/hello" }]);
        if (taken) return assert.deepEqual(findings, []);
        assert.equal(findings?.[0]?.property, "packages[0].npm");
        assert.match(
          findings?.[0]?.reason ?? "",
          /^"@acme\/hello": programs of npmPackages\(\) has .*: set it there \(a valid example: "mcpName": "io\.github\.acme\/hello"\)$/,
        );
        return undefined;
      });
    }

    it("refuses a package.json without it, and takes one that has it", async () => {
      const file = path.join(folder(), "package.json");
      const manifest = { name: "@acme/hello", version: "0.0.0" };
      await writeFile(file, JSON.stringify(manifest));
      const channel = npmPackages({ folder: folder(), token: "x" });
      assert.match(
        found(channel, [{ npm: "@acme/hello" }])?.[0]?.reason ?? "",
        /package\.json has no mcpName/,
      );
      assert.deepEqual(found(channel, [{ npm: "@acme/other" }]), []);
      await writeFile(file, JSON.stringify({ ...manifest, mcpName: "io.github.acme/hello" }));
      assert.deepEqual(found(channel, [{ npm: "@acme/hello" }]), []);
    });

    it("is told what the other channels of the distribution publish", async () => {
      const manifest = { name: "@acme/hello", version: "0.0.0", mcpName: "io.github.acme/other" };
      await writeFile(path.join(folder(), "package.json"), JSON.stringify(manifest));
      const declare = (name: string) =>
        checkDistribution("hello", {
          version: "v1.2.3",
          registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
          platforms: ["linux/amd64"],
          images: { hello: { files: [{ to: "/hello", content: "hello" }] } },
          channels: [
            server({ name, packages: [{ npm: "@acme/hello" }] }),
            npmPackages({ folder: folder(), token: "x" }),
          ],
        });
      declare("io.github.acme/other");
      assert.throws(
        () => declare("io.github.acme/hello"),
        /channels\[0\]\.packages\[0\]\.npm: "@acme\/hello": .*package\.json has the mcpName "io\.github\.acme\/other"/,
      );
    });

    for (const [description, taken] of [
      ["# Hello\n\nmcp-name: io.github.acme/hello\n", true],
      ["<!-- mcp-name: io.github.acme/hello-->", true],
      ["mcp-name: io.github.acme/hello", true],
      [undefined, false],
      ["mcp-name: io.github.acme/hello-pro", false],
      ["mcp-name: io.github.acme/hello.", false],
      ["mcp-name: io-github.acme/hello", false],
    ] as const) {
      it(`${taken ? "takes" : "refuses"} wheels whose README is ${JSON.stringify(description)}`, () => {
        const findings = found(pypi(description), [{ pypi: "hello-world" }]);
        if (taken) return assert.deepEqual(findings, []);
        assert.equal(findings?.[0]?.property, "packages[0].pypi");
        assert.match(
          findings?.[0]?.reason ?? "",
          /^"hello-world": .*add a line to it \(a valid example: "mcp-name: io\.github\.acme\/hello"\)$/,
        );
        return undefined;
      });
    }
  });

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

import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  DeclarationError,
  directoryRelease,
  Distribution,
  githubRelease,
  homebrewFormula,
  npmPackages,
  ociRegistry,
  pypiProject,
  type DistributionArgs,
} from "../../components";
import { askedMetrics } from "../../components/metrics";
import { publicAddresses } from "../../lib/metrics/asked";

const declared: DistributionArgs = {
  version: "v1.0.0",
  licenses: "Apache-2.0",
  registries: [
    ociRegistry({ host: "docker.io", namespace: "acme" }),
    ociRegistry({ host: "ghcr.io", namespace: "acme" }),
  ],
  platforms: ["linux/amd64", "darwin/arm64"],
  images: {
    app: {
      files: [{ to: "/app", source: "app" }],
      platforms: ["linux/amd64"],
      alsoRepositories: ["app-compat"],
    },
  },
  binaries: { app: { command: ["make"], sources: ["main.go"] } },
  archives: { app: { binaries: ["app"] } },
};
/** As the constructor has it. */
const askedOf = (more: Partial<DistributionArgs>) => askedMetrics("app", { ...declared, ...more });

describe("metrics of a distribution", () => {
  const findings = (more: Partial<DistributionArgs>): string => {
    try {
      new Distribution("app", { ...declared, ...more });
    } catch (error) {
      assert.ok(error instanceof DeclarationError, String(error));
      return error.message;
    }
    return "";
  };

  it("are those of nobody unless they are declared", () => {
    assert.equal(askedOf({}), undefined);
  });

  it("are of all repositories, the main one first, of the release and of packages that channels publish", () => {
    const asked = askedOf({
      metrics: { packages: [{ registry: "homebrew", name: "app" }] },
      release: githubRelease({ repository: "acme/app", endpoint: "https://github.acme.example/api/v3" }),
      channels: [
        npmPackages({
          programs: { name: "@acme/app", description: "Says its version" },
          token: pulumi.secret("x"),
        }),
        npmPackages({
          programs: { name: "@acme/app", description: "Says its version" },
          registry: "https://npm.acme.example",
        }),
        pypiProject({ project: "acme-app", wheels: { summary: "Says its version" } }),
        homebrewFormula({
          tap: "https://github.com/acme/homebrew-tap.git",
          author: { name: "Acme", email: "releases@acme.example" },
          description: "Says its version",
          homepage: "https://acme.example/app",
        }),
      ],
    });
    assert.deepEqual(asked, {
      images: [
        {
          image: "app",
          repositories: [
            "docker.io/acme/app",
            "ghcr.io/acme/app",
            "docker.io/acme/app-compat",
            "ghcr.io/acme/app-compat",
          ],
        },
      ],
      github: {
        repository: "acme/app",
        endpoint: "https://github.acme.example/api/v3",
        workflows: [],
        feedback: [],
      },
      packages: [
        { registry: "npm", name: "@acme/app" },
        { registry: "npm", name: "@acme/app-linux-x64", platform: "linux/amd64" },
        { registry: "npm", name: "@acme/app-darwin-arm64", platform: "darwin/arm64" },
        { registry: "pypi", name: "acme-app" },
        { registry: "homebrew", name: "acme/tap/app" },
        { registry: "homebrew", name: "app" },
      ],
      addresses: publicAddresses,
    });
  });

  it("are of the repository of the sources where the release is a folder, and of one that is named before all", () => {
    const release = directoryRelease({ directory: "public" });
    const source = "https://github.com/acme/sources";
    assert.equal(askedOf({ metrics: {}, release, source })?.github?.repository, "acme/sources");
    const named = askedOf({ metrics: { repository: "acme/named" }, release, source });
    assert.deepEqual(
      [named?.github?.repository, named?.github?.endpoint],
      ["acme/named", "https://api.github.com"],
    );
    assert.equal(askedOf({ metrics: {}, source: "https://git.acme.example/app" })?.github, undefined);
  });

  it("are read where a program says, each service by itself", () => {
    const addresses = { dockerHub: "http://127.0.0.1:1", github: "http://127.0.0.1:2" };
    const asked = askedOf({
      metrics: { addresses, feedback: ["bug"] },
      source: "https://github.com/acme/app",
    });
    assert.deepEqual(asked?.addresses, { ...publicAddresses, dockerHub: "http://127.0.0.1:1" });
    assert.deepEqual(asked?.github, {
      repository: "acme/app",
      endpoint: "http://127.0.0.1:2",
      workflows: [],
      feedback: ["bug"],
    });
  });

  const bad: readonly [metrics: DistributionArgs["metrics"], finding: RegExp][] = [
    [{ repository: "acme" }, /metrics\.repository.*"acme".*acme\/hello/],
    [{ workflows: ["ci"] }, /metrics\.workflows\[0\].*"ci".*release\.yml/],
    [{ feedback: ["bug"] }, /metrics\.repository.*feedback is of a repository of GitHub.*acme\/hello/],
    [
      { addresses: { npm: "https://user:secret@npm.example" } },
      /metrics\.addresses\.npm.*https:\/\/api\.npmjs\.org/,
    ],
    [{ addresses: { github: "http://github.example/api/v3" } }, /metrics\.addresses\.github.*not https/],
    [
      { packages: [{ registry: "npm", name: "../../x" }] },
      /metrics\.packages\[0\]\.name.*a name is expected/,
    ],
  ];
  for (const [metrics, finding] of bad) {
    it(`are refused before any resource: ${finding.source.slice(9, 40)}`, () => {
      const message = findings({ metrics });
      assert.match(message.replaceAll("\n", " "), finding);
      assert.ok(!message.includes("secret"), message);
    });
  }
});

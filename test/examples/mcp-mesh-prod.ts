import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { trivyDatabase } from "../lib/scan/planted";
import { crane } from "../support/clients";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { startPackageServer, toolVariables, type PackageServer } from "../support/python-packages";
import { startDistribution, type TestRegistry } from "../support/registries";
import { startTokenServer, type TokenServer } from "../support/token-server";
import { toolPath } from "../support/tools";
import { git, makeCheckout } from "./checkout";
import { ExampleProject } from "./example-project";
import type { ExampleWorkspace } from "./example-workspace";

/** Password of the key that releases are signed with. */
export const password = "of this test only";

/** Who may write to Docker Hub, and the token of the index of Python packages. */
const publisher = { username: "mcpmesh", password: "access token of the test" };
const pypiToken = "pypi-token of the test";

/**
 * MCP Mesh's prod stack with its endpoints redirected by configuration alone, and what they are
 * redirected to.
 */
export class MeshProd {
  private constructor(
    readonly project: ExampleProject,
    readonly dockerHub: TestRegistry,
    readonly ghcr: TestRegistry,
    readonly github: FakeGitHub,
    readonly repository: FakeRepository,
    private index: PackageServer,
    private readonly tokens: TokenServer,
  ) {}

  /** What no state and no output may have. */
  get secrets(): string[] {
    return [this.github.token, password, publisher.password, pypiToken];
  }

  /** Lets an update publish to each of them, or to none. */
  signIn(isSignedIn = true): void {
    const of = (value: string) => (isSignedIn ? value : "");
    Object.assign(this.project.env, {
      GITHUB_TOKEN: of(this.github.token),
      DOCKER_HUB_USERNAME: of(publisher.username),
      DOCKER_HUB_ACCESS_TOKEN: of(publisher.password),
      PYPI_API_TOKEN: of(pypiToken),
    });
  }

  /** Files of the index. */
  get packages(): string {
    return path.join(this.project.directory, ".slipway/packages");
  }

  /** The index instead of PyPI. */
  async redirectPypi(): Promise<void> {
    const { url } = this.index;
    await this.project.set("pypi", JSON.stringify({ simple: `${url}simple/`, upload: url }));
  }

  /** Ends the index, until {@link startIndex}. */
  stopIndex(): Promise<void> {
    return this.index.stop();
  }

  /** Starts it again where it was. */
  async startIndex(): Promise<void> {
    this.index = await startPackageServer(this.packages, undefined, this.index.port);
  }

  /** The index, as pip asks it. */
  get pypi(): Pick<PackageServer, "url"> {
    return this.index;
  }

  static async start(workspace: ExampleWorkspace): Promise<MeshProd> {
    const tokens = await startTokenServer({ users: { [publisher.username]: publisher.password } });
    const [dockerHub, ghcr, github] = await Promise.all([
      startDistribution({ auth: { ...tokens, realm: tokens.realm.replace("127.0.0.1", "localhost") } }),
      startDistribution(),
      FakeGitHub.start(),
    ]);
    const repository = github.repository("dhyansraj/mcp-mesh");
    const host = workspace.host;
    const project = await ExampleProject.copyOf("mcp-mesh", {
      workspace,
      stack: "prod",
      folder: "mcp-mesh-prod",
      config: {
        registry: dockerHub.host,
        ghcr: `${ghcr.host}/dhyansraj/mcp-mesh`,
        github: github.url,
        downloads: `${github.url}/dhyansraj/mcp-mesh/releases`,
        tap: ".slipway/tap.git",
        bucket: ".slipway/bucket.git",
        builder: "embedded",
        pythonImage: `bases/python:3.11@${await crane(["digest", `${host}/bases/python:3.11`])}`,
        commit: "0123456789abcdef0123456789abcdef01234567",
        scan: await scanWithOwnDatabase(workspace),
        remote: ".",
        watchedBy: "the test",
      },
      env: {
        ...toolVariables(),
        COSIGN_PASSWORD: password,
        GITHUB_TOKEN: "",
        GH_TOKEN: "",
        PATH: [path.dirname(toolPath("trivy")), workspace.env.PATH].join(path.delimiter),
      },
    });
    const pair = await generateKeyPairFiles(password);
    await project.write({ "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey });
    await makeCheckout(project);
    await git(project, "tag", "v1.0.0");
    const index = await startPackageServer(path.join(project.directory, ".slipway/packages"));
    const mesh = new MeshProd(project, dockerHub, ghcr, github, repository, index, tokens);
    mesh.signIn(false);
    return mesh;
  }

  async stop(): Promise<void> {
    const servers = [this.dockerHub, this.ghcr, this.github, this.index, this.tokens];
    await Promise.all(servers.map((server) => server.stop()));
  }

  /** Arguments for the policy pack with the example's configuration, for the redirected names. */
  async policies(): Promise<string[]> {
    const text = await readFile(path.join(this.project.directory, "policies.json"), "utf8");
    const redirected = text
      .replaceAll("docker.io/library/python", "*/bases/python")
      .replaceAll("docker.io/", `${this.dockerHub.host}/`)
      .replaceAll("ghcr.io/", `${this.ghcr.host}/`);
    await this.project.write({ "redirected.json": redirected });
    const pack = path.join(this.project.workspace.root, "policies");
    const config = path.join(this.project.directory, "redirected.json");
    return ["--policy-pack", pack, "--policy-pack-config", config];
  }

  /**
   * Counts what is written from now on.
   *
   * @returns the requests so far that were no reading, at any of the three places
   */
  watch(): () => string[] {
    const registries = [this.dockerHub, this.ghcr];
    const before = registries.map((registry) => registry.requests().length);
    this.github.forget();
    return () => [
      ...registries.flatMap((registry, index) =>
        registry
          .requests()
          .slice(before[index])
          .filter(({ method }) => method !== "GET" && method !== "HEAD")
          .map(({ method, path: at }) => `${method} ${registry.host}${at}`),
      ),
      ...this.github.writes(),
    ];
  }
}

/** The scan of prod, with a small database of this machine in Trivy's own format. */
export async function scanWithOwnDatabase(workspace: ExampleWorkspace): Promise<string> {
  const databaseDirectory = await trivyDatabase(path.join(workspace.root, "trivy"));
  const scanner = { name: "trivy", offline: true, databaseDirectory };
  return JSON.stringify({ failOn: "critical", fixableOnly: true, scanner });
}

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { EXAMPLES } from "../../tools/examples";
import { AptMachine } from "../support/apt";
import { crane, runClient } from "../support/clients";
import { startDocker, type DockerEngine } from "../support/docker";
import type { CliResult } from "../support/engine";
import { FakeGitHub } from "../support/fake-github";
import { writeKeyPair } from "../support/key-pair";
import { feedKey, NugetFeed } from "../support/nuget-feed";
import { openPgpKey } from "../support/openpgp";
import type { ServerProcess } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { startStaticServer } from "../support/static-server";
import { startTokenServer, type TokenServer } from "../support/token-server";
import { toolPath } from "../support/tools";
import { ExampleProject } from "./example-project";
import type { ExampleWorkspace } from "./example-workspace";
import { withoutDatabase } from "./prod-stack";

/** A website of somebody else, with the places for what a release says. @param clone folder that its author works in */
async function makeWebsite(remote: string, clone: string): Promise<void> {
  const regions = ["docker", "compose", "binaries"].map(
    (name) => `<!-- slipway:begin ${name} -->\n<!-- slipway:end ${name} -->`,
  );
  const page = ["# Install", "MLOS Core runs anywhere.", ...regions, "## Help", "Ask us."].join("\n\n");
  await runClient("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
  await runClient("git", ["clone", "--quiet", remote, clone]);
  await mkdir(path.join(clone, "docs"));
  await writeFile(path.join(clone, "docs", "install.md"), `${page}\n`);
  const who = ["-c", "user.name=Author", "-c", "user.email=author@mlosfoundation.example"];
  await runClient("git", ["-C", clone, "add", "--all"]);
  await runClient("git", ["-C", clone, ...who, "commit", "--quiet", "--message", "page"]);
  await runClient("git", ["-C", clone, "push", "--quiet", "origin", "HEAD:main"]);
}

/** Passwords of a key and of a user, of these tests only. */
const password = "of this test only";
const user = { username: "actor", password: "token of the run" };

/** A scanner that needs no network: it looks for secrets. */
const scan = { kinds: ["secret"], scanner: { name: "trivy", offline: true, databaseDirectory: "none" } };

/**
 * The prod stacks of MLOS with their endpoints redirected to this machine, by configuration alone.
 * The registry that stands for ghcr.io takes writes of its user only, and lets anybody read.
 */
export class RedirectedMlos {
  readonly secrets = [password, user.password];

  private constructor(
    readonly axon: ExampleProject,
    readonly core: ExampleProject,
    readonly distro: ExampleProject,
    readonly github: FakeGitHub,
    readonly hub: TestRegistry,
    private readonly ghcr: TestRegistry,
    private readonly tokens: TokenServer,
    private readonly engine: DockerEngine,
    private readonly basesHost: string,
    private readonly folder: string,
    private readonly served: ServerProcess & { url: string },
    readonly feed: NugetFeed,
  ) {
    this.secrets.push(github.token, feedKey);
  }

  static async create(workspace: ExampleWorkspace): Promise<RedirectedMlos> {
    const basesHost = await workspace.registry();
    const tokens = await startTokenServer({ users: { [user.username]: user.password } });
    // By its name: cosign asks no token server whose address it sees to be private.
    const realm = tokens.realm.replace("127.0.0.1", "localhost");
    const ghcr = await startDistribution({ auth: { ...tokens, realm } });
    const hub = await startDistribution();
    const github = await FakeGitHub.start();
    for (const name of ["axon", "core", "mlos-distro"]) github.repository(`mlOS-foundation/${name}`);
    const engine = await startDocker();
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-mlos-prod-"));
    await mkdir(path.join(folder, "nobody"));
    for (const name of ["core", "distro"]) await mkdir(path.join(folder, "apt", name), { recursive: true });
    const served = await startStaticServer(path.join(folder, "apt"));
    const feed = await NugetFeed.start(path.join(folder, "feed"));
    const auth = Buffer.from(`${user.username}:${user.password}`).toString("base64");
    await writeFile(path.join(folder, "config.json"), JSON.stringify({ auths: { [ghcr.host]: { auth } } }));
    const env = {
      COSIGN_PASSWORD: password,
      DOCKER_CONFIG: folder,
      DOCKER_HOST: engine.host,
      GITHUB_TOKEN: github.token,
      PATH: [workspace.env.PATH, path.dirname(toolPath("trivy"))].join(path.delimiter),
    };
    const debian = `${basesHost}/bases/debian:12@${await crane(["digest", `${basesHost}/bases/debian:12`])}`;
    const stack = async (name: string, config: Record<string, string>) => {
      const redirected = { registry: ghcr.host, github: github.url, ...config };
      const options = { workspace, stack: "prod", folder: `${name}-prod`, config: redirected, env };
      const project = await ExampleProject.copyOf(name, options);
      await writeKeyPair(project.directory, "cosign", password);
      return project;
    };
    // Both are in one tap, as those of an organization are.
    const tap = path.join(folder, "tap.git");
    await runClient("git", ["init", "--quiet", "--bare", "--initial-branch=main", tap]);
    const website = path.join(folder, "website.git");
    await makeWebsite(website, path.join(folder, "website"));
    const apt = { aptKey: await openPgpKey("ed25519") };
    const chocolatey = { chocolateyKey: feedKey, chocolateyFeed: feed.source };
    const built = { tap, ...chocolatey, builder: "embedded", scan: JSON.stringify(scan) };
    const core = {
      ...built,
      ...apt,
      website,
      apt: path.join(folder, "apt/core"),
      aptUrl: `${served.url}/core`,
      dockerHub: `${hub.host}/mlosfoundation`,
      runtimeImage: debian,
      // A machine of tests has other work, too.
      startSeconds: "60",
    };
    const distro = {
      ...built,
      ...apt,
      apt: path.join(folder, "apt/distro"),
      aptUrl: `${served.url}/distro`,
      snap: "true",
      axonReleases: `${github.url}/mlOS-foundation/axon`,
      coreReleases: `${github.url}/mlOS-foundation/core`,
      ubuntuImage: debian,
    };
    return new RedirectedMlos(
      await stack("axon", {}),
      await stack("mlos-core", core),
      await stack("mlos-distro", distro),
      ...([github, hub, ghcr, tokens, engine, basesHost, folder, served, feed] as const),
    );
  }

  /** A formula of the tap. */
  formula(name: string): Promise<string> {
    return runClient("git", ["-C", path.join(this.folder, "tap.git"), "show", `main:Formula/${name}.rb`]);
  }

  /** The page of the website on the installation. */
  websitePage(): Promise<string> {
    return runClient("git", ["-C", path.join(this.folder, "website.git"), "show", "main:docs/install.md"]);
  }

  /** A machine on which users have added the APT repository. */
  async aptMachine(repository: "core" | "distro", source: string): Promise<AptMachine> {
    const machine = await AptMachine.make(path.join(this.folder, "machines", repository), "amd64");
    const answer = await fetch(`${this.served.url}/${repository}/${source}`);
    await machine.source(await answer.text());
    return machine;
  }

  async remove(): Promise<void> {
    const servers = [this.engine, this.github, this.hub, this.ghcr, this.tokens, this.served, this.feed];
    await Promise.all(servers.map((server) => server.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Host of the registry that has the base images. */
  get bases(): string {
    return this.basesHost;
  }

  /** A repository where ghcr.io is played. */
  repository(image: string): string {
    return `${this.ghcr.host}/mlos-foundation/${image}`;
  }

  /** Environment of Docker's client, signed in nowhere. */
  get dockerEnvironment(): NodeJS.ProcessEnv {
    return { ...this.anonymous, DOCKER_HOST: this.engine.host };
  }

  /** Environment of a client that is signed in nowhere. */
  get anonymous(): NodeJS.ProcessEnv {
    return { DOCKER_CONFIG: path.join(this.folder, "nobody") };
  }

  /**
   * Runs the CLI with the policy pack, in the example's own configuration with the redirected
   * places.
   */
  async guarded(project: ExampleProject, command: readonly string[]): Promise<CliResult> {
    const name = path.basename(project.directory).replace(/-prod$/, "");
    const text = await readFile(path.join(EXAMPLES, name, "policies.json"), "utf8");
    const here = text
      .replaceAll("ghcr.io/", `${this.ghcr.host}/`)
      .replaceAll("docker.io/mlosfoundation", `${this.hub.host}/mlosfoundation`)
      .replaceAll(/"(docker\.io\/library|gcr\.io\/distroless)\/[^"]+"/g, `"${this.basesHost}/bases/*"`);
    const pack = await project.policyPack({ ...(JSON.parse(here) as object), ...withoutDatabase });
    return project.run([...command, "--stack", "prod", ...pack]);
  }

  /** An update with the policy pack. @throws where it fails */
  async up(project: ExampleProject): Promise<string> {
    const { code, text } = await this.guarded(project, ["up", "--yes", "--skip-preview"]);
    if (code !== 0) throw new Error(text);
    return text;
  }
}

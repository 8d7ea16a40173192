import { crane } from "../support/clients";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { htpasswdUser, startDistribution, type TestRegistry } from "../support/registries";
import { RequestRecord, tagDigests } from "../end-to-end/observation";
import { commitOf, git, makeCheckout } from "./bleu-os-release";
import type { ExampleProject } from "./example-project";
import type { ExampleWorkspace } from "./example-workspace";
import { ProdStack, redirectPolicies, redirectProd } from "./prod-stack";

/** What stands for the services of Bleu OS's prod stack. */
export interface StandIns {
  ghcr: TestRegistry;
  dockerHub: TestRegistry;
  /** Only who signs in may do anything there. */
  enterprise: TestRegistry;
  /** Where one entry more copies the image to. */
  quay: TestRegistry;
  github: FakeGitHub;
}

/**
 * The prod stack of Bleu OS with its endpoints redirected to this machine, by configuration alone.
 */
export class BleuProd extends ProdStack {
  private constructor(
    project: ExampleProject,
    policyPack: readonly string[],
    readonly services: StandIns,
    readonly releases: FakeRepository,
  ) {
    super(project, services.dockerHub.host, policyPack);
  }

  /** @param workspace with the base images that stand for those of Docker Hub */
  static async create(workspace: ExampleWorkspace): Promise<BleuProd> {
    const embedded = await workspace.registry();
    const [ghcr, dockerHub, enterprise, quay, github] = await Promise.all([
      startDistribution(),
      startDistribution(),
      startDistribution({ auth: "htpasswd" }),
      startDistribution(),
      FakeGitHub.start(),
    ]);
    const base = async (name: string, tag: string) => {
      const reference = `${dockerHub.host}/library/${name}`;
      await crane(["copy", `${embedded}/bases/${name}:${tag}`, `${reference}:${tag}`]);
      return `${reference}:${tag}@${await crane(["digest", `${reference}:${tag}`])}`;
    };
    const project = await redirectProd("bleu-os", {
      workspace,
      config: {
        registry: ghcr.host,
        dockerHub: `${dockerHub.host}/bleuos`,
        enterprise: `${enterprise.host}/enterprise`,
        github: github.url,
        goImage: await base("golang", "latest"),
        debianImage: await base("debian", "12"),
        commit: commitOf("1.0.0"),
      },
      env: { GITHUB_TOKEN: github.token, GH_TOKEN: "" },
    });
    const { username, password } = htpasswdUser;
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    await project.dockerConfig({ auths: { [enterprise.host]: { auth } } });
    await makeCheckout(project);
    await git(project, "tag", "v1.0.0");
    const policies = await redirectPolicies(project, {
      "docker.io": dockerHub.host,
      "ghcr.io": ghcr.host,
      "registry.bleuos.com": enterprise.host,
    });
    const allowed = policies["allowed-registries"] as { registries: string[] };
    allowed.registries.push(`${quay.host}/bleuos/*`);
    const services = { ghcr, dockerHub, enterprise, quay, github };
    const releases = github.repository("helloblueai/bleu-os");
    return new BleuProd(project, await project.policyPack(policies), services, releases);
  }

  /** Repository of an image in each of the registries. */
  repositories(image = "bleu-os"): Record<Exclude<keyof StandIns, "github">, string> {
    const { ghcr, dockerHub, enterprise, quay } = this.services;
    return {
      ghcr: `${ghcr.host}/helloblueai/${image}`,
      dockerHub: `${dockerHub.host}/bleuos/${image}`,
      enterprise: `${enterprise.host}/enterprise/${image}`,
      quay: `${quay.host}/bleuos/${image}`,
    };
  }

  /** The writing requests to all services while something happens. */
  async writesDuring(action: () => Promise<unknown>): Promise<string[]> {
    const { github, ...registries } = this.services;
    const records = Object.values(registries).map((registry) => new RequestRecord(registry));
    for (const record of records) await record.take();
    github.forget();
    await action();
    const written = (await Promise.all(records.map((record) => record.takeWrites()))).flat();
    return [...written.map(({ method, path }) => `${method} ${path}`), ...github.writes()];
  }

  /** Who has signed in to the registry of enterprise customers. */
  get signedIn(): NodeJS.ProcessEnv {
    return { DOCKER_CONFIG: this.project.env.DOCKER_CONFIG };
  }

  /** Digests by tag in each of the registries, as crane reads them. */
  async published(image = "bleu-os"): Promise<Record<string, Record<string, string>>> {
    const entries = Object.entries(this.repositories(image)).map(
      async ([name, repository]): Promise<[string, Record<string, string>]> => [
        name,
        await tagDigests(repository, this.signedIn),
      ],
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  async stop(): Promise<void> {
    await Promise.all(
      Object.values(this.services).map((service: { stop(): Promise<void> }) => service.stop()),
    );
  }
}

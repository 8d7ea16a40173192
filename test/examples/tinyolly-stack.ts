import { crane } from "../support/clients";
import { FakeGitHub, type FakeRelease, type FakeRepository } from "../support/fake-github";
import { tagDigests } from "../end-to-end/observation";
import type { ExampleProject } from "./example-project";
import type { ExampleWorkspace } from "./example-workspace";
import { ProdStack, redirectPolicies, redirectProd } from "./prod-stack";
import { imageNames } from "./tinyolly";

/**
 * Images of others that run beside TinyOlly, under the names that they have in a registry of this
 * machine.
 */
export const beside = (host: string): Record<string, string> => ({
  redis: `${host}/library/redis:7-alpine`,
  collector: `${host}/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:latest`,
  supervisor: `${host}/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-opampsupervisor:latest`,
});

/**
 * The prod stack of TinyOlly's example with its endpoints redirected to this machine, by
 * configuration alone.
 */
export class RedirectedProd extends ProdStack {
  private constructor(
    project: ExampleProject,
    host: string,
    private readonly github: FakeGitHub,
    private readonly releases: FakeRepository,
    policyPack: readonly string[],
  ) {
    super(project, host, policyPack);
  }

  /** @param workspace with the base images that stand for those of Docker Hub */
  static async create(workspace: ExampleWorkspace): Promise<RedirectedProd> {
    const host = await workspace.registry();
    const copies = [
      ["python:3.11", `${host}/library/python:3.11.2-slim`],
      ["golang:latest", `${host}/library/golang:1.26.8`],
      ...Object.values(beside(host)).map((image) => ["debian:12", image] as const),
    ] as const;
    for (const [base, target] of copies)
      await crane(["copy", `${host}/bases/${base}`, target], workspace.signedIn);
    const github = await FakeGitHub.start();
    const releases = github.repository("tinyolly/tinyolly");
    const project = await redirectProd("tinyolly", {
      workspace,
      config: {
        registry: host,
        pythonImage: `${host}/library/python:3.11.2-slim`,
        pythonVersion: "3.11",
        goImage: `${host}/library/golang:1.26.8`,
        collectorImage: "stand-in",
        supervisorImage: "stand-in",
        externalImages: JSON.stringify(beside(host)),
        github: github.url,
      },
      env: { GITHUB_TOKEN: github.token },
    });
    const policies = await redirectPolicies(project, { "docker.io": host, "ghcr.io": host });
    // The stand-in's stage has the name of an image, and is none.
    const [bases, pinned] = ["allowed-bases", "bases-pinned-by-digest"].map((rule) => policies[rule]);
    Object.assign(bases ?? {}, {
      bases: [...(bases as { bases: string[] }).bases, "docker.io/library/stand-in"],
    });
    Object.assign(pinned ?? {}, { except: ["stand-in"] });
    return new RedirectedProd(project, host, github, releases, await project.policyPack(policies));
  }

  /** The release of a tag, as the stand-in for GitHub has it. */
  released(tag: string): FakeRelease | undefined {
    return this.releases.published(tag);
  }

  /** Ends what was started for it. */
  async remove(): Promise<void> {
    await this.github.stop();
  }

  repository(image: string, namespace = "tinyolly"): string {
    return `${this.host}/${namespace}/${image}`;
  }

  /** Digests of what is published, by image and tag, as crane reads them. */
  async published(namespace = "tinyolly"): Promise<Record<string, Record<string, string>>> {
    const entries = imageNames.map(async (name) => [
      name,
      await tagDigests(this.repository(name, namespace)),
    ]);
    return Object.fromEntries(await Promise.all(entries)) as Record<string, Record<string, string>>;
  }
}

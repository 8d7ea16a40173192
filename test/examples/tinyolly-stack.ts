import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../sigstore";
import { crane } from "../support/clients";
import { repository, type CliResult } from "../support/engine";
import { FakeGitHub, type FakeRelease, type FakeRepository } from "../support/fake-github";
import { toolPath } from "../support/tools";
import { tagDigests } from "../end-to-end/observation";
import { ExampleProject } from "./example-project";
import type { ExampleWorkspace } from "./example-workspace";
import { imageNames } from "./tinyolly";

const password = "of this test only";

/** A scanner that needs no network: it looks for secrets. */
const scan = { kinds: ["secret"], scanner: { name: "trivy", offline: true, databaseDirectory: "none" } };

/** Images of others that run beside TinyOlly, under the names that they have in a registry of this machine. */
export const beside = (host: string): Record<string, string> => ({
  redis: `${host}/library/redis:7-alpine`,
  collector: `${host}/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:latest`,
  supervisor: `${host}/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-opampsupervisor:latest`,
});

/** What a run is made with: configuration of the stack, where absent takes a key away. */
export type Configuration = Readonly<Record<string, string | undefined>>;

/** The prod stack of TinyOlly's example with its endpoints redirected to this machine, by configuration alone. */
export class RedirectedProd {
  private constructor(
    readonly project: ExampleProject,
    /** The registry that stands for docker.io and ghcr.io. */
    readonly host: string,
    private readonly github: FakeGitHub,
    private readonly releases: FakeRepository,
    private readonly policyPack: string[],
  ) {}

  /** @param workspace with the base images that stand for those of Docker Hub */
  static async create(workspace: ExampleWorkspace): Promise<RedirectedProd> {
    const host = await workspace.registry();
    await crane(["copy", `${host}/bases/python:3.11`, `${host}/library/python:3.11.2-slim`]);
    await crane(["copy", `${host}/bases/golang:latest`, `${host}/library/golang:1.26.8`]);
    for (const image of Object.values(beside(host))) await crane(["copy", `${host}/bases/debian:12`, image]);
    const github = await FakeGitHub.start();
    const releases = github.repository("tinyolly/tinyolly");
    const project = await ExampleProject.copyOf("tinyolly", {
      stack: "prod",
      folder: "tinyolly-prod",
      workspace,
      config: {
        registry: host,
        builder: "embedded",
        pythonImage: `${host}/library/python:3.11.2-slim`,
        pythonVersion: "3.11",
        goImage: `${host}/library/golang:1.26.8`,
        collectorImage: "stand-in",
        supervisorImage: "stand-in",
        scan: JSON.stringify(scan),
        externalImages: JSON.stringify(beside(host)),
        github: github.url,
      },
      env: {
        COSIGN_PASSWORD: password,
        GITHUB_TOKEN: github.token,
        PATH: [workspace.env.PATH, path.dirname(toolPath("trivy"))].join(path.delimiter),
      },
    });
    const pair = await generateKeyPairFiles(password);
    await project.write({ "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey });
    const text = await readFile(path.join(repository, "examples/tinyolly/policies.json"), "utf8");
    const policies = JSON.parse(text.replaceAll(/"(docker\.io|ghcr\.io)\//g, `"${host}/`)) as Record<
      string,
      object
    >;
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

  /** Runs the CLI on the stack, with the policy pack. */
  async run(command: readonly string[], configuration: Configuration = {}): Promise<CliResult> {
    for (const [key, value] of Object.entries(configuration)) {
      if (value === undefined) await this.project.succeed(["config", "rm", key, "--stack", "prod"]);
      else await this.project.set(key, value);
    }
    return this.project.run([...command, "--stack", "prod", ...this.policyPack]);
  }

  /** What would change. @throws where the preview fails */
  async preview(configuration: Configuration = {}): Promise<string> {
    return succeeded(await this.run(["preview", "--diff"], configuration));
  }

  /** @throws where the update fails */
  async up(configuration: Configuration = {}): Promise<string> {
    return succeeded(await this.run(["up", "--yes", "--skip-preview"], configuration));
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

function succeeded({ code, text }: CliResult): string {
  if (code !== 0) throw new Error(text);
  return text;
}

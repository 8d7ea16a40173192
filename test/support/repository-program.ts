import assert from "node:assert/strict";
import { EngineProject } from "./engine";
import { startDistribution, type TestRegistry } from "./registries";
import type { ServerProcess } from "./processes";
import { startStaticServer } from "./static-server";

/** A repository of packages in a folder, as a program declares it. */
interface DeclaredRepository {
  /** Function of the package that makes it, e.g. `aptRepository`. */
  readonly channel: string;
  /** Its arguments but for what all such repositories take, as TypeScript. @param url of its folder */
  readonly args: (url: string) => string;
  /** Folder that is served. */
  readonly directory: string;
  readonly key: string;
}

/** A project with two programs that a repository in a folder has, a registry, and a server of its folder. */
export class RepositoryProject {
  /** Keys that programs give, first the one that is not on its way out. */
  private keys: readonly string[];
  private keyFields = "";

  private constructor(
    private readonly registry: TestRegistry,
    private readonly host: ServerProcess & { url: string },
    readonly engine: EngineProject,
    private readonly declared: DeclaredRepository,
  ) {
    this.keys = [declared.key];
  }

  static async start(declared: DeclaredRepository): Promise<RepositoryProject> {
    const registry = await startDistribution();
    const engine = await EngineProject.create({
      program: "",
      files: { "app.txt": "1", "app.yaml": "port: 80\n" },
    });
    const project = new RepositoryProject(
      registry,
      await startStaticServer(engine.directory),
      engine,
      declared,
    );
    await project.declare("v1.0.0");
    return project;
  }

  /** Address that its folder is served under. */
  get url(): string {
    return `${this.host.url}/${this.declared.directory}`;
  }

  async stop(): Promise<void> {
    await this.host.stop();
    await this.registry.stop();
    await this.engine.remove();
  }

  /**
   * Programs that are written from now on have another key, and the one of before beside it.
   *
   * @param fields of the repository, which another key needs too, as TypeScript
   */
  replaceKey(key: string, fields = ""): void {
    this.keys = [key, this.declared.key];
    this.keyFields = `${fields} formerKey: { key: pulumi.secret(${JSON.stringify(this.declared.key)}), until: "2999-12-31" },`;
  }

  /**
   * Writes the program.
   *
   * @param change more fields of the package, as TypeScript
   */
  declare(version: string, change = ""): Promise<void> {
    const { channel, directory, args } = this.declared;
    return this.engine.program(`
import * as pulumi from "@pulumi/pulumi";
import { ${channel}, directoryRelease, Distribution, ociRegistry } from "@slipway";

const program = {
  sources: ["app.txt"],
  command: ["sh", "-c", "printf '#!/bin/sh\\necho {name} {semver} {arch}\\n' > {output}/{name}{exe} && chmod +x {output}/{name}{exe}"],
  platforms: ["linux/amd64", "linux/arm64", "darwin/arm64"],
  executable: false,
};
new Distribution("app", {
  version: "${version}",
  licenses: "Apache-2.0",
  binaries: { app: program, appctl: program },
  registries: [ociRegistry({ host: "${this.registry.host}" })],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  platforms: ["linux/amd64"],
  archives: { app: { binaries: ["app", "appctl"] } },
  release: directoryRelease({ directory: "public", baseUrl: "${this.host.url}/public" }),
  channels: [
    ${channel}({
      directory: "${directory}",
      ${args(this.url)}
      maintainer: "Acme <releases@acme.example>",
      key: pulumi.secret(${JSON.stringify(this.keys[0])}),
      ${this.keyFields}
      packages: {
        app: {
          programs: ["app", "appctl"],
          description: "Says its version",
          files: [{ to: "/etc/app/app.yaml", source: "app.yaml" }],
          ${change}
        },
      },
    }),
  ],
});
`);
  }

  /** Refuses lines of keys in the state in clear. */
  async assertKeyIsHidden(): Promise<void> {
    const lines = this.keys.flatMap((key) => key.split(/\r?\n/).filter((line) => line.length > 40));
    assert.ok(lines.length > 2 * this.keys.length);
    const state = await this.engine.state();
    for (const line of lines) assert.ok(!state.includes(line));
  }
}

import * as path from "node:path";
import type { Context } from "mocha";
import {
  buildxBuilders,
  dockerBuildPlugin,
  requireBuildKit,
  startBuildKit,
  type BuildKit,
} from "../support/buildkit";
import { EngineProject, type EngineProjectOptions } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { buildTool, pushRootfs } from "./five-images";

/** A registry, a BuildKit that pushes to it, and a base image for what is built there. */
export class BuildKitPlace {
  private constructor(
    readonly registry: TestRegistry,
    private readonly buildkit: BuildKit,
    private readonly tool: Awaited<ReturnType<typeof buildTool>>,
    /** Variables by which buildx finds its builders. */
    readonly env: { BUILDX_CONFIG: string },
    /** Reference of the base image. */
    readonly rootfs: string,
    private readonly builder: string,
  ) {}

  /**
   * @param context suite, which is not executed where something is missing
   * @param builder name by which buildx knows the BuildKit
   * @param more further builders, by name
   */
  static async open(
    context: Context,
    builder: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<BuildKitPlace> {
    requireBuildKit(context);
    requireTools(context, "pulumi", "registry", "crane", "go");
    const registry = await startDistribution();
    const buildkit = await startBuildKit([registry.host]);
    const tool = await buildTool();
    const env = await buildxBuilders(path.join(tool.folder, "buildx"), {
      [builder]: buildkit.address,
      ...more,
    });
    const rootfs = `${registry.host}/external/rootfs:1.0.0`;
    const place = new BuildKitPlace(registry, buildkit, tool, env, rootfs, builder);
    await place.pushBase();
    return place;
  }

  /** Folder for what is put aside. */
  get folder(): string {
    return this.tool.folder;
  }

  /** Pushes the base image, or one that differs by lines of its Dockerfile. */
  async pushBase(lines = ""): Promise<void> {
    await pushRootfs(this.rootfs, this.folder, { name: this.builder, env: this.env }, lines);
  }

  /** A project whose images are built here. */
  create(options: EngineProjectOptions): Promise<EngineProject> {
    const env = { ...this.env, ...options.env };
    return EngineProject.create({ ...options, env, plugins: { "docker-build": dockerBuildPlugin() } });
  }

  async close(): Promise<void> {
    await this.buildkit.stop();
    await this.tool.remove();
    await this.registry.stop();
  }
}

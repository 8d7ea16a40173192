import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";
import { ExampleProject } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";

/** Configuration of an image, as clients see it. */
export interface ImageConfig {
  config: {
    Labels?: Record<string, string>;
    ExposedPorts?: Record<string, object>;
    Healthcheck?: { Test: string[] };
    User?: string;
  };
}

interface Index {
  manifests: { digest: string; platform: { os: string; architecture: string } }[];
}

/**
 * The three examples of MLOS in one workspace, and what clients that are not ours see of what they
 * publish.
 */
export class MlosWorkspace {
  private constructor(
    readonly workspace: ExampleWorkspace,
    readonly axon: ExampleProject,
    readonly core: ExampleProject,
    readonly distro: ExampleProject,
    private readonly folder: string,
  ) {}

  static async create(): Promise<MlosWorkspace> {
    const workspace = await ExampleWorkspace.shared();
    const projects = [];
    for (const name of ["axon", "mlos-core", "mlos-distro"]) {
      projects.push(await ExampleProject.copyOf(name, { workspace }));
    }
    const [axon, core, distro] = projects as [ExampleProject, ExampleProject, ExampleProject];
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-mlos-"));
    return new MlosWorkspace(workspace, axon, core, distro, folder);
  }

  async remove(): Promise<void> {
    await this.workspace.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  repository(image: string): string {
    return `${this.workspace.host}/${image}`;
  }

  digest(image: string, tag: string): Promise<string> {
    return crane(["digest", `${this.repository(image)}:${tag}`]);
  }

  /** Platforms of an index. */
  async platforms(image: string, tag: string): Promise<string[]> {
    const index = JSON.parse(await crane(["manifest", `${this.repository(image)}:${tag}`])) as Index;
    return index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`);
  }

  async config(image: string, tag: string, platform = "linux/amd64"): Promise<ImageConfig["config"]> {
    const text = await crane(["config", "--platform", platform, `${this.repository(image)}:${tag}`]);
    return (JSON.parse(text) as ImageConfig).config;
  }

  /** Sum of what is transferred, in bytes. */
  async size(image: string, tag: string, platform: string): Promise<number> {
    const text = await crane(["manifest", "--platform", platform, `${this.repository(image)}:${tag}`]);
    const { layers } = JSON.parse(text) as { layers: { size: number }[] };
    return layers.reduce((sum, { size }) => sum + size, 0);
  }

  /** The files of an image, unpacked into a folder. */
  async unpacked(image: string, tag: string, platform = "linux/amd64"): Promise<string> {
    const archive = path.join(this.folder, "image.tar");
    await crane(["export", "--platform", platform, `${this.repository(image)}:${tag}`, archive]);
    return this.unpack(archive);
  }

  /** An archive, unpacked into a folder of its own. */
  async unpack(archive: string): Promise<string> {
    const target = await mkdtemp(path.join(this.folder, "unpacked-"));
    await runClient("tar", ["-xf", archive, "-C", target]);
    return target;
  }

  /** An empty folder. */
  empty(): Promise<string> {
    return mkdtemp(path.join(this.folder, "empty-"));
  }
}

/** Paths of the files below a folder, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const text = await runClient("sh", ["-c", `cd "$0" && find . ! -type d | sed 's|^[.]/||' | sort`, folder]);
  return text.split("\n");
}

/** Folder of a release in a directory of releases. */
export function releaseFolder(project: ExampleProject, repository: string, tag: string): string {
  return path.join(project.directory, ".slipway/releases", repository, "releases/download", tag);
}

/** What `file` says of a program. */
export function fileType(file: string): Promise<string> {
  return runClient("file", ["--brief", file]);
}

import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { hindrance } from "../../lib/embedded/buildkit-daemon";
import { emulateArm64 } from "../../lib/buildkit/emulation";
import { buildxBuilders, dockerBuildPlugin, startBuildKit, type BuildKit } from "../../test/support/buildkit";
import { runClient } from "../../test/support/clients";
import { EngineProject, resourceCounts } from "../../test/support/engine";
import { atExit } from "../../test/support/processes";
import { startDistribution, type TestRegistry } from "../../test/support/registries";
import { findTool } from "../../test/support/tools";
import { expectImages, type BuiltDigests } from "../buildkit/expect-images";
import {
  bakeFile,
  baseOf,
  builderName,
  imageNames,
  platforms,
  projectFiles,
  publishExternalImages,
  slipwayProgram,
  type ExternalImages,
} from "../buildkit/fixture";
import { NotExecuted, type Contest, type Contestant, type Job } from "../contest";
import { emptyProgram } from "../empty-program";
import { Stopwatch } from "../stopwatch";

/** What all runs have. */
interface Workplace {
  readonly folder: string;
  /** Registry of the images that the Dockerfiles start from. */
  readonly registry: TestRegistry;
  readonly external: ExternalImages;
}

/** A builder and a registry of which nothing has been asked before. */
interface Site {
  readonly host: string;
  /** Makes buildx, and the plugin, use the builder. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/** Images from Dockerfiles, against the command that builds several with the same builder. */
export const buildkit: Job = {
  name: "buildkit",
  description:
    `${imageNames.length} images for ${platforms.length} platforms from Dockerfiles, with the same buildkitd: pulumi up of a distribution, ` +
    "against docker buildx bake --push",
  async prepare() {
    const programs = [
      "buildkitd",
      "docker-buildx",
      "pulumi-resource-docker-build",
      "registry",
      "crane",
      "go",
    ];
    const absent = programs.filter((name) => findTool(name) === undefined);
    const why =
      absent.length > 0
        ? `neither in $SLIPWAY_TOOLS nor on PATH: ${absent.join(", ")}`
        : (hindrance(process.env) ?? emulateArm64());
    if (why !== undefined) throw new NotExecuted(why);
    const registry = await startDistribution();
    const folder = await mkdtemp(path.join(os.tmpdir(), "slipway-bake-"));
    const callOff = atExit(() => rmSync(folder, { recursive: true, force: true }));
    const place: Workplace = { folder, registry, external: await publishExternalImages(registry.host) };
    let open = 2;
    const close = async () => {
      open -= 1;
      if (open > 0) return;
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
      callOff();
    };
    return [await cold(place, close), await warm(place, close)];
  },
};

/** Builder, registry, project and state are new in every run. */
async function cold(place: Workplace, close: () => Promise<void>): Promise<Contest> {
  const built: Record<string, BuiltDigests> = {};
  const ours = new Stopwatch("pulumi up");
  const peer = new Stopwatch("docker buildx bake");
  const contestants: [Contestant, Contestant] = [
    {
      name: ours.name,
      run: (round) =>
        atNewSite(place, async (site) => {
          const project = await slipwayProject(place, site);
          try {
            const seconds = await ours.time(round, () => project.upWithoutPreview());
            expectSame(built, ours.name, await expectImages(site.host));
            return seconds;
          } finally {
            await project.remove();
          }
        }),
    },
    {
      name: peer.name,
      run: (round) =>
        atNewSite(place, async (site) => {
          const folder = await bakeProject(place, site);
          const seconds = await peer.time(round, () => bake(folder, site));
          expectSame(built, peer.name, await expectImages(site.host));
          return seconds;
        }),
    },
  ];
  return contest("cold", contestants, [ours, peer], close);
}

/**
 * Everything was built and pushed before, by the same builder to the same registry: nothing has
 * changed.
 */
async function warm(place: Workplace, close: () => Promise<void>): Promise<Contest> {
  let sites: [Site, Site] | undefined;
  let project: EngineProject | undefined;
  let folder: string | undefined;
  const open = async () => (sites ??= await sitesOfOneBuilder(place));
  const ours = new Stopwatch("pulumi up");
  const peer = new Stopwatch("docker buildx bake");
  const contestants: [Contestant, Contestant] = [
    {
      name: ours.name,
      run: async (round) => {
        const [site] = await open();
        if (!project) {
          project = await slipwayProject(place, site);
          await project.upWithoutPreview();
        }
        const again = project;
        let text = "";
        const seconds = await ours.time(round, async () => (text = await again.upWithoutPreview()));
        const changed = Object.keys(resourceCounts(text)).filter((kind) => kind !== "unchanged");
        if (changed.length > 0)
          throw new Error(`an unchanged program: resources are ${changed.join(", ")}\n${text}`);
        await expectImages(site.host);
        return seconds;
      },
    },
    {
      name: peer.name,
      run: async (round) => {
        const [, site] = await open();
        if (folder === undefined) {
          folder = await bakeProject(place, site);
          await bake(folder, site);
        }
        const again = folder;
        const seconds = await peer.time(round, () => bake(again, site));
        await expectImages(site.host);
        return seconds;
      },
    },
  ];
  return contest("warm", contestants, [ours, peer], async () => {
    await project?.remove();
    await Promise.all((sites ?? []).map((site) => site.close()));
    await close();
  });
}

async function contest(
  variant: string,
  [ours, peer]: [Contestant, Contestant],
  watches: Stopwatch[],
  close: () => Promise<void>,
): Promise<Contest> {
  const empty = await emptyProgram((project) => project.upWithoutPreview());
  const watch = new Stopwatch("pulumi up of an empty program");
  return {
    variant,
    runs: 5,
    ours,
    peers: [peer],
    beside: [{ name: watch.name, run: (round) => watch.time(round, () => empty.contestant.run(round)) }],
    notes: async () => [
      "user and system time without the builder and the registries: " +
        [...watches, watch].map((each) => `${each.name} ${each.processorTime().toFixed(2)} s`).join(", "),
    ],
    close: async () => {
      await empty.close();
      await close();
    },
  };
}

/**
 * Both sides have to make the same images, so that they have done the same work. Those that are
 * built on another one have another history, since the peer builds the base again as part of them.
 */
function expectSame(built: Record<string, BuiltDigests>, side: string, digests: BuiltDigests): void {
  built[side] = digests;
  for (const [other, expected] of Object.entries(built)) {
    for (const name of imageNames.filter((each) => baseOf(each) === undefined)) {
      if (expected[name]?.join() === digests[name]?.join()) continue;
      throw new Error(
        `${name}: ${side} has made ${digests[name]?.join()}, ${other} ${expected[name]?.join()}`,
      );
    }
  }
}

async function atNewSite<T>(place: Workplace, work: (site: Site) => Promise<T>): Promise<T> {
  const registry = await startDistribution();
  const builder = await startBuildKit([place.registry.host, registry.host]);
  const site = await siteOf(place, registry, builder);
  try {
    return await work(site);
  } finally {
    await site.close();
    await builder.stop();
  }
}

/** Each side has a registry of its own, so that it finds what it has pushed itself. */
async function sitesOfOneBuilder(place: Workplace): Promise<[Site, Site]> {
  const [ours, peers] = [await startDistribution(), await startDistribution()];
  const builder = await startBuildKit([place.registry.host, ours.host, peers.host]);
  const [first, second] = [await siteOf(place, ours, builder), await siteOf(place, peers, builder)];
  return [{ ...first, close: () => first.close().then(() => builder.stop()) }, second];
}

async function siteOf({ folder }: Workplace, registry: TestRegistry, builder: BuildKit): Promise<Site> {
  const configuration = await mkdtemp(path.join(folder, "buildx-"));
  const env = await buildxBuilders(configuration, { [builderName]: builder.address });
  return { host: registry.host, env, close: () => registry.stop() };
}

function slipwayProject({ external }: Workplace, { host, env }: Site): Promise<EngineProject> {
  return EngineProject.create({
    program: slipwayProgram(host),
    files: projectFiles(external),
    env,
    plugins: { "docker-build": dockerBuildPlugin() },
  });
}

async function bakeProject({ folder, external }: Workplace, { host }: Site): Promise<string> {
  const project = await mkdtemp(path.join(folder, "project-"));
  for (const [name, content] of Object.entries(projectFiles(external))) {
    const file = path.join(project, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await writeFile(path.join(project, "docker-bake.json"), bakeFile(host));
  return project;
}

async function bake(folder: string, { env }: Site): Promise<void> {
  const script = 'cd "$0" && exec "$@"';
  const buildx = findTool("docker-buildx") ?? "docker-buildx";
  const args = ["bake", "--builder", builderName, "--file", "docker-bake.json", "--progress", "plain"];
  await runClient("sh", ["-c", script, folder, buildx, ...args], { ...env, DOCKER_CONFIG: folder });
}

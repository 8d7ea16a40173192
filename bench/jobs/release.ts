import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { runClient } from "../../test/support/clients";
import { EngineProject, resourceCounts } from "../../test/support/engine";
import { atExit } from "../../test/support/processes";
import { startDistribution, type TestRegistry } from "../../test/support/registries";
import { toolPath } from "../../lib/machine/tool-path";
import type { Contest, Contestant, Job } from "../contest";
import { emptyProgram, timed } from "../empty-program";
import { expectRelease } from "../release/expect-release";
import { slipwayProgram, targets, version, writeGoReleaserProject, writeSources } from "../release/fixture";

/** What both sides have; Go's build cache is that of the user, for both. */
interface Workplace {
  /** Where the projects of GoReleaser are. */
  readonly folder: string;
  readonly registry: TestRegistry;
  readonly goreleaser: string;
  readonly env: Record<string, string>;
}

/**
 * Binaries, archives and sums of one Go program, against GoReleaser, which does no more and no less
 * with them.
 */
export const release: Job = {
  name: "release",
  description:
    `binaries of a Go program for ${targets.length} targets, archives of them and sums, with a warm Go build cache: ` +
    "pulumi up of a distribution, against goreleaser release --snapshot --clean",
  async prepare(say) {
    const goreleaser = await toolPath("goreleaser", { onProgress: (line) => say(`  ${line}`) });
    const registry = await startDistribution();
    const folder = await mkdtemp(path.join(os.tmpdir(), "slipway-release-"));
    const callOff = atExit(() => rmSync(folder, { recursive: true, force: true }));
    // GoReleaser's project is a Git repository, and Slipway's is not: the stamp would make their
    // binaries differ.
    const env = { GOFLAGS: "-buildvcs=false" };
    const place: Workplace = { folder, registry, goreleaser, env };
    let open = 2;
    const close = async () => {
      open -= 1;
      if (open > 0) return;
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
      callOff();
    };
    const seconds = await timed(async () => rm(await goReleaserRun(place), { recursive: true }));
    say(`  filling the build cache takes ${seconds.toFixed(1)} s, once`);
    return [await first(place, close), await unchanged(place, close)];
  },
};

/**
 * Everything is new: project, program, state, caches of the project, outputs. Warm are Go's build
 * cache, and what Slipway keeps of the SDK for all programs of a user.
 */
async function first(place: Workplace, close: () => Promise<void>): Promise<Contest> {
  const empty = await emptyProgram((project) => project.upWithoutPreview());
  const ours: Contestant = {
    name: "pulumi up",
    run: async () => {
      const project = await slipwayProject(place);
      try {
        const seconds = await timed(() => project.upWithoutPreview());
        await expectRelease(releaseFolder(project));
        return seconds;
      } finally {
        await project.remove();
      }
    },
  };
  const peer: Contestant = {
    name: "goreleaser release",
    run: async () => {
      let seconds = 0;
      const folder = await goReleaserRun(place, (taken) => (seconds = taken));
      await rm(folder, { recursive: true, force: true });
      return seconds;
    },
  };
  return contest("first", ours, peer, empty, close);
}

/** The same again, in the same place. */
async function unchanged(place: Workplace, close: () => Promise<void>): Promise<Contest> {
  const empty = await emptyProgram((project) => project.upWithoutPreview());
  let project: EngineProject | undefined;
  let folder: string | undefined;
  const ours: Contestant = {
    name: "pulumi up",
    run: async () => {
      if (!project) {
        project = await slipwayProject(place);
        await project.upWithoutPreview();
      }
      let text = "";
      const again = project;
      const seconds = await timed(async () => (text = await again.upWithoutPreview()));
      const changed = Object.keys(resourceCounts(text)).filter((kind) => kind !== "unchanged");
      if (changed.length > 0)
        throw new Error(`an unchanged program: resources are ${changed.join(", ")}\n${text}`);
      await expectRelease(releaseFolder(project));
      return seconds;
    },
  };
  const peer: Contestant = {
    name: "goreleaser release",
    run: async () => {
      folder ??= await goReleaserRun(place);
      return goRelease(place, folder);
    },
  };
  return contest("unchanged", ours, peer, empty, async () => {
    await project?.remove();
    await close();
  });
}

function contest(
  variant: string,
  ours: Contestant,
  peer: Contestant,
  empty: Awaited<ReturnType<typeof emptyProgram>>,
  close: () => Promise<void>,
): Contest {
  return {
    variant,
    runs: 5,
    ours,
    peers: [peer],
    beside: [{ ...empty.contestant, name: "pulumi up of an empty program" }],
    notes: async () => [
      "pulumi up is the whole command; it publishes a small image and a release directory too, and reads them back",
    ],
    close: async () => {
      await empty.close();
      await close();
    },
  };
}

/** A new project; it publishes to a namespace that nothing was published to. */
async function slipwayProject({ registry, env }: Workplace): Promise<EngineProject> {
  const namespace = `bench-${randomUUID()}`;
  const project = await EngineProject.create({ program: slipwayProgram(registry.host, namespace), env });
  await writeSources(project.directory);
  return project;
}

function releaseFolder(project: EngineProject): string {
  return path.join(project.directory, "releases", "releases", "download", `v${version}`);
}

/** A new project that GoReleaser has released once. */
async function goReleaserRun(place: Workplace, told: (seconds: number) => void = () => undefined) {
  const folder = await mkdtemp(path.join(place.folder, "goreleaser-"));
  await writeGoReleaserProject(folder);
  told(await goRelease(place, folder));
  return folder;
}

async function goRelease({ goreleaser, env }: Workplace, folder: string): Promise<number> {
  const script = 'cd "$0" && exec "$1" release --snapshot --clean';
  const seconds = await timed(() => runClient("sh", ["-c", script, folder, goreleaser], env));
  await expectRelease(path.join(folder, "dist"));
  return seconds;
}

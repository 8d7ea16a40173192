import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineProject } from "../../test/support/engine";
import { atExit } from "../../test/support/processes";
import { ProviderProcess } from "../../test/support/provider-process";
import { startDebianRegistry, startDistribution, type TestRegistry } from "../../test/support/registries";
import { findTool } from "../../test/support/tools";
import { median, type Contest, type Contestant, type Job } from "../contest";
import { timed } from "../empty-program";
import { imageCount, publishFixture } from "../mirror/fixture";
import { fixtureTag, type FixtureImage } from "../mirror/fixture-image";
import { copyAll, findPeers, peerConcurrency, type Peer } from "../mirror/peers";
import { expectImage } from "../mirror/registry-http";
import { describeTraffic, trafficOf, type Traffic } from "../mirror/traffic";
import { peakMemory } from "../peak-memory";

/** Time that a registry is given to write the last lines of its access log, in milliseconds. */
const logDelayMs = 200;

interface Variant {
  name: string;
  program: string;
  start: () => Promise<TestRegistry>;
}

const variants: readonly Variant[] = [
  { name: "Distribution 2.8", program: "docker-registry", start: () => startDebianRegistry() },
  { name: "Distribution 3", program: "registry", start: () => startDistribution() },
];

/** Mirroring images from a registry to an empty one, against the tools that copy images. */
export const mirror: Job = {
  name: "mirror",
  description:
    `mirroring ${imageCount} images of 2 platforms with 5 layers of 4-20 MB each, 60 % of the bytes shared, from one registry ` +
    "to another that is new in every run: the provider's creates, against tools that copy images",
  async prepare(say) {
    const { peers, notExecuted } = await findPeers(say);
    const present = variants.filter(({ program }) => findTool(program) !== undefined);
    for (const { name, program } of variants.filter((variant) => !present.includes(variant))) {
      notExecuted.push(`${name}: not executed: ${program} is neither in $SLIPWAY_TOOLS nor on PATH`);
    }
    if (present.length === 0 || peers.length === 0) throw new Error(notExecuted.join("\n"));
    for (const text of notExecuted) say(`  ${text}`);
    const contests: Contest[] = [];
    try {
      for (const variant of present) {
        contests.push(await prepareContest(variant, peers, notExecuted, say));
      }
    } catch (error) {
      await Promise.all(contests.map((contest) => contest.close()));
      throw error;
    }
    return contests;
  },
};

async function prepareContest(
  variant: Variant,
  peers: readonly Peer[],
  notExecuted: readonly string[],
  say: (text: string) => void,
): Promise<Contest> {
  const source = await variant.start();
  const folder = await mkdtemp(path.join(os.tmpdir(), "slipway-mirror-"));
  const callOff = atExit(() => rmSync(folder, { recursive: true, force: true }));
  const seen = new Map<string, Traffic[]>();
  let peak = 0;
  let images: FixtureImage[] = [];
  const close = async () => {
    await source.stop();
    await rm(folder, { recursive: true, force: true });
    callOff();
  };
  try {
    const seconds = await timed(async () => {
      images = await publishFixture(source.host);
    });
    say(`  publishing the fixture to ${variant.name} takes ${seconds.toFixed(1)} s, once`);
  } catch (error) {
    await close();
    throw error;
  }

  /**
   * A side that works with a registry of its own in every run, whose content is checked afterwards.
   */
  const side = (name: string, work: (target: TestRegistry) => Promise<number>): Contestant => ({
    name,
    run: async () => {
      const target = await variant.start();
      try {
        const seconds = await work(target);
        await sleep(logDelayMs);
        const traffic = trafficOf(target.requests(), images);
        for (const image of images) await expectImage(target.host, image.repository, image);
        seen.set(name, [...(seen.get(name) ?? []), traffic]);
        return seconds;
      } finally {
        await target.stop();
      }
    },
  });

  const ours = side("provider", async (target) => {
    const provider = await ProviderProcess.start(folder);
    try {
      const seconds = await timed(async () => {
        const held = await Promise.all(
          images.map((image) =>
            provider.create("slipway:oci:Mirror", mirrorInputs(source.host, target.host, image)),
          ),
        );
        for (const { state } of held) expectComplete(state.missing);
      });
      peak = Math.max(peak, await peakMemory(provider.process.pid ?? 0));
      return seconds;
    } finally {
      await provider.stop();
    }
  });

  const engine = side("pulumi up, whole", async (target) => {
    const inputs = images.map((image) => mirrorInputs(source.host, target.host, image));
    const project = await EngineProject.create({ program: program(inputs) });
    try {
      const seconds = await timed(() => project.upWithoutPreview());
      const { missing } = await project.outputs<{ missing: string[][] }>();
      for (const list of missing) expectComplete(list);
      return seconds;
    } finally {
      await project.remove();
    }
  });

  const theirs = peers.map((peer) =>
    side(peer.name, async (target) => {
      const pairs = images.map(({ repository }) => {
        const reference = (host: string) => `${host}/${repository}:${fixtureTag}`;
        return [reference(source.host), reference(target.host)] as const;
      });
      return timed(() => copyAll(peer, pairs, folder));
    }),
  );

  return {
    variant: variant.name,
    runs: 5,
    ours,
    peers: theirs,
    beside: [engine],
    notes: async () => [
      `peers copy ${peerConcurrency} images at a time, each in a process of its own; the provider's ${imageCount} creates are called at once`,
      ...[...seen].map(([name, list]) => `to the target, ${name}: ${describeTraffic(middle(list))}`),
      `peak memory of the provider: ${peak > 0 ? `${(peak / 1024 ** 2).toFixed(0)} MiB` : "not measured on this system"}`,
      ...notExecuted,
    ],
    close,
  };
}

function mirrorInputs(from: string, to: string, { repository, digest }: FixtureImage) {
  return {
    source: `${from}/${repository}`,
    target: `${to}/${repository}`,
    digest,
    tags: [{ tag: fixtureTag, moves: "never" }],
  };
}

function program(inputs: readonly object[]): string {
  return `
import { Mirror } from "@slipway";
const inputs = ${JSON.stringify(inputs)};
export const missing = inputs.map((input, index) => new Mirror("image-" + index, input).missing);
`;
}

/** A mirror that could not be completed says so in its state, and does not fail. */
function expectComplete(missing: unknown): void {
  if (!Array.isArray(missing) || missing.length > 0) throw new Error(`missing: ${JSON.stringify(missing)}`);
}

/** Of several runs the one with the median of bytes. */
function middle(list: readonly Traffic[]): Traffic {
  const wanted = median(list.map(({ uploads }) => uploads.bytes));
  const [nearest] = [...list].sort(
    (a, b) => Math.abs(a.uploads.bytes - wanted) - Math.abs(b.uploads.bytes - wanted),
  );
  return nearest ?? { requests: 0, uploads: { count: 0, bytes: 0 }, mounts: 0 };
}

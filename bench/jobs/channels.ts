import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { resourceCounts } from "../../test/support/engine";
import { openPgpKey } from "../../test/support/openpgp";
import { startDistribution, type TestRegistry } from "../../test/support/registries";
import { findTool } from "../../test/support/tools";
import { channelCount, ChannelsStack } from "../channels/channels-stack";
import { addVersion, writeGrownRepository, type Added } from "../channels/grown-repository";
import { median, NotExecuted, type Contest, type Contestant, type Job } from "../contest";
import { targets } from "../release/fixture";
import { Stopwatch } from "../stopwatch";

/** Versions that a repository has which has grown. */
const versions = 500;

/** What a release costs that is given to every channel, and a repository that has grown. */
export const channels: Job = {
  name: "channels",
  description:
    `pulumi up of a release for ${targets.length} targets that is given to ${channelCount} channels, against one that ` +
    `is given to none; and of a version added to an APT repository with ${versions} versions, against an empty one`,
  async prepare() {
    const absent = ["registry", "pypi-server", "verdaccio", "mcp-registry", "go", "git"].filter(
      (name) => findTool(name) === undefined,
    );
    if (absent.length > 0)
      throw new NotExecuted(`neither in $SLIPWAY_TOOLS nor on PATH: ${absent.join(", ")}`);
    const registry = await startDistribution();
    let open = 2;
    const close = async () => {
      open -= 1;
      if (open === 0) await registry.stop();
    };
    return [release("new", registry, close), release("unchanged", registry, close), await grown()];
  },
};

/** A release with all channels, against the same one without. */
function release(variant: "new" | "unchanged", registry: TestRegistry, close: () => Promise<void>): Contest {
  const [ours, peer] = [side(variant, registry, true), side(variant, registry, false)];
  return {
    variant,
    runs: 5,
    ours: ours.contestant,
    peers: [peer.contestant],
    notes: () => {
      const [own, other] = [ours.watch, peer.watch].map((watch) => watch.processorTime());
      const ratio = (own ?? Number.NaN) / (other ?? Number.NaN);
      return Promise.resolve([
        `processor time: ${own?.toFixed(2)} s and ${other?.toFixed(2)} s, ratio ${ratio.toFixed(2)}`,
      ]);
    },
    close: async () => {
      await ours.close();
      await peer.close();
      await close();
    },
  };
}

function side(variant: "new" | "unchanged", { host }: TestRegistry, withChannels: boolean) {
  const watch = new Stopwatch(withChannels ? `${channelCount} channels` : "no channel");
  let stack: ChannelsStack | undefined;
  const contestant: Contestant = {
    name: watch.name,
    async run(round) {
      if (variant === "new") {
        await stack?.remove();
        stack = undefined;
      }
      const isNew = stack === undefined;
      stack ??= await ChannelsStack.create(host, `bench-${randomUUID()}`, withChannels);
      const { project } = stack;
      if (variant === "unchanged" && isNew) await project.upWithoutPreview();
      let text = "";
      const seconds = await watch.time(round, async () => (text = await project.upWithoutPreview()));
      const expected = variant === "new" ? "created" : "unchanged";
      const changed = Object.keys(resourceCounts(text)).filter((kind) => kind !== expected);
      if (changed.length > 0) throw new Error(`resources are ${changed.join(", ")}\n${text}`);
      await stack.expectGiven();
      return seconds;
    },
  };
  return { watch, contestant, close: async () => stack?.remove() };
}

/** A version added to a repository with many, against an empty one. */
async function grown(): Promise<Contest> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "slipway-grown-"));
  const key = await openPgpKey("ed25519");
  const adding = async (count: number) => {
    const repository = path.join(folder, String(count));
    await writeGrownRepository(repository, key, count);
    const added: Added[] = [];
    const contestant: Contestant = {
      name: `${count} versions`,
      async run(round) {
        const one = await addVersion(repository, key, count + 1);
        if (round > 0) added.push(one);
        return one.seconds;
      },
    };
    const middle = (of: keyof Added) => median(added.map((one) => one[of]));
    return { contestant, middle };
  };
  const [ours, peer] = [await adding(versions), await adding(0)];
  return {
    variant: "APT repository",
    runs: 5,
    ours: ours.contestant,
    peers: [peer.contestant],
    notes: () => {
      const more = (of: keyof Added) => ours.middle(of) - peer.middle(of);
      return Promise.resolve([
        `${more("seconds").toFixed(2)} s more, ${more("processorSeconds").toFixed(2)} s of processor time, ` +
          `${Math.round(more("peakBytes") / 2 ** 20)} MiB of the provider's highest memory`,
        "earlier packages are named pipes: whoever opened one would wait for good",
      ]);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { ProviderProcess } from "../../test/support/provider-process";
import { startDistribution } from "../../test/support/registries";
import { toolPath } from "../../test/support/tools";
import type { Job } from "../contest";
import { timed } from "../empty-program";
import { peakMemory } from "../peak-memory";

const run = promisify(execFile);
const layerBytes = 1024 ** 3;
const memoryLimitBytes = 200 * 1024 ** 2;

/** Pushing one large layer, against crane with the same image. */
export const push: Job = {
  name: "push",
  description:
    "pushing an image with a layer of 1 GiB of random bytes: the provider's create, against crane push of the same image",
  async prepare(say) {
    const folder = await mkdtemp(path.join(os.tmpdir(), "slipway-push-"));
    const registry = await startDistribution();
    const crane = toolPath("crane");
    await writeRandom(path.join(folder, "layer.bin"), layerBytes);
    const inputs = (repository: string) => ({
      repository: `${registry.host}/${repository}`,
      platform: "linux/amd64",
      layers: [{ files: [{ to: "/layer.bin", source: "layer.bin" }] }],
    });
    // As in `pulumi up`, one process assembles for the preview and another one pushes.
    const preview = await ProviderProcess.start(folder);
    const assembling = await timed(() => preview.check("slipway:oci:Image", inputs("preview")));
    const peaks = { assembling: await peakMemory(preview.process.pid ?? 0), pushing: 0 };
    await preview.stop();
    say(`  assembling takes ${assembling.toFixed(2)} s, once`);
    let digest = "";
    const ours = async (round: number): Promise<number> => {
      const provider = await ProviderProcess.start(folder);
      try {
        let state: Record<string, unknown> = {};
        const seconds = await timed(async () => {
          state = (await provider.create("slipway:oci:Image", inputs(`ours-${round}`))).state;
        });
        digest = String(state.digest);
        peaks.pushing = Math.max(peaks.pushing, await peakMemory(provider.process.pid ?? 0));
        await expectDigest(`${registry.host}/ours-${round}@${digest}`, digest);
        return seconds;
      } finally {
        await provider.stop();
      }
    };
    const expectDigest = async (reference: string, expected: string) => {
      const { stdout } = await run(crane, ["digest", reference]);
      if (stdout.trim() !== expected) throw new Error(`${reference}: ${stdout.trim()}, not ${expected}`);
    };
    const layout = path.join(folder, "layout");
    const theirs = async (round: number): Promise<number> => {
      if (round === 0)
        await run(crane, ["pull", "--format=oci", `${registry.host}/ours-0@${digest}`, layout]);
      const reference = `${registry.host}/crane-${round}:v1`;
      const seconds = await timed(() => run(crane, ["push", layout, reference]));
      await expectDigest(reference, digest);
      return seconds;
    };
    return {
      runs: 5,
      ours: { name: "provider", run: ours },
      peers: [{ name: "crane push", run: theirs }],
      notes: async () => {
        const peak = Math.max(peaks.assembling, peaks.pushing);
        if (peak > memoryLimitBytes) throw new Error(`the provider took ${mebibytes(peak)} MiB of memory`);
        const seen = `assembling ${mebibytes(peaks.assembling)} MiB, pushing ${mebibytes(peaks.pushing)} MiB`;
        return [`peak memory of the provider: ${peak > 0 ? seen : "not measured on this system"}`];
      },
      close: async () => {
        await registry.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

async function writeRandom(file: string, size: number): Promise<void> {
  const handle = await open(file, "w");
  const step = 8 * 1024 * 1024;
  for (let written = 0; written < size; written += step)
    await handle.write(randomBytes(Math.min(step, size - written)));
  await handle.close();
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

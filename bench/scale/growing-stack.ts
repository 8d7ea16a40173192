import { once } from "node:events";
import { EngineProject } from "../../test/support/engine";
import type { TestRegistry } from "../../test/support/registries";
import type { Contestant } from "../contest";
import { childrenProcessorTime } from "../processor-time";
import { ProcessWatch, type Role, type Spent } from "./process-watch";

/** What a run came to. */
interface Seen {
  readonly processes: Record<Role, Spent>;
  readonly stateBytes: number;
  readonly requests: number;
}

/** What is different in a run. */
export type Variant = "new" | "one image changed" | "unchanged";

/** A program with that many images, each from one small file. */
export class GrowingStack {
  private readonly seen = new Map<Variant, Seen>();
  private version = 0;

  private constructor(
    private readonly registry: TestRegistry,
    private readonly count: number,
    private project: EngineProject,
  ) {}

  static async create(registry: TestRegistry, count: number): Promise<GrowingStack> {
    return new GrowingStack(registry, count, await EngineProject.create({ program: "" }));
  }

  contestant(variant: Variant): Contestant {
    return {
      name: `${this.count} images`,
      run: async (round) => {
        if (variant === "new") {
          await this.project.remove();
          this.project = await EngineProject.create({ program: this.program(`${this.count}-${round}`) });
          await this.project.write(files(this.count, "new"));
        }
        if (variant === "one image changed") {
          this.version += 1;
          await this.project.write({ "file-0": `changed ${this.version}` });
          await this.project.configure({ rebuilt: `2026010${this.version}` });
        }
        return this.up(variant);
      },
    };
  }

  /** What the last run came to, by process and by image. */
  note(variant: Variant): string {
    const seen = this.seen.get(variant);
    if (!seen) return `${this.count} images: no run has succeeded`;
    const { processes, stateBytes, requests } = seen;
    const times = (["engine", "program", "provider"] as const).map((role) => {
      const { seconds, peakBytes } = processes[role];
      return `${role} ${seconds.toFixed(1)} s, ${Math.round(peakBytes / 2 ** 20)} MiB`;
    });
    return (
      `${this.count} images: ${times.join("; ")}; an image: ${Math.round(stateBytes / this.count)} bytes of state, ` +
      `${(requests / this.count).toFixed(1)} requests`
    );
  }

  remove(): Promise<void> {
    return this.project.remove();
  }

  /** Updates, and gives the processor time of all processes, in seconds. */
  private async up(variant: Variant): Promise<number> {
    const [asked, before] = [this.registry.requests().length, await childrenProcessorTime()];
    const { child, text } = this.project.start(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    const watch = new ProcessWatch(child.pid ?? 0);
    const [code] = (await once(child, "close")) as [number | null];
    const processes = await watch.spent();
    if (code !== 0) throw new Error(text());
    const seconds = (await childrenProcessorTime()) - before;
    this.seen.set(variant, {
      processes,
      stateBytes: Buffer.byteLength(await this.project.state()),
      requests: this.registry.requests().length - asked,
    });
    return seconds;
  }

  private program(namespace: string): string {
    return `
import * as pulumi from "@pulumi/pulumi";
import { Distribution, ociRegistry, semverTags, throwAwayKey } from "@slipway";
new Distribution("bench", {
  version: "v1.0.0",
  rebuilt: new pulumi.Config().get("rebuilt"),
  registries: [ociRegistry({ host: ${JSON.stringify(this.registry.host)}, namespace: ${JSON.stringify(namespace)} })],
  platforms: ["linux/amd64", "linux/arm64"],
  images: Object.fromEntries(
    Array.from({ length: ${this.count} }, (_, i) => ["image-" + i, { files: [{ source: "file-" + i, to: "/file" }] }]),
  ),
  tags: semverTags({ prefix: "v", aliases: ["minor", "major", "latest"] }),
  trust: { sign: throwAwayKey() },
});
`;
  }
}

function files(count: number, content: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`file-${i}`, `${content} ${i}`]));
}

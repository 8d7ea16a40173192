import { EngineProject } from "../../test/support/engine";
import { startDistribution } from "../../test/support/registries";
import type { Job } from "../contest";
import { emptyProgram } from "../empty-program";
import { countBy, UnchangedPreview } from "../unchanged-preview";

const imageCount = 20;
const tagsPerImage = 10;

/** `pulumi preview` of many tags, each read from the registry, against an empty program. */
export const tags: Job = {
  name: "tags",
  description: `pulumi preview of ${imageCount * tagsPerImage} tags on ${imageCount} images, unchanged, against an empty program`,
  async prepare() {
    const registry = await startDistribution();
    const project = await EngineProject.create({ program: program(registry.host) });
    await project.up();
    const empty = await emptyProgram();
    const preview = new UnchangedPreview(project, registry);
    return {
      runs: 5,
      ours: { name: `${imageCount * tagsPerImage} tags`, run: () => preview.run() },
      peers: [empty.contestant],
      notes: async () => {
        const { requests } = preview;
        const tagReads = requests.filter((request) => /\/manifests\/(?!sha256:)/.test(request));
        const most = Math.max(...[...countBy(tagReads).values()]);
        if (most > 1) throw new Error(`a tag was asked for ${most} times in one preview`);
        return [
          `requests of one preview: ${requests.length}, for tags ${tagReads.length}, at most ${most} for each tag`,
        ];
      },
      close: async () => {
        await Promise.all([project.remove(), empty.close(), registry.stop()]);
      },
    };
  },
};

function program(host: string): string {
  return `
import { Image, Tags } from "@slipway";
for (let i = 0; i < ${imageCount}; i++) {
  const repository = ${JSON.stringify(host)} + "/bench/image-" + i;
  const image = new Image("image-" + i, {
    repository,
    platform: "linux/amd64",
    layers: [{ files: [{ to: "/name", content: "image " + i }] }],
  });
  new Tags("image-" + i + ":version-tags", {
    repository,
    digest: image.digest,
    tags: Array.from({ length: ${tagsPerImage} }, (_, t) => ({ tag: "v1.0." + t, moves: "never" })),
  });
}
`;
}

import { mkdir, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { entryText } from "../../lib/release/published-version";
import { EngineProject } from "../../test/support/engine";
import { startDistribution, type TestRegistry } from "../../test/support/registries";
import type { Contestant, Job } from "../contest";
import { timed } from "../empty-program";
import { countBy, UnchangedPreview } from "../unchanged-preview";

const images = ["api", "web", "worker"];
const filesPerRelease = 10;
const few = 5;
const many = 500;

/** Largest state that so many versions may make, in bytes. */
const largestState = 1.5e6;

/** `pulumi preview` with many earlier versions, each tag of which is read, against few of them. */
export const ledger: Job = {
  name: "ledger",
  description:
    `pulumi preview after ${many} versions of ${images.length} images with ${filesPerRelease} files each, unchanged, ` +
    `against one after ${few}`,
  async prepare() {
    const registry = await startDistribution();
    const [ours, peer] = [await stack(registry, many), await stack(registry, few)];
    const bytes = Buffer.byteLength(await ours.project.state());
    return {
      runs: 5,
      ours: ours.contestant,
      peers: [peer.contestant],
      notes: async () => {
        if (bytes > largestState) throw new Error(`the state has ${bytes} bytes, more than ${largestState}`);
        return [
          `state: ${(bytes / 1e6).toFixed(2)} MB`,
          `the requests alone, ${many * images.length} tags: ${(await ours.requestsAlone()).toFixed(2)} s`,
          `tags asked for in one preview: ${ours.asked().size}, at most ${Math.max(...ours.asked().values())} times each`,
        ];
      },
      close: async () => {
        await Promise.all([ours.project.remove(), peer.project.remove(), registry.stop()]);
      },
    };
  },
};

/** A stack that has published that many versions, and previews the last of them. */
async function stack(registry: TestRegistry, count: number) {
  const namespace = `ledger-${count}`;
  const project = await EngineProject.create({ program: program(registry.host, namespace) });
  await project.up();
  const references = await publishEarlier(project, registry, namespace, count);
  const preview = new UnchangedPreview(project, registry);
  const contestant: Contestant = { name: `${count} versions`, run: () => preview.run() };
  return {
    project,
    contestant,
    asked: () => countBy(preview.requests.filter((target) => /\/manifests\/v0\./.test(target))),
    requestsAlone: () => timed(() => Promise.all(references.map((url) => fetch(url, { method: "HEAD" })))),
  };
}

/**
 * Publishes versions as `up` would have: tags, files and entries of the ledger.
 *
 * @returns URLs of the tags
 */
async function publishEarlier(
  project: EngineProject,
  { host }: TestRegistry,
  namespace: string,
  count: number,
): Promise<string[]> {
  const state = JSON.parse(await project.state()) as {
    deployment: { resources: { type: string; outputs: { versions: Record<string, string> } }[] };
  };
  const outputs = state.deployment.resources.find(({ type }) => type === "slipway:release:Ledger")?.outputs;
  if (!outputs) throw new Error("the stack has no ledger");
  const manifests = await Promise.all(
    images.map(async (image) => {
      const url = `http://${host}/v2/${namespace}/${image}/manifests`;
      const answer = await fetch(`${url}/v1.0.0`, {
        headers: { accept: "application/vnd.oci.image.index.v1+json" },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      return { image, url, bytes, type: answer.headers.get("content-type") ?? "" };
    }),
  );
  const urls: string[] = [];
  for (let patch = 0; patch < count; patch++) {
    const version = `v0.1.${patch}`;
    const tags: Record<string, string> = {};
    for (const { image, url, bytes, type } of manifests) {
      await fetch(`${url}/${version}`, { method: "PUT", headers: { "content-type": type }, body: bytes });
      urls.push(`${url}/${version}`);
      tags[`${host}/${namespace}/${image}:${version}`] = digestOf(bytes);
    }
    const folder = path.join(project.directory, "public/releases/download", version);
    await mkdir(folder, { recursive: true });
    const files: Record<string, string> = {};
    for (let file = 0; file < filesPerRelease; file++) {
      const name = `tool_${version}_platform_${file}.tar.gz`;
      await writeFile(path.join(folder, name), name);
      files[name] = digestOf(name);
    }
    const releases = [{ directory: "public", tag: version, files }];
    outputs.versions[version] = entryText({ published: "2026-01-31T00:00:00Z", tags, releases });
  }
  await project.write({ "state.json": JSON.stringify(state) });
  await project.succeed(["stack", "import", "--stack", "dev", "--file", "state.json"]);
  return urls;
}

function program(host: string, namespace: string): string {
  const declared = images.map((image) => `${image}: { files: [{ to: "/name", content: "${image}" }] }`);
  return `
import { Distribution, ociRegistry } from "@slipway";
new Distribution("bench", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(host)}, namespace: ${JSON.stringify(namespace)} })],
  platforms: ["linux/amd64"],
  images: { ${declared.join(", ")} },
});
`;
}

import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { RequestRecord } from "./observation";

function program(registry: string): string {
  return `
import { Image, Index, Sbom, Tag } from "@slipway";

const repository = ${JSON.stringify(`${registry}/app`)};
const platforms = ["linux/amd64", "linux/arm64"];
const images = platforms.map(
  (platform) => new Image(platform, { repository, platform, layers: [{ files: [{ to: "/app", content: platform }] }] }),
);
const index = new Index("app", { repository, manifests: images.map(({ descriptor }) => descriptor) });
const subjects = [
  ...images.map(({ digest }, position) => ({ digest, platform: platforms[position] })),
  { digest: index.digest },
];
const sbom = new Sbom("app", { repository, subjects, formats: ["spdx"] }, { dependsOn: [index] });
new Tag("v1", { repository, tag: "v1.0.0", digest: index.digest, moves: "never" }, { dependsOn: [sbom] });
export const documents = sbom.documents;
`;
}

interface Document {
  subject: string;
  digest: string;
  referrer: string;
}

describe("SBOMs in a program", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let documents: Document[];

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({ program: program(registry.host) });
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const outputs = async (): Promise<Document[]> =>
    JSON.parse(
      (await project.run(["stack", "output", "documents", "--json", "--stack", "dev"])).text,
    ) as Document[];

  it("previews what is to come, and attaches before the tag is set", async () => {
    const preview = await project.preview();
    assert.match(preview, /\+ slipway:trust:Sbom: \(create\)/);
    assert.deepEqual(await requests.takeWrites(), []);
    await project.up();
    documents = await outputs();
    assert.equal(documents.length, 3);
    const writes = (await requests.takeWrites()).map(({ path }) => path);
    const tagged = writes.findIndex((path) => path.endsWith("/manifests/v1.0.0"));
    for (const { referrer } of documents) {
      const attached = writes.findIndex((path) => path.endsWith(`/manifests/${referrer}`));
      assert.ok(attached >= 0 && attached < tagged, `${attached} before ${tagged}`);
    }
  });

  it("has nothing to do in a second run, and reads no blob", async () => {
    await requests.take();
    assert.deepEqual(resourceCounts(await project.up()), { unchanged: 6 });
    const made = await requests.take();
    assert.deepEqual(
      made.filter(({ method, path }) => method !== "HEAD" && (method !== "GET" || path.includes("/blobs/"))),
      [],
    );
  });

  it("shows a referrer that somebody deleted in a plain preview, and puts it back", async () => {
    const [document] = documents;
    await crane(["delete", `${registry.host}/app@${document?.referrer}`]);
    await requests.take();
    const preview = await project.preview();
    assert.deepEqual(resourceCounts(preview), { update: 1, unchanged: 5 });
    assert.match(preview, /~ slipway:trust:Sbom: \(update\)/);
    assert.ok(preview.includes(`the referrer ${document?.referrer.slice(0, 19)} is gone`), preview);
    assert.deepEqual(await requests.takeWrites(), []);

    assert.deepEqual(resourceCounts(await project.up()), { updated: 1, unchanged: 5 });
    await crane(["manifest", `${registry.host}/app@${document?.referrer}`]);
    assert.deepEqual(await outputs(), documents);
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 6 });
  });
});

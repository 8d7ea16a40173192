import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { DockerHubStandIn } from "../support/docker-hub";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

const token = "dckr_pat_of_the_curator";

/** The registry is real; Docker Hub's API is a stand-in, which has never met the service. */
describe("what a registry shows of the images of a distribution", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let hub: DockerHubStandIn;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    registry = await startDistribution();
    hub = await DockerHubStandIn.start();
    hub.add({ username: "acme", secret: token, scope: "repo:admin" });
    project = await EngineProject.create({
      program: "",
      files: { "app.txt": "1", "HUB.in.md": "# App {version}\n\n[Guide](docs/guide.md)\n" },
      secrets: { curatorToken: token },
    });
    await declare("v1.0.0");
  });
  after(async () => {
    await project?.remove();
    await hub?.stop();
    await registry?.stop();
  });

  const declare = (version: string) =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { Distribution, dockerHubRepositories, fileTemplate, ociRegistry, semverTags } from "@slipway";

new Distribution("app", {
  version: "${version}",
  source: "https://github.com/acme/app",
  registries: [ociRegistry({ host: "${registry.host}", namespace: "acme" })],
  platforms: ["linux/amd64"],
  tags: semverTags({ prefix: "v" }),
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  documents: [fileTemplate("HUB.md", { from: "HUB.in.md", values: {}, mark: false })],
  repositories: [
    dockerHubRepositories({
      host: "${registry.host}",
      api: "${hub.address}",
      curator: { username: "acme", password: new pulumi.Config().requireSecret("curatorToken") },
      description: "Greets",
      fullDescription: { file: "HUB.md" },
      visibility: "private",
      immutableTags: ["^v[0-9]+\\\\.[0-9]+\\\\.[0-9]+"],
    }),
  ],
});
`);
  const page = (version: string) =>
    `# App ${version}\n\n[Guide](https://github.com/acme/app/blob/HEAD/docs/guide.md)`;
  const shown = () => hub.repositories.get("acme/app");

  it("TINY-02, CAP-30: is private before the first push, and says what the release says", async () => {
    const preview = await project.preview();
    assert.match(preview, /slipway:oci:RepositoryMetadata: \(create\)/);
    assert.deepEqual(hub.writes, []);
    await project.upWithoutPreview();
    assert.match(hub.writes[0] ?? "", /^POST \/v2\/namespaces\/acme\/repositories 201$/);
    assert.match(hub.bodies.find((body) => body !== "") ?? "", /"is_private":true/);
    assert.match(await crane(["digest", `${registry.host}/acme/app:v1.0.0`]), /^sha256:/);
    assert.deepEqual(
      [shown()?.description, shown()?.full_description, shown()?.rules],
      ["Greets", page("v1.0.0"), ["^v[0-9]+\\.[0-9]+\\.[0-9]+"]],
    );
    const again = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(again)), ["unchanged"], again);
  });

  it("PROD-04: what somebody has edited by hand is seen by a preview, and put back by the update", async () => {
    Object.assign(shown() ?? {}, { description: "Buy now", is_private: false });
    const preview = await project.preview();
    assert.match(
      preview,
      /somebody changed the description of acme\/app at Docker Hub; `pulumi up` puts it back/,
    );
    assert.match(preview, /somebody changed who may see it of acme\/app/);
    assert.match(preview, /~ description: "Buy now" => "Greets"/);
    await project.upWithoutPreview();
    assert.deepEqual([shown()?.description, shown()?.is_private], ["Greets", true]);
  });

  it("follows the next release, and a token that may not change it fails the run in the end", async () => {
    await project.write({ "app.txt": "2" });
    await declare("v1.1.0");
    hub.expireSessions();
    await project.setSecret("curatorToken", "dckr_pat_that_is_revoked");
    const { code, text } = await project.run(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0, text);
    assert.match(
      text,
      /1 of 1 channels have not got the release.*Docker Hub acme\/app: signing in to Docker Hub/s,
    );
    assert.match(await crane(["digest", `${registry.host}/acme/app:v1.1.0`]), /^sha256:/);
    assert.equal(text.includes("dckr_pat_that_is_revoked"), false);
    await project.setSecret("curatorToken", token);
    await project.upWithoutPreview();
    assert.equal(shown()?.full_description, page("v1.1.0"));
  });

  it("has no token in clear in the state", async () => {
    const state = await project.succeed(["stack", "export", "--stack", project.stack]);
    assert.equal(/dckr_pat|signature\d/.test(state), false);
  });
});

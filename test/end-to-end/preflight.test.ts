import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import * as path from "node:path";
import { EngineProject, resourceCounts } from "../support/engine";
import { writeKeyPair } from "../support/key-pair";
import { htpasswdUser, startDistribution, type TestRegistry } from "../support/registries";
import { appProgram } from "./app-program";

const password = "correct horse battery staple";

describe("what an update needs", () => {
  let first: TestRegistry;
  let mirror: TestRegistry;
  let project: EngineProject;

  const program = ({ mirrorPassword = htpasswdUser.password, scan = "" } = {}) =>
    appProgram({ registry: first.host, version: "v1.0.0" })
      .replace("registries: [", "registries: mirrored([")
      .replace(/\)\],\n {2}platforms/, ")]),\n  platforms")
      .replace(
        "images: {",
        `trust: { sign: cosignKey(), sbom: false, provenance: false, ${scan} },\n  images: {`,
      )
      .replace("{ Distribution,", "{ cosignKey, Distribution,")
      .replace(
        "const config =",
        `const mirrored = (own: ReturnType<typeof ociRegistry>[]) => [...own, ociRegistry({ host: "${mirror.host}", ` +
          `namespace: "copies", username: "${htpasswdUser.username}", password: "${mirrorPassword}" })];\nconst config =`,
      );

  before(async () => {
    [first, mirror] = await Promise.all([startDistribution(), startDistribution({ auth: "htpasswd" })]);
    project = await EngineProject.create({
      program: program({
        mirrorPassword: "not the one of alice",
        scan: 'scan: { scanner: { name: "trivy", program: "no-such-trivy" } }',
      }),
      files: { "app.txt": "one\n" },
    });
    await writeKeyPair(project.directory, "cosign", password);
  });
  after(async () => {
    await project?.remove();
    await first?.stop();
    await mirror?.stop();
  });

  it("is told together before anything is published, and a preview goes without", async () => {
    await project.succeed(["preview", "--stack", "dev"]);
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /nothing is published yet, for this run could not come to its end/);
    assert.match(text, /- cosign\.key is encrypted, and there is no password: .*COSIGN_PASSWORD/);
    assert.match(text, /- .*no-such-trivy/);
    assert.match(text, new RegExp(`- checking registry ${mirror.host} for copies/app: [^]*HTTP 401`));
    assert.doesNotMatch(text, /not the one of alice/);
    assert.equal(text.match(/is encrypted, and there is no password/g)?.length, 1);
    const { repositories } = (await (await fetch(`http://${first.host}/v2/_catalog`)).json()) as {
      repositories: string[];
    };
    assert.deepEqual(repositories, []);
  });

  it("is no more than what it does: a run that changes nothing, and a preview, go without the private key", async () => {
    await project.program(program());
    project.env.COSIGN_PASSWORD = password;
    await project.succeed(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    delete project.env.COSIGN_PASSWORD;
    await rename(path.join(project.directory, "cosign.key"), path.join(project.directory, "elsewhere.key"));
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { unchanged, ...others } = resourceCounts(await project.succeed([...command, "--stack", "dev"]));
      assert.ok(Number(unchanged) > 5);
      assert.deepEqual(others, {});
    }
    await project.write({ "app.txt": "two\n" });
    await project.program(program().replace('"v1.0.0"', '"v1.1.0"'));
    await project.succeed(["preview", "--stack", "dev"]);
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /nothing is published yet[^]*cosign\.key does not exist/);
  });
});

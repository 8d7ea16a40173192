import assert from "node:assert/strict";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { tagDigests } from "./observation";

/**
 * A program that tags an image with what an advisory check of it says.
 *
 * @param evidence of the tag, as TypeScript: `gate.evidence` for what the check gave
 * @param check the program that the check runs
 */
const program = (host: string, evidence: string, check = "true") => `
import { Check, Image, Provider, Tag } from "@slipway";

const repository = "${host}/app";
const image = new Image("image", {
  repository,
  platform: "linux/amd64",
  layers: [{ files: [{ to: "/app", content: "x" }] }],
});
const other = new Provider("other", { registries: [{ host: "${host}", insecure: true }] });
const command = { command: ["${check}"] };
const gate = new Check("gate", { subject: image.digest, command, advisory: true }, { provider: other });
new Tag("tag", { repository, tag: "main", digest: image.digest, moves: "always", evidence: ${evidence} });
`;

const rewritten = `gate.evidence.apply((items) => items.map((item) => ({ ...item, result: "passed" as const })))`;
const refusal =
  /has a problem: \{"by":"false",.*"result":"passed".* was given by no resource of this run; what was given says "failed"/;

describe("evidence on its way through a program", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  const tags = () => tagDigests(`${registry.host}/app`);
  const up = ["up", "--yes", "--skip-preview", "--stack", "dev"];

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    registry = await startDistribution();
    project = await EngineProject.create({ program: "" });
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  it("publishes nothing where it was rewritten, though nobody previewed and no policy looks", async () => {
    await project.program(program(registry.host, rewritten, "false"));
    assert.match(await project.fail(up), refusal);
    assert.deepEqual(await tags(), {});
  });

  it("is refused at preview where it is known", async () => {
    // The update before has made the check.
    assert.match(await project.fail(["preview", "--stack", "dev"]), refusal);
  });

  it("publishes nothing where the program drops what has failed", async () => {
    await project.program(program(registry.host, "gate.evidence.apply(() => [])", "false"));
    assert.match(
      await project.fail(up),
      /has a problem: leaves out that the check of sha256:\w+ by false has failed/,
    );
    assert.deepEqual(await tags(), {});
  });

  it("publishes what another provider of the program has given", async () => {
    await project.program(program(registry.host, "gate.evidence"));
    // A preview does not know it.
    await project.succeed(["preview", "--stack", "dev"]);
    await project.succeed(up);
    assert.ok((await tags()).main);
  });

  it("is that of the state where nothing changes, and where the tag alone is updated", async () => {
    assert.match(await project.succeed(["preview", "--stack", "dev", "--expect-no-changes"]), /unchanged/);
    const target = ["--target", "urn:pulumi:dev::test::slipway:oci:Tag::tag"];
    assert.match(await project.succeed([...up, ...target]), /unchanged/);
  });
});

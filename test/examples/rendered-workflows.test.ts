import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import { withMark } from "../../lib/documents/whole-file";
import { repository } from "../support/engine";
import { requireTools } from "../support/tools";
import { filled, readWorkflow, type WorkflowFile } from "../support/workflow-job";
import { actionlint, zizmor } from "../support/workflow-judges";
import { builtCommit, mockProgram } from "./mocked-program";

const folderOf = (example: string) => path.join(repository, "examples", example);

/** Workflows of an example that are committed, by name. */
async function committed(example: string): Promise<Record<string, string>> {
  const folder = path.join(folderOf(example), ".github", "workflows");
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name.replace(/\.yml$/, ""), texts[index] ?? ""]));
}

const examples = {
  "bleu-os": ["docker-publish", "release", "status"],
  "mcp-mesh": ["release", "status"],
  "mlos-core": ["binary-release", "docker-publish"],
  "mlos-distro": ["release", "test-compatibility"],
  tinyolly: ["docker-publish"],
} as const;

describe("workflows of the examples", function () {
  this.timeout(60_000);
  const read: Record<string, Record<string, WorkflowFile>> = {};
  const of = (example: keyof typeof examples, name: string) => {
    const found = read[example]?.[name];
    assert.ok(found, `${example} has no ${name}.yml`);
    return found;
  };

  before(async () => {
    for (const example of Object.keys(examples)) {
      const texts = Object.entries(await committed(example));
      read[example] = Object.fromEntries(texts.map(([name, text]) => [name, readWorkflow(text)]));
    }
  });

  for (const [example, names] of Object.entries(examples)) {
    it(`CORE-24: those of ${example} are committed as its prod stack renders them`, async () => {
      const program = await mockProgram(example, "prod", { commit: builtCommit });
      const rendered: Record<string, string> = {};
      for (const { path: file, edits } of program.ofType("slipway:files:Document").values()) {
        const [, name] = /^\.github\/workflows\/(.+)\.yml$/.exec(String(file)) ?? [];
        const text = (edits as { whole?: { text: string } }[])[0]?.whole?.text;
        if (name !== undefined && text !== undefined) rendered[name] = withMark(String(file), text);
      }
      assert.deepEqual(Object.keys(rendered).sort(), names);
      assert.deepEqual(await committed(example), rendered);
    });

    it(`CAP-29: actionlint, shellcheck and zizmor find nothing in those of ${example}`, async function () {
      requireTools(this, "actionlint", "shellcheck", "zizmor");
      for (const [name, text] of Object.entries(await committed(example))) {
        assert.equal(await actionlint(text), "", name);
        assert.deepEqual(await zizmor(text), [], name);
      }
    });
  }

  it("another stack than the one that workflows are for renders none", async () => {
    const program = await mockProgram("tinyolly", "dev", { commit: builtCommit });
    assert.deepEqual([...program.ofType("slipway:files:Document").keys()], []);
  });

  it("BLEU-13, BLEU-14: Bleu OS: branch, tag and pull request; the right to packages and the token of the run", () => {
    const { on, jobs } = of("bleu-os", "docker-publish");
    assert.deepEqual(on, {
      pull_request: { branches: ["main"] },
      push: { branches: ["main"], tags: ["v*"] },
      schedule: [{ cron: "17 3 * * *" }],
    });
    assert.deepEqual(jobs.publish?.permissions, { contents: "read", packages: "write" });
    assert.deepEqual(secretsOf(jobs), ["COSIGN_KEY", "COSIGN_PASSWORD"]);
  });

  it("BLEU-17: the tag starts both, one after the other, and the second one has the rights of a release", () => {
    const [publish, release] = ["docker-publish", "release"].map((name) => of("bleu-os", name));
    assert.deepEqual(release?.on, { push: { tags: ["v*"] } });
    const groups = [publish, release].map((one) =>
      filled(one?.jobs.publish?.concurrency?.group ?? "", { github: { ref_name: "v1.0.0" } }),
    );
    assert.deepEqual(groups, ["publish-v1.0.0", "publish-v1.0.0"]);
    assert.deepEqual(release?.jobs.publish?.permissions, { contents: "write", packages: "write" });
  });

  it("CORE-19, CORE-20, CORE-24: MLOS Core: a published release starts the image's and the binaries'", () => {
    const image = of("mlos-core", "docker-publish");
    const binaries = of("mlos-core", "binary-release");
    assert.deepEqual(image.on, { release: { types: ["published"] } });
    assert.deepEqual(Object.keys(binaries.on), ["release", "workflow_dispatch"]);
    assert.deepEqual(image.jobs.publish?.permissions, { contents: "read", packages: "write" });
    assert.deepEqual(binaries.jobs.publish?.permissions, { contents: "write", packages: "write" });
    // None of them is for the registry: that is the token of the run.
    assert.deepEqual(secretsOf(image.jobs), ["COSIGN_KEY", "COSIGN_PASSWORD"]);
  });

  it("DISTRO-14, DISTRO-16: MLOS Distro: both versions by hand, and the test of a component that others release", () => {
    const { inputs } = of("mlos-distro", "release").on.workflow_dispatch as {
      inputs: Record<string, { required: boolean; type: string }>;
    };
    assert.deepEqual(
      Object.entries(inputs).map(([name, { required, type }]) => [name, required, type]),
      [
        ["axon_version", true, "string"],
        ["core_version", true, "string"],
      ],
    );
    const test = of("mlos-distro", "test-compatibility");
    assert.deepEqual(test.on, { repository_dispatch: { types: ["component-release"] } });
    assert.deepEqual(test.jobs.test?.permissions, { contents: "read" });
    assert.deepEqual(secretsOf(test.jobs), []);
  });

  it("MESH-23, MESH-24: MCP Mesh: a tag, or a start by hand with version and environment, which its title has", () => {
    const { on, "run-name": title = "" } = of("mcp-mesh", "release");
    assert.deepEqual(on.push, { tags: ["v*"] });
    const { inputs } = on.workflow_dispatch as { inputs: Record<string, { default?: string }> };
    assert.deepEqual(Object.keys(inputs), ["version", "environment"]);
    assert.equal(inputs.environment?.default, "production");
    const shown = (context: object) => filled(title, { github: { ref_name: "v1.0.0" }, ...context });
    assert.equal(shown({ inputs: {} }), "release v1.0.0 production");
    assert.equal(shown({ inputs: { version: "v1.0.1", environment: "test" } }), "release v1.0.1 test");
  });

  it("CAP-22: Bleu OS and MCP Mesh: each day what is published is asked for, with no secret and a right to issues alone", () => {
    for (const example of ["bleu-os", "mcp-mesh"] as const) {
      const { on, jobs } = of(example, "status");
      assert.deepEqual(Object.keys(on), ["schedule", "workflow_dispatch"]);
      assert.deepEqual(jobs.status?.permissions, { contents: "read", issues: "write" });
      assert.deepEqual(secretsOf(jobs), []);
    }
  });

  it("MESH-30: MCP Mesh: what was served when is kept by a job of its own", () => {
    const { jobs } = of("mcp-mesh", "status");
    assert.deepEqual(jobs.keep?.permissions, { contents: "write" });
  });

  it("TINY-23, TINY-25, TINY-34: TinyOlly: branch, tag and pull request for all images, a build each night and month, bases each quarter", () => {
    const { on, jobs } = of("tinyolly", "docker-publish");
    assert.deepEqual(on, {
      pull_request: { branches: ["main"] },
      push: { branches: ["main"], tags: ["v*"] },
      schedule: [{ cron: "17 3 * * *" }, { cron: "17 4 1 * *" }, { cron: "17 5 1 */3 *" }],
    });
    assert.deepEqual(jobs.check?.permissions, { contents: "read" });
    assert.deepEqual(secretsOf({ check: jobs.check }), []);
    assert.deepEqual(jobs.refresh?.permissions, { contents: "read" });
    assert.deepEqual(secretsOf({ refresh: jobs.refresh }), ["DOCKERHUB_TOKEN", "DOCKERHUB_USERNAME"]);
  });
});

/** Names of the secrets that jobs read. */
function secretsOf(jobs: object): string[] {
  const names = [...JSON.stringify(jobs).matchAll(/secrets\.(\w+)/g)].map(([, name = ""]) => name);
  return [...new Set(names)].sort();
}

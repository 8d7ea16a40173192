import * as path from "node:path";
import { requireExamples, ExampleProject } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { runHistory } from "./history";

describe("history of an example, step by step", function () {
  this.timeout(240_000);
  let workspace: ExampleWorkspace;
  let project: ExampleProject;

  before(async function () {
    requireExamples(this);
    workspace = await ExampleWorkspace.shared();
    project = await ExampleProject.copyOf("small", {
      workspace,
      source: path.join(__dirname, "small"),
    });
    await workspace.registry();
  });

  after(() => workspace?.remove());

  runHistory({
    project: () => project,
    repositories: () => ["built", "assembled"].map((name) => `${workspace.host}/${name}`),
    steps: [
      {
        name: "first release",
        preview: ["v1.0.0"],
        published: { "v1.0.0": "first release", "v1.0": "first release", latest: "first release" },
      },
      { name: "another run", preview: [] },
      {
        name: "a change without a version",
        files: { "message.txt": "patched\n" },
        preview: ["message.txt"],
        fails: /v1\.0\.0.*(moves|immutable|never|exists)/,
      },
      {
        name: "patch",
        config: { version: "v1.0.1" },
        approved: "small",
        preview: ["v1.0.1"],
        published: {
          "v1.0.0": "first release",
          "v1.0.1": "patch",
          "v1.0": "patch",
          latest: "patch",
        },
      },
      {
        name: "pre-release that its gate stops",
        config: { version: "v1.1.0-rc.1", gate: "closed" },
        files: { "message.txt": (text) => `${text}next\n` },
        preview: ["v1.1.0-rc.1"],
        fails: "gate",
      },
      {
        name: "pre-release",
        config: { gate: "open" },
        published: {
          "v1.0.0": "first release",
          "v1.0.1": "patch",
          "v1.1.0-rc.1": "pre-release",
          "v1.0": "patch",
          latest: "patch",
        },
      },
    ],
  });
});

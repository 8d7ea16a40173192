import type { Context } from "mocha";
import { requireTools } from "../support/tools";
import { crash } from "./crash";
import { requireExamples } from "./example-project";
import { runHistory } from "./history";
import { MlosWorkspace } from "./mlos-published";
import { patchBase } from "./patched-base";

describe("MLOS Core: what is published after each step of its life", function () {
  this.timeout(600_000);
  let mlos: MlosWorkspace;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "go", "make");
    mlos = await MlosWorkspace.create();
    await mlos.workspace.registry();
  });
  after(() => mlos?.remove());

  const version = (text: string) => ({ config: { version: text }, preview: [text] });
  const broken = (text: string) => text.replace("mlos-core %s (%s/%s)", "core %s (%s/%s)");

  runHistory(
    {
      project: () => mlos.core,
      repositories: () => ["mlos-core", "core"].map((name) => mlos.repository(name)),
      steps: [
        {
          name: "first release",
          ...version("v1.0.0"),
          published: { "v1.0.0": "first release", latest: "first release" },
        },
        {
          name: "patch",
          ...version("v1.0.1"),
          published: { "v1.0.0": "first release", "v1.0.1": "patch", latest: "patch" },
        },
        {
          name: "minor",
          ...version("v1.1.0"),
          published: { "v1.0.0": "first release", "v1.0.1": "patch", "v1.1.0": "minor", latest: "minor" },
        },
        {
          name: "pre-release",
          ...version("v1.2.0-rc.1"),
          published: {
            "v1.0.0": "first release",
            "v1.0.1": "patch",
            "v1.1.0": "minor",
            "v1.2.0-rc.1": "pre-release",
            latest: "minor",
          },
        },
        {
          name: "patch on an old line",
          ...version("v1.0.2"),
          published: {
            "v1.0.0": "first release",
            "v1.0.1": "patch",
            "v1.0.2": "patch on an old line",
            "v1.1.0": "minor",
            "v1.2.0-rc.1": "pre-release",
            latest: "minor",
          },
        },
        {
          name: "a program that does not say its version",
          config: { version: "v1.1.1" },
          files: { "core/main.go": broken },
          preview: ["mlos-core --version printed no line"],
          fails: /printed no line/,
        },
        {
          name: "a crash while images are built",
          files: { "core/main.go": (text) => text.replace('"core %s', '"mlos-core %s') },
          run: (project) => crash(project, /docker-build:index:Image mlos-core-linux-\w+ (updating|updated)/),
        },
        {
          name: "the run after the crash",
          preview: ["v1.1.1"],
          published: {
            "v1.0.0": "first release",
            "v1.0.1": "patch",
            "v1.0.2": "patch on an old line",
            "v1.1.0": "minor",
            "v1.1.1": "the run after the crash",
            "v1.2.0-rc.1": "pre-release",
            latest: "the run after the crash",
          },
        },
        { name: "another run", preview: [] },
        {
          name: "rebuild for a new base",
          config: { rebuilt: "20260131" },
          change: () => patchBase(`${mlos.workspace.host}/bases/debian`, "12", mlos.workspace.signedIn),
          preview: ["v1.1.1-20260131"],
          published: {
            "v1.0.0": "first release",
            "v1.0.1": "patch",
            "v1.0.2": "patch on an old line",
            "v1.1.0": "minor",
            "v1.1.1": "the run after the crash",
            "v1.1.1-20260131": "rebuild for a new base",
            "v1.2.0-rc.1": "pre-release",
            latest: "rebuild for a new base",
          },
        },
      ],
    },
    ({ name }) => (name === "patch" ? `CORE-04, CORE-05: ${name}` : name),
  );
});

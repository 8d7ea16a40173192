import type { Context } from "mocha";
import { requireTools } from "../support/tools";
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
    await mlos.core.onePlatform();
  });
  after(() => mlos?.remove());

  const broken = (text: string) => text.replace("mlos-core %s (%s/%s)", "core %s (%s/%s)");

  runHistory(
    {
      project: () => mlos.core,
      repositories: () => ["mlos-core", "core"].map((name) => mlos.repository(name)),
      steps: [
        {
          name: "first release",
          preview: ["v1.0.0"],
          published: { "v1.0.0": "first release", latest: "first release" },
        },
        {
          name: "a program that does not say its version",
          config: { version: "v1.0.1" },
          files: { "core/main.go": broken },
          preview: ["mlos-core --version printed no line"],
          fails: /printed no line/,
        },
        {
          name: "patch",
          files: { "core/main.go": (text) => text.replace('"core %s', '"mlos-core %s') },
          preview: ["v1.0.1"],
          published: { "v1.0.0": "first release", "v1.0.1": "patch", latest: "patch" },
        },
        { name: "another run", preview: [] },
        {
          name: "rebuild for a new base",
          config: { rebuilt: "20260131" },
          change: () => patchBase(`${mlos.workspace.host}/bases/debian`, "12", mlos.workspace.signedIn),
          approved: "mlos-core",
          preview: ["v1.0.1-20260131"],
          published: {
            "v1.0.0": "first release",
            "v1.0.1": "patch",
            "v1.0.1-20260131": "rebuild for a new base",
            latest: "rebuild for a new base",
          },
        },
      ],
    },
    ({ name }) => (name === "patch" ? `CORE-04, CORE-05: ${name}` : name),
  );
});

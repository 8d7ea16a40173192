import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { BuildHistory, BuildHistoryError, findBuildx } from "../../../lib/buildkit/build-history";
import { requireTools } from "../../support/tools";

describe("history of builders", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-history-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("finds buildx where Docker looks for plugins", async () => {
    const plugins = path.join(folder, "cli-plugins");
    await mkdir(plugins);
    const program = path.join(plugins, "docker-buildx");
    await writeFile(program, "#!/bin/sh\n", { mode: 0o755 });
    assert.equal(findBuildx({ DOCKER_CONFIG: folder, PATH: "", HOME: folder }), program);
  });

  it("hands no name of a builder's to buildx as an option, and repeats what it says without escapes", async () => {
    const tools = await mkdtemp(path.join(folder, "tools-"));
    const asked = path.join(tools, "asked");
    const listed = ["b/n/--help", "b/n/..", "b/n/abc123"].map((ref) =>
      JSON.stringify({ ref, name: "context", status: "Completed" }),
    );
    const script = [
      "#!/bin/sh",
      `echo "$*" >> '${asked}'`,
      `if [ "$2" = ls ]; then cat '${tools}/list'; else printf '\\033[2J\\rgone' >&2; exit 1; fi`,
    ];
    await writeFile(path.join(tools, "list"), `${listed.join("\n")}\n`);
    await writeFile(path.join(tools, "docker-buildx"), `${script.join("\n")}\n`, { mode: 0o755 });
    const before = process.env.SLIPWAY_TOOLS;
    process.env.SLIPWAY_TOOLS = tools;
    try {
      await assert.rejects(new BuildHistory().record(undefined, "context", `sha256:${"0".repeat(64)}`), {
        message: "docker-buildx history inspect: gone",
      });
    } finally {
      if (before === undefined) delete process.env.SLIPWAY_TOOLS;
      else process.env.SLIPWAY_TOOLS = before;
    }
    assert.deepEqual((await readFile(asked, "utf8")).trim().split("\n"), [
      "history ls --format json --no-trunc",
      "history inspect abc123 --format json",
    ]);
  });

  for (const [what, printed] of [
    ["no JSON", "Usage: docker buildx history"],
    ["no object", "[1]"],
    ["levels without end", "[".repeat(1000)],
  ] as const) {
    it(`says that buildx printed no record: ${what}`, async () => {
      const tools = await mkdtemp(path.join(folder, "tools-"));
      await writeFile(path.join(tools, "list"), printed);
      const script = `#!/bin/sh\ncat '${tools}/list'\n`;
      await writeFile(path.join(tools, "docker-buildx"), script, { mode: 0o755 });
      const before = process.env.SLIPWAY_TOOLS;
      process.env.SLIPWAY_TOOLS = tools;
      try {
        await assert.rejects(
          new BuildHistory().record(undefined, "context", `sha256:${"0".repeat(64)}`),
          /^BuildHistoryError: docker-buildx printed no record in JSON, but "/,
        );
      } finally {
        if (before === undefined) delete process.env.SLIPWAY_TOOLS;
        else process.env.SLIPWAY_TOOLS = before;
      }
    });
  }

  it("says what buildx says of a builder that there is not", async function () {
    requireTools(this, "docker-buildx");
    await assert.rejects(
      new BuildHistory().record("slipway-none-such", "context", `sha256:${"0".repeat(64)}`),
      (error: Error) =>
        error instanceof BuildHistoryError &&
        /docker-buildx history ls: .*no builder "slipway-none-such" found/i.test(error.message),
    );
  });
});

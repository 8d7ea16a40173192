import { randomUUID } from "node:crypto";
import * as path from "node:path";
import { runChild } from "../../lib/machine/child.cjs";
import { EngineProject, repository } from "../../test/support/engine";
import { startDistribution, type TestRegistry } from "../../test/support/registries";
import { findTool } from "../../test/support/tools";
import { median, NotExecuted, type Contest, type Contestant, type Job } from "../contest";
import { timed } from "../empty-program";
import { releasedFields, targets, writeSources } from "../release/fixture";

/** What rendering everything around a release may add to a preview, in milliseconds. */
const mostMilliseconds = 150;

/** What is made around a release: installers, documents, deploy files, workflows. */
const around = `
  installers: { "install.sh": shellInstaller(), "install.ps1": powershellInstaller() },
  documents: [
    fileRegions("README.md", { install: installSection(), images: imagesTable(), tags: tagsTable(), verify: verifySection() }),
    wholeFile("VERSIONS.md", "The version is {version}.\\n"),
    composeFile("docker-compose.yml", { services: { app: { image: "app", ports: ["8080:8080"] } } }),
    entryScript("scripts/publish.sh", { versionFrom: "configuration" }),
    ...githubWorkflows({ versionFrom: "configuration", workflows: { release: { releases: true, manual: true } } }),
  ],`;

const readme = ["install", "images", "tags", "verify"]
  .map((name) => `<!-- slipway:begin ${name} -->\n<!-- slipway:end ${name} -->\n`)
  .join("\n");

/** What is rendered around a release costs a preview, and what the diff of a preview costs beside it. */
export const aroundRelease: Job = {
  name: "around",
  description:
    `pulumi preview of a release for ${targets.length} targets, unchanged, with installers, documents, a compose file and a ` +
    "workflow, against the same without; and slipway diff of the next version, against pulumi preview of it",
  async prepare() {
    const absent = ["registry", "go"].filter((name) => findTool(name) === undefined);
    if (absent.length > 0)
      throw new NotExecuted(`neither in $SLIPWAY_TOOLS nor on PATH: ${absent.join(", ")}`);
    const registry = await startDistribution();
    const [all, none] = [await side(registry, around), await side(registry, "")];
    const close = async () => {
      await Promise.all([all.remove(), none.remove(), registry.stop()]);
    };
    return [rendering(all, none), nextVersion(all, close)];
  },
};

/** A published release of the Go program of the example. */
async function side({ host }: TestRegistry, fields: string): Promise<EngineProject> {
  const namespace = `bench-${randomUUID()}`;
  const project = await EngineProject.create({
    program: program(host, namespace, fields),
    files: { "README.md": readme },
    config: { "test:version": "v1.0.0" },
    env: { GOFLAGS: "-buildvcs=false" },
  });
  await writeSources(project.directory);
  await project.upWithoutPreview();
  return project;
}

function rendering(all: EngineProject, none: EngineProject): Contest {
  const seconds: Record<string, number[]> = {};
  const contestant = (name: string, project: EngineProject): Contestant => ({
    name,
    async run(round) {
      const took = await timed(() => project.succeed(["preview", "--stack", "dev", "--expect-no-changes"]));
      if (round > 0) (seconds[name] ??= []).push(took);
      return took;
    },
  });
  return {
    variant: "rendering",
    runs: 9,
    ours: contestant("all around", all),
    peers: [contestant("release alone", none)],
    notes: () => {
      const [ours = [], peers = []] = [seconds["all around"], seconds["release alone"]];
      const more = median(ours.map((took, round) => took - (peers[round] ?? Number.NaN))) * 1000;
      return Promise.resolve([`${Math.round(more)} ms more, of at most ${mostMilliseconds} ms`]);
    },
    close: () => Promise.resolve(),
  };
}

/** The next version is previewed; nothing is ever published of it. */
function nextVersion(project: EngineProject, close: () => Promise<void>): Contest {
  let isNext = false;
  const next = async () => {
    if (!isNext) await project.configure({ "test:version": "v1.1.0" });
    isNext = true;
  };
  return {
    variant: "diff",
    runs: 9,
    ours: {
      name: "slipway diff",
      async run() {
        await next();
        return timed(async () => {
          const { code } = await runChild(
            process.execPath,
            [path.join(repository, "cli/slipway.cjs"), "diff", "--stack", "dev", "--exit-code"],
            { cwd: project.directory, env: project.env, stdio: "ignore" },
          );
          // There is something to change.
          if (code !== 2) throw new Error(`slipway diff: exit code ${code}`);
        });
      },
    },
    peers: [
      {
        name: "pulumi preview",
        async run() {
          await next();
          return timed(() => project.succeed(["preview", "--stack", "dev"]));
        },
      },
    ],
    close,
  };
}

function program(host: string, namespace: string, fields: string): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import {
  composeFile, directoryRelease, Distribution, entryScript, fileRegions, githubWorkflows, imagesTable, installSection,
  ociRegistry, powershellInstaller, shellInstaller, tagsTable, verifySection, wholeFile,
} from "@slipway";

new Distribution("app", {
  version: new pulumi.Config().require("version"),
  licenses: "Apache-2.0",
  ${releasedFields(host, namespace, "app")}
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" }),
  ${fields}
});
`;
}

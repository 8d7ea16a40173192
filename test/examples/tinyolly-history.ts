import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import * as path from "node:path";
import { crane } from "../support/clients";
import { resourceCounts } from "../support/engine";
import { privateKey } from "../scan/planted";
import { crash } from "./crash";
import type { ExampleProject } from "./example-project";
import type { HistoryStep, PublishedState } from "./history";
import { imageNames } from "./tinyolly";

/** The life of TinyOlly's dev stack, from its first release on. */

const commit = "0123456789abcdef0123456789abcdef01234567";
const planted = "docker/apps/tinyolly-ui/key.pem";
const baseFile = "docker/dockerfiles/Dockerfile.tinyolly-python-base";

/** Sections of the change log for the versions that are this history's alone. */
const changes = ["2.2.0-rc.1", "2.1.1", "2.0.2", "2.0.1"].map(
  (version) => `## [${version}]\n\n- Mended.\n\n`,
);
const withChanges = (text: string) => text.replace("## [", `${changes.join("")}## [`);

/** A line that fails where the base is built. */
const failing = `RUN ["python3", "-c", "raise SystemExit(3)"]\n`;

const scan = JSON.stringify({
  kinds: ["secret"],
  scanner: { name: "trivy", offline: true, databaseDirectory: "none" },
});

/** Tags of the version in full, with its minor and major version and `latest`, that a step has made. */
const stable = (version: string, step: string): PublishedState => {
  const [major, minor] = version.split(".");
  return { [version]: step, [`${major}.${minor}`]: step, [`${major}`]: step, latest: step };
};
const first = stable("v2.0.0", "first release");
const patch = { ...first, ...stable("v2.0.1", "patch") };
const minor = { ...patch, ...stable("v2.1.0", "minor") };
const preRelease = { ...minor, "v2.2.0-rc.1": "pre-release" };
const oldLine = { ...preRelease, "v2.0.2": "patch of an old line", "v2.0": "patch of an old line" };
const afterCrash = { ...oldLine, ...stable("v2.1.1", "run after the crash") };
const aliases = { "v2.1": "rebuild", v2: "rebuild", latest: "rebuild" };
const rebuilt = { ...afterCrash, "v2.1.1-20260131": "rebuild", ...aliases };
/** What has no Python in it is built again as it was. */
const unchanged = { ...afterCrash, "v2.1.1-20260131": "run after the crash" };
const development = { dev: "development build", "0123456": "development build" };
const withoutPython = (state: PublishedState) => ({ "opamp-server": state, "otel-supervisor": state });

/** Gives the development base another digest, by a client that is not ours, as a patched base has one. */
async function patchBase(host: string, env: NodeJS.ProcessEnv): Promise<void> {
  const base = `${host}/bases/python`;
  const index = JSON.parse(await crane(["manifest", `${base}:3.11`])) as {
    manifests: { digest: string; platform: { architecture: string } }[];
  };
  const patched: string[] = [];
  for (const { digest, platform } of index.manifests) {
    const reference = `${base}:patched-${platform.architecture}`;
    await crane(["mutate", "--label", "patched=yes", "--tag", reference, `${base}@${digest}`], env);
    patched.push("--manifest", reference);
  }
  await crane(["index", "append", ...patched, "--tag", `${base}:3.11`], env);
}

/** The release of v2.1.0 has the section of the change log that it is made from, word for word. */
async function checkReleaseNotes(project: ExampleProject): Promise<void> {
  const folder = ".slipway/releases/tinyolly/tinyolly/releases/tag/v2.1.0";
  const { title, notes } = JSON.parse(await project.read(`${folder}/release.json`)) as {
    title: string;
    notes: string;
  };
  assert.equal(title, "TinyOlly v2.1.0");
  const headings = [...notes.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, ["Features", "Images", "Breaking change", "Migration"]);
  for (const name of imageNames) assert.ok(notes.includes(`\`tinyolly/${name}\``), name);
  assert.match(notes, /Existing users: no action\./);
  const changelog = await project.read("CHANGELOG.md");
  assert.ok(changelog.includes(`## [2.1.0]\n\n${notes.trim()}\n\n## [`), notes);
}

const titles: Readonly<Record<string, string>> = {
  "first release": "TINY-09: first release; a second update changes nothing",
  "base that fails": "TINY-05: a base that fails stops before its children, and nothing is tagged",
  minor: "TINY-31: a minor version, whose release says features, images, breaking change and migration",
  "gate that fails": "TINY-26: a finding of the scan in CI stops the release, and nothing is tagged",
  rebuild: "TINY-11, TINY-12: a rebuild for a new base has a date tag, aliases move, version tags stay",
  "development build": "TINY-10: a development build moves dev and has a tag of its commit, latest stays",
};

/** Title of a step's test. */
export function titleOf({ name }: HistoryStep): string {
  return titles[name] ?? name;
}

/**
 * @param host of the registry that has the bases
 * @param signedIn environment in which other clients may write to it
 */
export function tinyollySteps(host: () => string, signedIn: () => NodeJS.ProcessEnv): HistoryStep[] {
  return [
    {
      name: "first release",
      files: { "CHANGELOG.md": withChanges },
      preview: Object.keys(first).map((tag) => `"${tag}"`),
      published: first,
      check: async (project) => {
        assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
      },
    },
    {
      name: "patch",
      config: { version: "v2.0.1" },
      preview: ["v2.0.1: [unknown]", /latest *: "sha256:\w+" => \[unknown\]/],
      published: patch,
    },
    {
      name: "minor",
      config: { version: "v2.1.0" },
      preview: [/"v2\.0\.1" +=> "v2\.1\.0"/, "### Breaking change"],
      published: minor,
      check: checkReleaseNotes,
    },
    {
      name: "pre-release",
      config: { version: "v2.2.0-rc.1" },
      preview: [/"v2\.1\.0" +=> "v2\.2\.0-rc\.1"/],
      published: preRelease,
    },
    {
      name: "patch of an old line",
      config: { version: "v2.0.2" },
      preview: [/"v2\.2\.0-rc\.1" +=> "v2\.0\.2"/],
      published: oldLine,
    },
    {
      name: "base that fails",
      config: { version: "v2.1.1" },
      files: { [baseFile]: (text) => text.replace("WORKDIR", `${failing}WORKDIR`) },
      run: async (project) => {
        const text = await project.failingUp();
        assert.match(text, /exit code: 3/);
        const children = /docker-build:index:Image (ui|otlp-receiver)-linux-\w+ (creat|updat|replac)/;
        assert.doesNotMatch(text, children);
      },
    },
    {
      name: "gate that fails",
      config: { scan },
      files: { [baseFile]: (text) => text.replace(failing, ""), [planted]: privateKey() },
      fails: /ui[^]*secret/,
    },
    {
      name: "crash",
      change: (project) => rm(path.join(project.directory, planted)),
      run: (project) => crash(project, /docker-build:index:Image \S+ (created|updated)/),
    },
    {
      name: "run after the crash",
      preview: ["v2.1.1"],
      published: afterCrash,
    },
    {
      name: "rebuild",
      config: { rebuilt: "20260131" },
      change: () => patchBase(host(), signedIn()),
      preview: ["v2.1.1-20260131", /bases[^]*sha256:[0-9a-f]+" +=> "sha256:/],
      published: rebuilt,
      exceptions: withoutPython(unchanged),
    },
    {
      name: "development build",
      config: { commit },
      change: async (project) => {
        for (const key of ["version", "rebuilt"]) {
          await project.succeed(["config", "rm", key, "--stack", project.stack]);
        }
      },
      preview: ["0123456"],
      published: { ...rebuilt, ...development },
      exceptions: withoutPython({ ...unchanged, ...development }),
    },
  ];
}

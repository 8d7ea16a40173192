import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import * as path from "node:path";
import { resourceCounts } from "../support/engine";
import { privateKey } from "../lib/scan/planted";
import { crash } from "./crash";
import type { ExampleProject } from "./example-project";
import type { HistoryStep, PublishedState } from "./history";
import { patchBase } from "./patched-base";
import { imageNames } from "./tinyolly";

/** The life of TinyOlly's dev stack, from its first release on. */

const commit = "0123456789abcdef0123456789abcdef01234567";
const planted = "docker/apps/tinyolly-ui/key.pem";
const baseFile = "docker/dockerfiles/Dockerfile.tinyolly-python-base";

/** A line that fails where the base is built. */
const failing = `RUN ["python3", "-c", "raise SystemExit(3)"]\n`;

const scan = JSON.stringify({
  kinds: ["secret"],
  scanner: { name: "trivy", offline: true, databaseDirectory: "none" },
});

/**
 * Tags of the version in full, with its minor and major version and `latest`, that a step has made.
 */
const stable = (version: string, step: string): PublishedState => {
  const [major, minor] = version.split(".");
  return { [version]: step, [`${major}.${minor}`]: step, [`${major}`]: step, latest: step };
};
const first = stable("v2.0.0", "first release");
const minor = { ...first, ...stable("v2.1.0", "minor") };
const aliases = { "v2.1": "rebuild", v2: "rebuild", latest: "rebuild" };
const rebuilt = { ...minor, "v2.1.0-20260131": "rebuild", ...aliases };
/** What has no Python in it is built again as it was. */
const unchanged = { ...minor, "v2.1.0-20260131": "minor" };
const development = { dev: "development build", "0123456": "development build" };
const withoutPython = (state: PublishedState) => ({ "opamp-server": state, "otel-supervisor": state });

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
  minor:
    "TINY-31: the run after the crash: a minor version, whose release says features, images, breaking change and migration",
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
      preview: Object.keys(first).map((tag) => `"${tag}"`),
      published: first,
      check: async (project) => {
        assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
      },
    },
    {
      name: "base that fails",
      config: { version: "v2.1.0" },
      files: { [baseFile]: (text) => text.replace("WORKDIR", `${failing}WORKDIR`) },
      change: (project) => project.onePlatform(),
      approved: "tinyolly",
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
      name: "minor",
      preview: [/"v2\.0\.0" +=> "v2\.1\.0"/, /notes: +"### Features/],
      published: minor,
      check: checkReleaseNotes,
    },
    {
      name: "rebuild",
      config: { rebuilt: "20260131" },
      change: () => patchBase(`${host()}/bases/python`, "3.11", signedIn()),
      preview: ["v2.1.0-20260131", /bases[^]*sha256:[0-9a-f]+" +=> "sha256:/],
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

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { definitions } from "../../resources/definitions/definitions";
import { repositoryMetadataDefinition } from "../../resources/definitions/repository-metadata";
import { siteCopyDefinition } from "../../resources/definitions/site-copy";
import { placeFaults, type ChannelPlace, type PlaceFault } from "../support/channel-places";
import { hasProgram } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { requireVerdaccio } from "../support/npm-registry";
import { requirePythonTools } from "../support/python-packages";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { channelTable, type TestedChannel } from "./channel-table";
import { filesBelow, formsOf } from "./traces";

const channels = Object.values(channelTable);

/** What is wrong in a round with each channel: after all rounds, everything was with each. */
const states: readonly (PlaceFault | undefined)[] = [...placeFaults, undefined];

describe("every channel, where some of them fail", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let project: EngineProject;
  const places = new Map<TestedChannel, ChannelPlace>();
  const said: string[] = [];

  before(async function () {
    requireTools(this, "pulumi", "registry");
    requirement(this, hasProgram("git"), "git is not on PATH");
    requirePythonTools(this);
    requireVerdaccio(this);
    registry = await startDistribution();
    project = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    for (const channel of channels) {
      const place = await channel.start(project.directory);
      places.set(channel, place);
      await project.setSecret(keyOf(channel), place.secret);
    }
    await declare("v1.0.0");
    await run(["up", "--yes", "--skip-preview"]);
  });
  afterEach(async () => {
    for (const place of places.values()) await place.fail(undefined);
  });
  after(async () => {
    for (const place of places.values()) await place.stop();
    await registry?.stop();
    await project?.remove();
  });

  const keyOf = ({ kind }: TestedChannel) => kind.replaceAll(" ", "");
  const placeOf = (channel: TestedChannel) => places.get(channel)!;

  const declare = (version: string) =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { ${Object.keys(channelTable).join(", ")}, directoryRelease, Distribution, ociRegistry } from "@slipway";

const config = new pulumi.Config();
const secret = (kind: string) => config.requireSecret(kind.replaceAll(" ", ""));
const author = { name: "Acme releases", email: "releases@acme.example" };
const what = { description: "Says its version", homepage: "https://acme.example/app" };

new Distribution("app", {
  version: "${version}",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  binaries: {
    app: {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver} {os}\\n' > {output}/app{exe} && chmod +x {output}/app{exe}"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { app: { binaries: ["app"], formats: { windows: "zip" } } },
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" }),
  channels: [
    ${channels.map((channel) => channel.declare(placeOf(channel))).join(",\n    ")},
  ],
});
`);

  async function run(args: readonly string[], expected = 0): Promise<string> {
    const { code, text } = await project.run([...args, "--stack", "dev"]);
    said.push(text);
    const shown = text.split("\n").filter((line) => !line.startsWith('{"time"'));
    assert.equal(code === 0, expected === 0, shown.join("\n"));
    return shown.join("\n");
  }

  const contents = async () =>
    Object.fromEntries(
      await Promise.all(
        channels.map(async (channel) => [channel.kind, await placeOf(channel).content()] as const),
      ),
    );

  it("is in the table: functions by the types, and resources that take part in a release", async () => {
    const state = await project.state();
    // A copy is of a channel that is a folder; what holds of it is in copied-channel.test.ts. What a registry shows of a
    // repository is no channel, and gated for itself; see repository-metadata.test.ts.
    const others: string[] = [siteCopyDefinition.token, repositoryMetadataDefinition.token];
    const own = definitions.filter(({ inputs, token }) => "gated" in inputs.shape && !others.includes(token));
    assert.ok(own.length >= 5);
    for (const { token } of own)
      assert.ok(state.includes(JSON.stringify(token)), `${token} is in no channel`);
  });

  for (const [round] of states.entries()) {
    const faultOf = (channel: TestedChannel) => states[(channels.indexOf(channel) + round) % states.length];
    const isWithout = (channel: TestedChannel) =>
      ["down", "refusing", "failing"].includes(faultOf(channel) ?? "");
    const failing = channels.filter(isWithout).map(({ kind }) => kind);
    const others = channels.filter((channel) => !isWithout(channel)).map(({ kind }) => kind);

    it(`all others have the release where it fails for ${failing.join(", ")}; the next run does these, the third nothing`, async () => {
      await declare(`v1.${round + 1}.0`);
      const before = await contents();
      for (const channel of channels) await placeOf(channel).fail(faultOf(channel));
      const text = await run(["up", "--yes", "--skip-preview", "--logtostderr", "--logflow", "-v=9"], 1);
      const gate = new RegExp(`${failing.length} of ${channels.length} channels have not got the release`);
      assert.match(text, gate);
      for (const kind of failing) assert.ok(text.includes(`- ${kind} `), `${kind} is not named`);
      for (const kind of others) assert.ok(!text.includes(`- ${kind} `), `${kind} is named`);

      // What a place repeats of what it was given is shown without it.
      assert.match(text, /no entry with \[secret\]/);

      for (const channel of channels) await placeOf(channel).fail(undefined);
      const after = await contents();
      for (const kind of others) assert.notEqual(after[kind], before[kind], kind);
      for (const kind of failing) assert.equal(after[kind], before[kind], kind);

      const counts = resourceCounts(await run(["up", "--yes", "--skip-preview"]));
      assert.deepEqual(Object.keys(counts).sort(), ["unchanged", "updated"]);
      assert.equal(counts.updated, failing.length);
      const whole = await contents();
      for (const kind of others) assert.equal(whole[kind], after[kind], kind);
      for (const kind of failing) assert.notEqual(whole[kind], before[kind], kind);

      const third = resourceCounts(await run(["up", "--yes", "--skip-preview"]));
      assert.deepEqual(Object.keys(third), ["unchanged"]);
      assert.deepEqual(await contents(), whole);
    });
  }

  it("has its secret in no output, log, state or file, whatever the places said", async () => {
    const files = await filesBelow(path.join(project.directory, ".."));
    const texts: [string, string][] = [
      ["the output", said.join("\n")],
      ["the state", await project.state()],
    ];
    for (const file of files) {
      // The places are those of others, and have what they are given.
      if (!file.includes(`${path.sep}places${path.sep}`)) texts.push([file, await readFile(file, "latin1")]);
    }
    for (const channel of channels) {
      const { secret } = placeOf(channel);
      const lines = secret.split("\n").filter((line) => !secret.includes("\n") || line.length > 40);
      const forms = lines.flatMap(formsOf);
      for (const [where, text] of texts) {
        for (const form of forms) assert.ok(!text.includes(form), `${channel.kind}: ${form} is in ${where}`);
      }
    }
  });
});

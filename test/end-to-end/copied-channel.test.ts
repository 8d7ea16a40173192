import assert from "node:assert/strict";
import { mkdir, readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { AptMachine } from "../support/apt";
import { EngineProject, resourceCounts } from "../support/engine";
import { openPgpKey } from "../support/openpgp";
import type { ServerProcess } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireS3, S3Service } from "../support/s3";
import { requireRsync, startSshServer, type SshServer } from "../support/ssh-server";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";
import { filesBelow, formsOf } from "./traces";

const inRelease = "dists/stable/InRelease";

describe("an APT repository that is copied to hosts", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let bucket: S3Service;
  let ssh: SshServer;
  let web: ServerProcess & { url: string };
  let outside: string;
  const said: string[] = [];

  before(async function () {
    requireTools(this, "pulumi", "registry", "apt-get", "dpkg", "dpkg-query");
    requireS3(this);
    requireRsync(this);
    registry = await startDistribution();
    project = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    // Beside the project: others' machines.
    outside = path.join(project.directory, "..", "outside");
    await mkdir(path.join(outside, "www"), { recursive: true });
    bucket = await S3Service.start("public");
    ssh = await startSshServer(path.join(outside, "ssh"));
    web = await startStaticServer(path.join(outside, "www"));
    await project.setSecret("aptKey", await openPgpKey("ed25519"));
    await project.setSecret("s3Key", bucket.secretAccessKey);
    await project.setSecret("sshKey", ssh.privateKey);
  });
  after(async () => {
    await web?.stop();
    await ssh?.stop();
    await bucket?.stop();
    await registry?.stop();
    await project?.remove();
  });

  const declare = (version: string, change = { s3: "", rsync: "" }) =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { aptRepository, directoryRelease, Distribution, ociRegistry, rsyncHost, s3Host } from "@slipway";

const config = new pulumi.Config();
new Distribution("app", {
  version: "${version}",
  binaries: { app: {
    sources: ["app.txt"],
    command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver}\\n' > {output}/app && chmod +x {output}/app"],
    platforms: ["linux/amd64"],
    executable: false,
  } },
  registries: [ociRegistry({ host: "${registry.host}" })],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  platforms: ["linux/amd64"],
  archives: { app: { binaries: ["app"] } },
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" }),
  channels: [
    aptRepository({
      directory: "apt",
      origin: "Acme",
      url: "https://apt.acme.example",
      maintainer: "Acme <releases@acme.example>",
      key: config.requireSecret("aptKey"),
      packages: { app: { programs: ["app"], description: "Says its version" } },
      hosts: [
        s3Host({
          endpoint: "${bucket.endpoint}",
          bucket: "${bucket.bucket}",
          prefix: "debian",
          accessKeyId: "${bucket.accessKeyId}",
          secretAccessKey: config.requireSecret("s3Key"),
          ${change.s3}
        }),
        rsyncHost({
          to: "${ssh.login}:${path.join(outside, "www/apt")}",
          port: ${ssh.port},
          privateKey: config.requireSecret("sshKey"),
          knownHosts: ${JSON.stringify(ssh.knownHosts)},
          ${change.rsync}
        }),
      ],
    }),
  ],
});
`);

  async function run(args: readonly string[], expected = 0): Promise<string> {
    const { code, text } = await project.run([...args, "--stack", "dev"]);
    said.push(text);
    assert.equal(code === 0, expected === 0, text);
    return text.replaceAll(/\s+/g, " ");
  }
  const up = () => run(["up", "--yes", "--skip-preview"]);

  /** A machine that installs from a host. */
  async function machine(name: string, url: string): Promise<AptMachine> {
    const made = await AptMachine.make(path.join(outside, name), "amd64");
    const source = await (await fetch(`${url}/app.sources`)).text();
    await made.source(source.replace("https://apt.acme.example", url));
    return made;
  }

  async function succeeds(one: AptMachine, ...args: string[]): Promise<void> {
    const { code, output } = await one.apt(args);
    assert.equal(code, 0, output);
  }

  const urls = () => ({
    s3: `${bucket.endpoint}/${bucket.bucket}/debian`,
    rsync: `${web.url}/apt`,
  });

  it("is refused before anything is made where a host is none", async () => {
    await declare("v1.0.0", { s3: "", rsync: 'to: "nowhere",' });
    assert.match(
      await run(["preview"], 1),
      /rsyncHost\(\) cannot be published as declared: to: "nowhere" is no folder of a machine/,
    );
    await declare("v1.0.0", { s3: 'prefix: "/x",', rsync: "" });
    assert.match(
      await run(["preview"], 1),
      /s3Host\(\) cannot be published as declared: prefix: .*a path without \/ at its ends/,
    );
  });

  it("is installed from both; a preview copies nothing, a second run changes nothing", async () => {
    await declare("v1.0.0");
    assert.match(await run(["preview"]), /slipway:site:Copy/);
    assert.deepEqual(await bucket.objects(), {});
    await up();
    for (const [name, url] of Object.entries(urls())) {
      const one = await machine(name, url);
      await succeeds(one, "update");
      await succeeds(one, "install", "-y", "app");
      assert.match(await one.file("usr/bin/app"), /echo 1\.0\.0/);
    }
    assert.deepEqual(Object.keys(resourceCounts(await up())), ["unchanged"]);
  });

  it("who has installed it gets the next version; what was lost or changed there is named and put back", async () => {
    const [s3, rsync] = [await machine("s3-next", urls().s3), await machine("rsync-next", urls().rsync)];
    for (const one of [s3, rsync]) {
      await succeeds(one, "update");
      await succeeds(one, "install", "-y", "app");
    }
    await declare("v1.1.0");
    assert.match(await run(["preview", "--diff"]), /slipway:site:Copy: \(update\)/);
    await up();
    for (const one of [s3, rsync]) {
      await succeeds(one, "update");
      await succeeds(one, "upgrade", "-y");
      assert.match(await one.file("usr/bin/app"), /echo 1\.1\.0/);
      await succeeds(one, "install", "-y", "--allow-downgrades", "app=1.0.0");
    }
    await bucket.put(`debian/${inRelease}`, "by hand");
    await rm(path.join(outside, "www/apt", inRelease));
    const text = await run(["preview"]);
    assert.match(text, /somebody changed s3:\/\/\S+\/debian\/dists\/stable\/InRelease/);
    assert.match(text, /somebody deleted \S+www\/apt\/dists\/stable\/InRelease/);
    await up();
    for (const url of Object.values(urls())) {
      const served = await (await fetch(`${url}/${inRelease}`)).text();
      assert.equal(served, await readFile(path.join(project.directory, "apt", inRelease), "utf8"));
    }
    assert.deepEqual(Object.keys(resourceCounts(await up())), ["unchanged"]);
  });

  it("a host that fails is named at the end, the others have the release, and the next run does it", async () => {
    await declare("v1.2.0", { s3: "", rsync: "port: 1," });
    const text = await run(["up", "--yes", "--skip-preview", "--logtostderr", "--logflow", "-v=9"], 1);
    assert.match(text, /1 of 3 channels have not got the release/);
    assert.match(text, /- APT repository apt in \S+www\/apt: looking at .*Connection refused/);
    const packages = "dists/stable/main/binary-amd64/Packages";
    assert.match(await (await fetch(`${urls().s3}/${packages}`)).text(), /^Version: 1\.2\.0$/m);
    assert.doesNotMatch(await (await fetch(`${urls().rsync}/${packages}`)).text(), /^Version: 1\.2\.0$/m);
    await declare("v1.2.0");
    await up();
    assert.match(await (await fetch(`${urls().rsync}/${packages}`)).text(), /^Version: 1\.2\.0$/m);
    assert.deepEqual(Object.keys(resourceCounts(await up())), ["unchanged"]);
  });

  it("no secret is in an output, a log, the state or a file", async () => {
    const texts: [string, string][] = [
      ["the output", said.join("\n")],
      ["the state", await project.state()],
    ];
    for (const file of await filesBelow(project.directory))
      texts.push([file, await readFile(file, "latin1")]);
    const lines = ssh.privateKey.split("\n").filter((line) => line.length > 40);
    for (const secret of [bucket.secretAccessKey, ...lines]) {
      for (const form of formsOf(secret)) {
        for (const [where, text] of texts) assert.ok(!text.includes(form), `a secret is in ${where}`);
      }
    }
  });
});

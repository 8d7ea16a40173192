import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { digestHex, digestOf } from "../../lib/oci/digest";
import { runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { nuget } from "../support/nuget";
import { feedKey, NugetFeed } from "../support/nuget-feed";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

describe("a release whose program goes to a feed of Chocolatey", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let feed: NugetFeed;

  before(async function () {
    requireTools(this, "pulumi", "registry", "nuget", "script", "unzip");
    registry = await startDistribution();
    project = await EngineProject.create({
      program: "",
      files: { "app.txt": "1" },
      secrets: { key: feedKey },
    });
    feed = await NugetFeed.start(path.join(project.directory, "feed"));
  });
  after(async () => {
    await feed?.stop();
    await registry?.stop();
    await project?.remove();
  });

  const declare = (version: string, more = "") =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { chocolateyPackage, directoryRelease, Distribution, ociRegistry } from "@slipway";

new Distribution("mlos", {
  version: "${version}",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "mlos" }] } },
  binaries: {
    mlos: {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver} {os}\\\\n' > {output}/mlos{exe} && chmod +x {output}/mlos{exe}"],
      platforms: ["linux/amd64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { mlos: { binaries: ["mlos"], formats: { windows: "zip" } } },
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example/mlos" }),
  channels: [
    chocolateyPackage({
      authors: "Acme & <friends>",
      description: "Runs models on this machine,\\nas a service and from the shell.",
      homepage: "https://acme.example/mlos",
      tags: ["mlos", "cli"],
      feed: { source: "${feed.source}", push: "${feed.source}" },
      apiKey: new pulumi.Config().requireSecret("key"),
      ${more}
    }),
  ],
});
`);
  const list = (...more: string[]) =>
    nuget(path.join(project.directory, "home"), "list", "-NonInteractive", "-Source", feed.source, ...more);

  it("refuses what Chocolatey cannot carry before anything is made", async () => {
    for (const [version, more, reason] of [
      [
        "v1.0.0-20260101",
        "",
        /channels\[0\]\.version: .* has the pre-release 20260101, and one of Chocolatey begins/,
      ],
      ["v1.0.0", 'id: "-mlos",', /"-mlos" is not an id of a package/],
      ["v1.0.0", 'tags: ["a,b"],', /tags\[0\]: "a,b" is not valid: a word without spaces and commas/],
      ["v1.0.0", "feed: undefined, tags: ['chocolatey'],", /channels\[0\]\.tags: .*not expected among them/],
    ] as const) {
      await declare(version, more);
      await assert.rejects(project.preview(), reason);
    }
    assert.equal(feed.requests.length, 0);
  });

  it("CORE-27: DISTRO-34: is a package whose script has address and sum of the archive, listed and installed by nuget", async () => {
    await declare("v1.0.0");
    assert.match(await project.preview(), /slipway:chocolatey:Package: \(create\)/);
    assert.equal(feed.pushes(), 0);
    await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.equal(feed.pushes(), 1);
    const script = await runClient("unzip", [
      "-p",
      path.join(feed.folder, "mlos.1.0.0.nupkg"),
      "tools/chocolateyInstall.ps1",
    ]);
    const url = /url64bit += '([^']*)'/.exec(script)?.[1] ?? "";
    const asset = url.replace("https://downloads.acme.example/mlos/", "");
    assert.match(asset, /windows_amd64\.zip$/);
    const archive = await readFile(path.join(project.directory, "public", asset));
    assert.ok(script.includes(`checksum64     = '${digestHex(digestOf(archive))}'`), script);
    assert.equal(await list("mlos"), "mlos 1.0.0");
    const target = path.join(project.directory, "installed");
    await nuget(
      path.join(project.directory, "home"),
      "install",
      "mlos",
      "-NonInteractive",
      "-Source",
      feed.source,
      "-OutputDirectory",
      target,
    );
    assert.equal(
      await readFile(path.join(target, "mlos.1.0.0/tools/chocolateyInstall.ps1"), "utf8").then((text) =>
        text.trimEnd(),
      ),
      script,
    );
  });

  it("a candidate reaches those alone who ask for it, and a patch of an old line nobody who has a newer one", async () => {
    for (const version of ["v1.1.0-rc.1", "v1.1.0", "v1.2.0-rc.2", "v1.0.1"]) {
      await declare(version);
      await project.upWithoutPreview();
      if (version === "v1.1.0-rc.1") assert.equal(await list("mlos"), "mlos 1.0.0");
    }
    assert.equal(await list("mlos"), "mlos 1.1.0");
    assert.equal(await list("mlos", "-Prerelease"), "mlos 1.2.0-rc0002");
  });

  it("a feed that refuses the key fails the run at its end, and gets the release by the next one", async () => {
    feed.key = "another";
    await declare("v1.3.0");
    await assert.rejects(project.upWithoutPreview(), (error: Error) => {
      assert.match(
        error.message,
        /Chocolatey package 127\.0\.0\.1:\d+: .*HTTP 403.*The key is not accepted, or not for mlos/,
      );
      assert.ok(!error.message.includes(feedKey));
      return true;
    });
    feed.key = feedKey;
    await project.upWithoutPreview();
    assert.equal(await list("mlos"), "mlos 1.3.0");
  });
});

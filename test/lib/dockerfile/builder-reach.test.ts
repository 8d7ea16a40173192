import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { reasonOutOfReach } from "../../../lib/buildkit/builder-reach";

describe("builders that a registry of this machine is out of reach for", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-buildx-"));
    await mkdir(path.join(folder, "instances"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Records as buildx 0.35 writes them. */
  const cases: { title: string; record: object; expected: RegExp | undefined }[] = [
    {
      title: "a container with a network of its own",
      record: {
        Driver: "docker-container",
        Nodes: [{ Endpoint: "unix:///var/run/docker.sock", DriverOpts: null }],
      },
      expected: /a network of its own .*--driver-opt network=host/,
    },
    {
      title: "a container with the host's network",
      record: {
        Driver: "docker-container",
        Nodes: [{ Endpoint: "default", DriverOpts: { network: "host" } }],
      },
      expected: undefined,
    },
    { title: "a cluster", record: { Driver: "kubernetes", Nodes: [{}] }, expected: /in a cluster/ },
    {
      title: "another machine",
      record: { Driver: "remote", Nodes: [{ Endpoint: "tcp://arm.example.com:1234" }] },
      expected: /it runs at tcp:\/\/arm\.example\.com:1234/,
    },
    {
      title: "a daemon of this machine",
      record: {
        Driver: "remote",
        Nodes: [{ Endpoint: "tcp://127.0.0.1:1234" }, { Endpoint: "unix:///run/b.sock" }],
      },
      expected: undefined,
    },
    {
      title: "a way that is not known here",
      record: { Driver: "remote", Nodes: [{ Endpoint: "docker-container://buildkitd" }] },
      expected: undefined,
    },
  ];
  for (const { title, record, expected } of cases) {
    it(title, async () => {
      await writeFile(path.join(folder, "instances", "ci"), JSON.stringify(record));
      const reason = await reasonOutOfReach("CI", { BUILDX_CONFIG: folder });
      if (expected) assert.match(reason ?? "", expected);
      else assert.equal(reason, undefined);
    });
  }

  it("a name that buildx does not know", async () => {
    assert.equal(await reasonOutOfReach("other", { BUILDX_CONFIG: folder }), undefined);
  });
});

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, ProviderProcess } from "../support/provider-process";

const image = "slipway:oci:Image";

describe("inputs of an image that cannot be", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-inputs-"));
    await writeFile(path.join(project, "there.txt"), "there");
    await mkdir(path.join(project, "folder"));
    await symlink("/etc/hostname", path.join(project, "escape"));
    provider = await ProviderProcess.start(project);
  });
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true });
  });

  const good = { repository: "127.0.0.1:9/acme/hello", platform: "linux/amd64" };
  const file = (declared: Properties): Properties => ({
    layers: [{ files: [{ to: "/a", ...declared }] }],
  });

  /**
   * What is changed of good inputs, the field that is named, and the example or way out that is
   * given.
   */
  const cases: [string, Properties, string, RegExp][] = [
    ["no repository", { repository: undefined }, "repository", /is missing.*"ghcr\.io\/acme\/hello"/],
    [
      "a repository that its registry does not take (CAP-02)",
      { repository: "docker.io/acme/team/hello" },
      "repository",
      /docker\.io takes no repository "acme\/team\/hello": Docker Hub has two parts/,
    ],
    [
      "an upper-case repository",
      { repository: "ghcr.io/Acme/hello" },
      "repository",
      /upper-case.*use "acme\/hello"/,
    ],
    ["a tag in the repository", { repository: "ghcr.io/acme/hello:1" }, "repository", /"acme\/hello"/],
    ["an unknown platform", { platform: "linux/x64" }, "platform", /did you mean "linux\/amd64"\?/],
    ["a platform that is not text", { platform: 64 }, "platform", /64 is not valid.*"linux\/amd64"/],
    ["an unknown field", { layer: [] }, "layer", /unknown field; did you mean "layers"\?/],
    ["a base that is not a reference", { base: "ghcr.io/acme/hello:" }, "base", /valid example: "v1\.2\.3"/],
    ["no file in a layer", { layers: [{ files: [] }] }, "layers[0].files", /at least one file is expected/],
    [
      "a relative target",
      file({ to: "app/hello", content: "" }),
      "layers[0].files[0].to",
      /"app\/hello" is not valid.*"\/usr\/local\/bin\/hello"/,
    ],
    [
      "a target that climbs",
      file({ to: "/app/../../etc", content: "" }),
      "layers[0].files[0].to",
      /has a "\.\." component.*"\/app\/hello"/,
    ],
    [
      "a target that is a whiteout",
      file({ to: "/etc/.wh.motd", content: "" }),
      "layers[0].files[0].to",
      /"remove": true/,
    ],
    ["a file of nothing", file({}), "layers[0].files[0]", /exactly one.*"source": "dist\/hello"/],
    ["a file of two things", file({ content: "", symlink: "b" }), "layers[0].files[0]", /exactly one/],
    [
      "a source that is missing",
      file({ source: "missing.txt" }),
      "layers[0].files[0].source",
      /"missing\.txt".*a valid example/,
    ],
    [
      "a source outside of the project",
      file({ source: "../outside" }),
      "layers[0].files[0].source",
      /"\.\.\/outside".*a valid example/,
    ],
    [
      "a symbolic link out of the project",
      file({ source: "escape" }),
      "layers[0].files[0].source",
      /"escape".*a valid example/,
    ],
    [
      "a digest of a folder",
      file({ source: "folder", digest: `sha256:${"0".repeat(64)}` }),
      "layers[0].files[0].digest",
      /is a directory, which has no digest/,
    ],
    ["a mode that is not octal", file({ content: "", mode: "rwx" }), "layers[0].files[0].mode", /"0755"/],
    [
      "one path twice",
      {
        layers: [
          {
            files: [
              { to: "/a", content: "1" },
              { to: "//a", content: "2" },
            ],
          },
        ],
      },
      "layers[0].files[1].to",
      /already in the layer, from layers\[0\]\.files\[0\]/,
    ],
    [
      "an unknown compression",
      { layers: [{ files: [{ to: "/a", content: "" }], compression: "xz" }] },
      "layers[0].compression",
      /"xz".*gzip.*zstd.*none/,
    ],
    [
      "a port that is none",
      { config: { exposedPorts: [8080, "99999/tcp"] } },
      "config.exposedPorts[1]",
      /"99999\/tcp" is not valid: a port from 1 to 65535.*"53\/udp"/,
    ],
    [
      "a working directory that is relative",
      { config: { workingDir: "app" } },
      "config.workingDir",
      /"app" is not an absolute path.*"\/app"/,
    ],
    ["a signal that is none", { config: { stopSignal: "TERM" } }, "config.stopSignal", /"SIGTERM"/],
    [
      "a health check without a command",
      { config: { healthcheck: { test: [] } } },
      "config.healthcheck.test",
      /"--healthcheck"/,
    ],
    ["a time that is none", { created: "yesterday" }, "created", /"yesterday".*"2026-01-31T12:00:00Z"/],
  ];
  for (const [what, change, property, reason] of cases) {
    it(`${what}: names ${property} and what would be right`, async () => {
      await assert.rejects(provider.check(image, { ...good, ...change }), (error: unknown) => {
        assert.ok(error instanceof CheckFailed, String(error));
        assert.equal(error.failures.length, 1, error.message);
        assert.equal(error.failures[0]?.property, property, error.message);
        assert.match(error.failures[0].reason, reason);
        assert.doesNotMatch(error.message, /^\s+at /m, "a stack trace helps nobody here");
        return true;
      });
    });
  }

  it("tells everything that is wrong at once", async () => {
    const inputs = { ...good, platform: "x", repository: "X", layers: [{ files: [], surplus: 1, other: 2 }] };
    await assert.rejects(provider.check(image, inputs), (error: CheckFailed) => {
      assert.deepEqual(error.failures.map(({ property }) => property).sort(), [
        "layers[0].files",
        "layers[0].other",
        "layers[0].surplus",
        "platform",
        "repository",
      ]);
      return true;
    });
  });

  it("takes no unknown value for a wrong one, and finds what is wrong beside it", async () => {
    const inputs = { ...good, base: unknown, surplus: 1, other: 2, config: { env: unknown } };
    await assert.rejects(provider.check(image, inputs), (error: CheckFailed) => {
      assert.deepEqual(error.failures.map(({ property }) => property).sort(), ["other", "surplus"]);
      return true;
    });
    const { surplus: _surplus, other: _other, ...right } = inputs;
    assert.equal((await provider.check(image, right)).digest, unknown);
  });

  it("takes an unknown value inside of a list of alternatives for no wrong one", async () => {
    const config = { exposedPorts: [8080, unknown], healthcheck: { test: ["curl", unknown] } };
    assert.equal((await provider.check(image, { ...good, config })).digest, unknown);
  });
});

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";
import { cosignVerify, cosignVerifyAttestation } from "../support/cosign";
import { imageNames } from "./tinyolly";
import type { RedirectedProd } from "./tinyolly-stack";

const platforms = ["linux/amd64", "linux/arm64"] as const;
const children = ["ui", "otlp-receiver"] as const;

interface Index {
  manifests: { platform: { os: string; architecture: string } }[];
}

interface Manifest {
  layers: { digest: string; size: number }[];
}

interface Config {
  architecture: string;
  created: string;
  config: { Labels: Record<string, string>; User?: string; Healthcheck?: object };
  history: { created_by?: string }[];
}

/** What TinyOlly's requirements ask of the published images of v2.0.0, by clients that are not ours. */
export function checkRows(prod: () => RedirectedProd): void {
  const reference = (name: string, tag = "v2.0.0") => `${prod().repository(name)}:${tag}`;
  const json = async <T>(...args: string[]) => JSON.parse(await crane(args)) as T;
  const manifestOf = (name: string, platform: string) =>
    json<Manifest>("manifest", "--platform", platform, reference(name));
  const configOf = (name: string, platform: string) =>
    json<Config>("config", "--platform", platform, reference(name));

  async function filesOf(name: string, platform: string): Promise<string[]> {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-tinyolly-"));
    const archive = path.join(folder, "image.tar");
    await crane(["export", "--platform", platform, reference(name), archive]);
    const files = await runClient("tar", ["-tf", archive]);
    await rm(folder, { recursive: true });
    return files.split("\n");
  }

  it("every tag is one index for amd64 and arm64", async () => {
    for (const name of imageNames) {
      const { manifests } = await json<Index>("manifest", reference(name, "latest"));
      const found = manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`);
      assert.deepEqual(found, [...platforms], name);
    }
  });

  it("TINY-05: on each platform the children's first layers are the base's", async () => {
    for (const platform of platforms) {
      const base = (await manifestOf("python-base", platform)).layers.map(({ digest }) => digest);
      for (const child of children) {
        const layers = (await manifestOf(child, platform)).layers.map(({ digest }) => digest);
        assert.deepEqual(layers.slice(0, base.length), base, `${child} for ${platform}`);
        assert.ok(layers.length > base.length);
      }
    }
  });

  it("TINY-06: APP_DIR chooses the application of each child, and no other image has it", async () => {
    for (const name of imageNames) {
      const { history } = await configOf(name, "linux/arm64");
      const given = history.some(({ created_by: by }) => by?.includes("APP_DIR"));
      assert.equal(given, (children as readonly string[]).includes(name), name);
    }
    const source = (await filesOf("ui", "linux/arm64")).filter((file) => file.startsWith("app/"));
    assert.deepEqual(source, ["app/main.py"]);
  });

  it("no image has a compiler, sources of Go or compiled Python with times", async () => {
    for (const name of ["opamp-server", "otel-supervisor"]) {
      const files = await filesOf(name, "linux/amd64");
      assert.deepEqual(
        files.filter((file) => /(^|\/)(go|gofmt|src)\/?$|\.go$|(^|\/)bin\/sh$/.test(file)),
        [],
      );
    }
    const packages = (await filesOf("ui", "linux/amd64")).filter((file) => file.startsWith("opt/tinyolly/"));
    assert.ok(packages.some((file) => file.endsWith("fastapi/__init__.py")));
    assert.deepEqual(
      packages.filter((file) => file.endsWith(".pyc")),
      [],
    );
  });

  it("BLEU-16, G-49: labels, user and reproducible times are in every image", async () => {
    for (const name of imageNames) {
      const { config, created } = await configOf(name, "linux/arm64");
      assert.equal(config.User, "10001:10001", name);
      assert.equal(created, "1970-01-01T00:00:00Z", name);
      assert.equal(config.Labels["org.opencontainers.image.version"], "v2.0.0", name);
      assert.equal(config.Labels["org.opencontainers.image.licenses"], "BSD-3-Clause", name);
    }
  });

  it("TINY-27, TINY-28: cosign verifies signature and SBOM of all five", async () => {
    const key = path.join(prod().project.directory, "cosign.pub");
    for (const name of imageNames) {
      await cosignVerify(reference(name), key);
      const attested = await cosignVerifyAttestation(reference(name), "spdxjson", key);
      assert.match(attested, /payload/);
    }
  });
}

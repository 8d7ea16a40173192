import assert from "node:assert/strict";
import { digestOf } from "../../../../lib/oci/digest";
import { assembleImage } from "../../../../lib/oci/image/assemble";
import { imageConfigFile, type ImageConfigFile } from "../../../../lib/oci/image/config";
import type { ImageConfig } from "../../../../lib/oci/image/config-declaration";
import { ImageConfigError } from "../../../../lib/oci/image/config-error";
import { imageIndex } from "../../../../lib/oci/image/index";
import { imageManifest } from "../../../../lib/oci/image/manifest";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Descriptor } from "../../../../lib/oci/types";

const platform = { os: "linux", architecture: "amd64" };
const diffIds = ["a", "b", "c"].map(digestOf) as [string, string, string];

const base: ImageConfigFile = {
  ...platform,
  created: "2020-01-01T00:00:00Z",
  author: "somebody",
  config: {
    Env: ["PATH=/usr/bin", "HOME=/root", "EMPTY="],
    Entrypoint: ["/bin/sh"],
    Cmd: ["-c", "true"],
    Labels: { kept: "1", changed: "1" },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/old": {} },
    User: "root",
    WorkingDir: "/root",
    StopSignal: "SIGINT",
    Shell: ["/bin/bash", "-c"],
  },
  rootfs: { type: "layers", diff_ids: diffIds.slice(0, 2) },
  history: [{ created_by: "one" }, { created_by: "ENV", empty_layer: true }, { created_by: "two" }],
};

function configOf(
  config: ImageConfig,
  over?: ImageConfigFile,
  layers: readonly { diffId: string; createdBy?: string }[] = [],
): ImageConfigFile {
  return JSON.parse(imageConfigFile({ platform, base: over, config, layers }).toString()) as ImageConfigFile;
}

describe("configuration of an image", () => {
  it("is complete without a base", () => {
    const file = configOf(
      {
        entrypoint: ["/app/hello"],
        cmd: ["serve"],
        env: { B: "2", A: "1=1" },
        labels: { title: "hello" },
        exposedPorts: [8080, "53/udp", "9000"],
        user: "65532:65532",
        workingDir: "/app",
        volumes: ["/data"],
        stopSignal: "SIGRTMIN+3",
        healthcheck: {
          test: ["/app/hello", "--check"],
          intervalSeconds: 30,
          timeoutSeconds: 0.25,
          startPeriodSeconds: 5,
          retries: 3,
        },
      },
      undefined,
      [{ diffId: diffIds[0], createdBy: "files of hello" }],
    );
    assert.deepEqual(file, {
      ...platform,
      created: "1970-01-01T00:00:00Z",
      config: {
        Entrypoint: ["/app/hello"],
        Cmd: ["serve"],
        Env: ["A=1=1", "B=2"],
        Labels: { title: "hello" },
        ExposedPorts: { "8080/tcp": {}, "53/udp": {}, "9000/tcp": {} },
        User: "65532:65532",
        WorkingDir: "/app",
        Volumes: { "/data": {} },
        StopSignal: "SIGRTMIN+3",
        Healthcheck: {
          Test: ["CMD", "/app/hello", "--check"],
          Interval: 30_000_000_000,
          Timeout: 250_000_000,
          StartPeriod: 5_000_000_000,
          Retries: 3,
        },
      },
      rootfs: { type: "layers", diff_ids: [diffIds[0]] },
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "files of hello" }],
    });
  });

  it("changes of a base only what is declared", () => {
    const file = configOf(
      {
        env: { HOME: "/home/app", NEW: "1" },
        labels: { changed: "2", added: "3" },
        exposedPorts: [443],
        volumes: ["/new"],
      },
      base,
      [{ diffId: diffIds[2] }],
    );
    assert.deepEqual(file.config, {
      ...base.config,
      Env: ["PATH=/usr/bin", "HOME=/home/app", "EMPTY=", "NEW=1"],
      Labels: { kept: "1", changed: "2", added: "3" },
      ExposedPorts: { "80/tcp": {}, "443/tcp": {} },
      Volumes: { "/old": {}, "/new": {} },
    });
    assert.deepEqual(file.rootfs.diff_ids, diffIds);
    assert.deepEqual(
      file.history?.map((step) => step.created_by),
      ["one", "ENV", "two", "slipway"],
    );
    assert.equal(file.author, "somebody");
  });

  const commands: { config: ImageConfig; entrypoint?: string[]; cmd?: string[] }[] = [
    { config: {}, entrypoint: ["/bin/sh"], cmd: ["-c", "true"] },
    { config: { entrypoint: ["/x"] }, entrypoint: ["/x"], cmd: undefined },
    { config: { cmd: ["y"] }, entrypoint: ["/bin/sh"], cmd: ["y"] },
    { config: { entrypoint: ["/x"], cmd: ["y"] }, entrypoint: ["/x"], cmd: ["y"] },
    { config: { entrypoint: [] }, entrypoint: [], cmd: undefined },
  ];
  for (const { config, entrypoint, cmd } of commands) {
    it(`runs ${JSON.stringify([entrypoint, cmd])} for ${JSON.stringify(config)}`, () => {
      const { Entrypoint, Cmd } = configOf(config, base).config ?? {};
      assert.deepEqual([Entrypoint, Cmd], [entrypoint, cmd]);
    });
  }

  const checks: { test: string[] | string; expected: string[] }[] = [
    { test: "curl -f localhost || exit 1", expected: ["CMD-SHELL", "curl -f localhost || exit 1"] },
    { test: ["/check"], expected: ["CMD", "/check"] },
    { test: ["CMD", "/check"], expected: ["CMD", "/check"] },
    { test: ["CMD-SHELL", "check"], expected: ["CMD-SHELL", "check"] },
    { test: ["NONE"], expected: ["NONE"] },
  ];
  for (const { test, expected } of checks) {
    it(`checks health with ${JSON.stringify(test)}`, () => {
      assert.deepEqual(configOf({ healthcheck: { test } }).config?.Healthcheck, { Test: expected });
    });
  }

  it("describes the layers of a base that does not do it itself", () => {
    const { history } = configOf({}, { ...base, history: undefined }, [{ diffId: diffIds[2] }]);
    assert.equal(history?.length, 3);
  });

  it("does not depend on the order of declarations", () => {
    const one = { env: { A: "1", B: "2" }, labels: { x: "1", y: "2" }, user: "u", volumes: ["/a", "/b"] };
    const other = { volumes: ["/b", "/a"], user: "u", labels: { y: "2", x: "1" }, env: { B: "2", A: "1" } };
    const bytes = (config: ImageConfig): string =>
      imageConfigFile({ platform, config, layers: [] }).toString();
    assert.equal(bytes(one), bytes(other));
  });

  const refusals: { config: object; field: string; created?: string }[] = [
    { config: { exposedPorts: [80, 0] }, field: "config.exposedPorts[1]" },
    { config: { exposedPorts: [65536] }, field: "config.exposedPorts[0]" },
    { config: { exposedPorts: ["80/icmp"] }, field: "config.exposedPorts[0]" },
    { config: { exposedPorts: ["80-90"] }, field: "config.exposedPorts[0]" },
    { config: { env: { "A=B": "1" } }, field: "config.env" },
    { config: { env: { "": "1" } }, field: "config.env" },
    { config: { env: { PORT: 8080 } }, field: "config.env.PORT" },
    { config: { env: { SECRET: "x\0y" } }, field: "config.env.SECRET" },
    { config: { labels: { "": "" } }, field: "config.labels" },
    { config: { user: "a b" }, field: "config.user" },
    { config: { user: "" }, field: "config.user" },
    { config: { workingDir: "app" }, field: "config.workingDir" },
    { config: { volumes: ["/ok", "data"] }, field: "config.volumes[1]" },
    { config: { stopSignal: "TERM" }, field: "config.stopSignal" },
    { config: { stopSignal: "0" }, field: "config.stopSignal" },
    { config: { entrypoint: ["/x", "a\0b"] }, field: "config.entrypoint[1]" },
    { config: { cmd: [1] }, field: "config.cmd[0]" },
    { config: { healthcheck: { test: [] } }, field: "config.healthcheck.test" },
    { config: { healthcheck: { test: "" } }, field: "config.healthcheck.test" },
    { config: { healthcheck: { test: ["NONE", "x"] } }, field: "config.healthcheck.test" },
    {
      config: { healthcheck: { test: "x", intervalSeconds: -1 } },
      field: "config.healthcheck.intervalSeconds",
    },
    {
      config: { healthcheck: { test: "x", timeoutSeconds: 1e-6 } },
      field: "config.healthcheck.timeoutSeconds",
    },
    {
      config: { healthcheck: { test: "x", startPeriodSeconds: NaN } },
      field: "config.healthcheck.startPeriodSeconds",
    },
    { config: { healthcheck: { test: "x", retries: 1.5 } }, field: "config.healthcheck.retries" },
    { config: {}, created: "yesterday", field: "created" },
    { config: {}, created: "2026-13-01T00:00:00Z", field: "created" },
    { config: {}, created: "2026-01-01", field: "created" },
  ];
  for (const { config, created, field } of refusals) {
    it(`refuses ${JSON.stringify(created ?? config)}`, () => {
      assert.throws(
        () => imageConfigFile({ platform, config: config, created, layers: [] }),
        (error: unknown) => {
          assert.ok(error instanceof ImageConfigError, String(error));
          assert.equal(error.field, field);
          assert.match(error.message, /\(a valid example: .+\)$/);
          assert.doesNotMatch(error.message, /x\0y/, "the value of a variable may be a secret");
          return true;
        },
      );
    });
  }
});

describe("manifest and index", () => {
  const layer: Descriptor = { mediaType: MediaType.ociLayerGzip, digest: digestOf("layer"), size: 5 };
  const config: Descriptor = { mediaType: MediaType.ociConfig, digest: digestOf("config"), size: 6 };

  it("has fixed bytes", () => {
    const { bytes, descriptor } = imageManifest(config, [layer], { annotations: { b: "2", a: "1" } });
    assert.equal(
      bytes.toString(),
      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",` +
        `"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"${config.digest}","size":6},` +
        `"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"${layer.digest}","size":5}],` +
        `"annotations":{"a":"1","b":"2"}}`,
    );
    assert.deepEqual(descriptor, {
      mediaType: MediaType.ociManifest,
      digest: digestOf(bytes),
      size: bytes.length,
    });
  });

  it("has a subject and an artifact type where they are given", () => {
    const { bytes } = imageManifest(config, [], { artifactType: "application/x", subject: layer });
    const manifest = JSON.parse(bytes.toString()) as Record<string, unknown>;
    assert.deepEqual(Object.keys(manifest), [
      "schemaVersion",
      "mediaType",
      "artifactType",
      "config",
      "layers",
      "subject",
    ]);
  });

  it("lists manifests in the order given, whatever the order of their fields", () => {
    const arm = { platform: { variant: "v7", architecture: "arm", os: "linux" }, ...layer };
    const amd = { ...layer, platform: { os: "linux", architecture: "amd64" } };
    const { bytes } = imageIndex([arm, amd], {});
    assert.equal(
      bytes.toString(),
      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[` +
        `{"mediaType":"${layer.mediaType}","digest":"${layer.digest}","size":5,` +
        `"platform":{"architecture":"arm","os":"linux","variant":"v7"}},` +
        `{"mediaType":"${layer.mediaType}","digest":"${layer.digest}","size":5,` +
        `"platform":{"architecture":"amd64","os":"linux"}}]}`,
    );
  });

  it("gives the layers of a Docker base their OCI names", () => {
    const types = [
      ["application/vnd.docker.image.rootfs.diff.tar.gzip", MediaType.ociLayerGzip],
      ["application/vnd.docker.image.rootfs.diff.tar", MediaType.ociLayerTar],
      [MediaType.ociLayerZstd, MediaType.ociLayerZstd],
    ] as const;
    const layers = types.map(([mediaType]) => ({ ...layer, mediaType }));
    const file: ImageConfigFile = { ...base, rootfs: { type: "layers", diff_ids: [...diffIds] } };
    const image = assembleImage({
      platform,
      base: { layers, config: { descriptor: config, bytes: Buffer.alloc(0), file } },
      layers: [{ ...layer, diffId: diffIds[0] }],
      config: {},
    });
    assert.deepEqual(
      image.layers.map(({ mediaType }) => mediaType),
      [...types.map(([, oci]) => oci), MediaType.ociLayerGzip],
    );
    const manifest = JSON.parse(image.manifest.bytes.toString()) as {
      layers: Descriptor[];
      config: Descriptor;
    };
    assert.deepEqual(manifest.layers, image.layers);
    assert.deepEqual(manifest.config, image.config.descriptor);
    assert.equal(digestOf(image.config.bytes), image.config.descriptor.digest);
  });

  it("refuses a base whose layers are none", () => {
    const odd = { ...layer, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip+encrypted" };
    const file: ImageConfigFile = { ...base, rootfs: { type: "layers", diff_ids: [diffIds[0]] } };
    assert.throws(
      () =>
        assembleImage({
          platform,
          base: { layers: [odd], config: { descriptor: config, bytes: Buffer.alloc(0), file } },
          layers: [],
          config: {},
        }),
      /layer sha256:.* of the base is of type .*encrypted/,
    );
  });
});

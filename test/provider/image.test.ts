import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { parseReference } from "../../lib/oci/reference";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import { CheckFailed, secret, type Held, type ProviderProcess } from "../support/provider-process";
import { pushBase } from "./base-images";
import { configOf, filesOf, indexOf, listRoot, manifestOf, validate } from "./published-image";
import { registryKinds, textLayer, uniqueText, useWorkbench, Workbench } from "./workbench";

const image = "slipway:oci:Image";
const platform = "linux/amd64";

for (const { name, start } of registryKinds) {
  describe(`images in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let serial: number;
    /** A repository that no other test uses. */
    let repository: string;

    useWorkbench({ start, tools: ["registry", "crane"], folder: "images/test" }, (test) => {
      ({ bench, provider, repository, serial } = test);
    });

    function published(held: Held): string {
      return bench.direct(held.state.reference);
    }

    it("publishes what is declared, by digest and without a tag", async () => {
      await bench.write("bin/hello", "#!/bin/sh\necho hello\n", 0o755);
      const held = await provider.create(image, {
        repository,
        platform,
        layers: [
          {
            files: [
              { to: "/usr/bin/hello", source: "bin/hello" },
              { to: "/usr/bin/hi", symlink: "hello" },
              { to: "/etc/motd", content: "welcome\n", mode: "0600", uid: 1000, gid: 100 },
            ],
            createdBy: "make install",
          },
          { files: [{ to: "/var/empty", directory: true, mode: "0700" }] },
        ],
        config: {
          entrypoint: ["/usr/bin/hello"],
          env: { B: "2", A: "1" },
          labels: { "org.opencontainers.image.title": "hello" },
          exposedPorts: [8080],
          user: "65532",
        },
        annotations: { "org.opencontainers.image.source": "https://example.org/hello" },
        created: "2026-01-31T12:00:00Z",
      });

      const reference = published(held);
      await validate(reference);
      const config = await configOf(reference);
      assert.deepEqual([config.os, config.architecture], ["linux", "amd64"]);
      assert.equal(config.created, "2026-01-31T12:00:00Z");
      assert.deepEqual(config.config, {
        Entrypoint: ["/usr/bin/hello"],
        Env: ["A=1", "B=2"],
        ExposedPorts: { "8080/tcp": {} },
        Labels: { "org.opencontainers.image.title": "hello" },
        User: "65532",
      });
      assert.equal(config.history[0]?.created_by, "make install");

      const list = (await listRoot(reference)).join("\n");
      assert.match(
        list,
        /^-rwxr-xr-x 0\/0 +21 1970-01-01 00:00 usr\/bin\/hello$/m,
        "an executable keeps its bits, and gets no time of this machine",
      );
      assert.match(list, /^lrwxrwxrwx 0\/0 .* usr\/bin\/hi -> hello$/m);
      assert.match(list, /^-rw------- 1000\/100 +8 .* etc\/motd$/m);
      assert.match(list, /^drwx------ 0\/0 .* var\/empty$/m);
      assert.equal((await filesOf(reference))["usr/bin/hello"], "#!/bin/sh\necho hello");

      const manifest = await manifestOf(reference);
      assert.deepEqual(manifest.annotations, {
        "org.opencontainers.image.source": "https://example.org/hello",
      });
      const blobs = [manifest.config, ...manifest.layers];
      assert.equal(
        held.state.totalSize,
        blobs.reduce((sum, { size }) => sum + size, Number(held.state.size)),
      );
      assert.deepEqual(held.state.descriptor, {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: held.state.digest,
        size: held.state.size,
        platform: { os: "linux", architecture: "amd64" },
      });
      assert.deepEqual(await bench.tags(repository), []);
    });

    describe("standard annotations", () => {
      const standardAnnotations = {
        "org.opencontainers.image.version": "v1.2.3",
        "org.opencontainers.image.licenses": "MIT",
      };

      it("are labels and annotations, below the declared ones", async () => {
        const own = { "org.opencontainers.image.licenses": "Apache-2.0" };
        const declared = { repository, platform, layers: [textLayer()], standardAnnotations };
        const held = await provider.create(image, { ...declared, config: { labels: own } });
        const reference = published(held);
        assert.deepEqual((await configOf(reference)).config.Labels, { ...standardAnnotations, ...own });
        assert.deepEqual((await manifestOf(reference)).annotations, standardAnnotations);
      });

      it("do not change what was published without them, until something else does", async () => {
        const plain = { repository, platform, layers: [textLayer()] };
        const held = await provider.create(image, plain);
        const checked = await provider.check(image, { ...plain, standardAnnotations }, held.inputs);
        assert.equal(checked.digest, held.state.digest);
        // What the state keeps does not forget it.
        assert.equal(checked.standardAnnotations, undefined);
        assert.deepEqual((await provider.diff(held, { ...plain, standardAnnotations })).changes, []);

        const changed = { ...plain, layers: [textLayer()], standardAnnotations };
        const { changes } = await provider.diff(held, changed);
        assert.deepEqual(changes.sort(), ["digest", "layers", "standardAnnotations"]);
        const updated = await provider.update(held, changed);
        assert.deepEqual((await configOf(published(updated))).config.Labels, standardAnnotations);
        assert.deepEqual((await provider.diff(updated, changed)).changes, []);
      });
    });

    it("knows the digest at preview, and sends nothing", async () => {
      const inputs = { repository, platform, layers: [textLayer()] };
      const preview = await provider.create(image, inputs, true);
      assert.deepEqual(bench.writeLines(), []);
      assert.equal(preview.id, "");
      const held = await provider.create(image, inputs);
      assert.equal(preview.state.digest, held.state.digest);
      assert.deepEqual(preview.state, held.state);
    });

    it("makes the same bytes in another project, from files of another time", async () => {
      const content = uniqueText();
      await bench.write("same.txt", content);
      const inputs = { repository, platform, layers: [{ files: [{ to: "/a", source: "same.txt" }] }] };
      const first = await provider.create(image, inputs, true);
      const other = await Workbench.open(start);
      try {
        await other.write("same.txt", content, 0o664);
        const second = await (await other.provider()).create(image, inputs, true);
        assert.equal(second.state.digest, first.state.digest);
      } finally {
        await other.close();
      }
    });

    it("adopts what is there, also when another process pushed it", async () => {
      const inputs = { repository, platform, layers: [textLayer()] };
      const first = await provider.create(image, inputs);
      const another = await bench.provider();
      bench.forget();
      assert.deepEqual(await another.create(image, inputs), first);
      assert.deepEqual(bench.writeLines(), []);
    });

    it("sends only the blobs that the repository lacks", async () => {
      const shared = textLayer(randomBytes(50_000).toString("hex"));
      await provider.create(image, { repository, platform, layers: [shared] });
      bench.forget();
      const held = await provider.create(image, { repository, platform, layers: [shared, textLayer()] });
      assert.ok(bench.blobBytesSent() < 5_000, `${bench.blobBytesSent()} bytes were sent`);
      await validate(published(held));
    });

    it("sees that a manifest was deleted, and publishes it again", async () => {
      const inputs = { repository, platform, layers: [textLayer()] };
      const held = await provider.create(image, inputs);
      assert.deepEqual(await provider.read(held), held);
      await crane(["delete", published(held)]);
      assert.equal(await provider.read(held), undefined);
      const again = await provider.create(image, inputs);
      assert.equal(again.state.digest, held.state.digest);
      await validate(published(again));
    });

    it("says at a change which input it is and that the digest follows", async () => {
      const inputs = { repository, platform, layers: [textLayer("one")], config: { user: "1" } };
      const held = await provider.create(image, inputs);
      const changesOf = async (change: Properties) => {
        const { changes, replaces } = await provider.diff(held, { ...inputs, ...change });
        return { changes: changes.sort(), replaces };
      };
      assert.deepEqual(await changesOf({}), { changes: [], replaces: [] });
      assert.deepEqual(await changesOf({ layers: [textLayer("two")] }), {
        changes: ["digest", "layers"],
        replaces: [],
      });
      assert.deepEqual(await changesOf({ config: { user: "2" } }), {
        changes: ["config", "digest"],
        replaces: [],
      });
      assert.deepEqual(await changesOf({ annotations: { a: "b" } }), {
        changes: ["annotations", "digest"],
        replaces: [],
      });
      assert.deepEqual(await changesOf({ repository: bench.repository("images/elsewhere") }), {
        changes: ["repository"],
        replaces: ["repository"],
      });
    });

    it("updates to the new content; the old digest stays", async () => {
      const inputs = { repository, platform, layers: [textLayer("old")] };
      const held = await provider.create(image, inputs);
      const wanted = { ...inputs, layers: [textLayer("new")] };
      bench.forget();
      const preview = await provider.update(held, wanted, true);
      assert.deepEqual(bench.writeLines(), []);
      const updated = await provider.update(held, wanted);
      assert.equal(updated.state.digest, preview.state.digest);
      assert.notEqual(updated.state.digest, held.state.digest);
      assert.deepEqual(await filesOf(published(updated)), { "content.txt": "new" });
      await validate(published(held));
    });

    it("leaves the image in the registry when it is deleted from the program", async () => {
      const held = await provider.create(image, { repository, platform, layers: [textLayer()] });
      bench.forget();
      await provider.delete(held);
      assert.deepEqual(bench.writeLines(), []);
      await validate(published(held));
      assert.ok(provider.messages.some((text) => text.startsWith(`${String(held.state.reference)} stays`)));
    });

    describe("from a base", () => {
      let base: string;
      let digest: string;

      before(async () => {
        base = bench.repository("bases/multi:1");
        digest = await pushBase(bench.direct(base), { platforms: ["linux/amd64", "linux/arm64"] });
      });

      it("takes the manifest of its platform, and sends no byte of its layers", async () => {
        const index = await indexOf(bench.direct(base));
        const arm = index.manifests.find(({ platform: of }) => of?.architecture === "arm64");
        const lower = await manifestOf(`${bench.direct(base)}@${arm?.digest}`);
        bench.forget();
        const held = await provider.create(image, {
          repository,
          platform: "linux/arm64",
          base,
          layers: [textLayer("mine")],
          config: { env: { MINE: "too" } },
        });
        const manifest = await manifestOf(published(held));
        assert.deepEqual(manifest.layers[0], lower.layers[0]);
        const own = [manifest.config, manifest.layers[1]].reduce((sum, blob) => sum + (blob?.size ?? 0), 0);
        assert.equal(bench.blobBytesSent(), own);
        const { path: from } = parseReference(base).repository;
        const got = bench.proxy.requests.filter(
          ({ method, path: target }) =>
            method === "GET" && target.includes(`/v2/${from}/blobs/${lower.layers[0]?.digest}`),
        );
        assert.deepEqual(got, []);
        await validate(published(held));
        assert.deepEqual(await filesOf(published(held)), {
          "content.txt": "mine",
          "etc/base": "linux/arm64",
        });
        const config = await configOf(published(held));
        assert.equal(config.architecture, "arm64");
        assert.deepEqual(config.config.Env?.slice(-2), ["FROM_BASE=yes", "MINE=too"]);
        assert.deepEqual(config.config.Cmd, ["base-command"]);
      });

      it("refuses a platform that it has not, and says which it has", async () => {
        await assert.rejects(
          provider.check(image, { repository, platform: "linux/s390x", base, layers: [textLayer()] }),
          (error: CheckFailed) => {
            assert.equal(error.failures[0]?.property, "base");
            assert.match(error.message, /has no image for linux\/s390x; it has linux\/amd64, linux\/arm64/);
            return true;
          },
        );
        assert.deepEqual(bench.writeLines(), []);
      });

      it("refuses a base that is not there, naming it", async () => {
        const missing = bench.repository("bases/multi:2");
        await assert.rejects(
          provider.check(image, { repository, platform, base: missing, layers: [textLayer()] }),
          (error: CheckFailed) => {
            assert.equal(error.failures[0]?.property, "base");
            assert.match(error.message, /bases\/multi:2.*404/);
            return true;
          },
        );
      });

      it("takes it from an OCI image layout on disk", async () => {
        await crane(["pull", "--format=oci", bench.direct(base), path.join(bench.project, "layout")]);
        bench.forget();
        const inputs = { repository, platform, layers: [textLayer("over a layout")] };
        const held = await provider.create(image, { ...inputs, base: `oci-layout:layout@${digest}` });
        const gets = bench.proxy.requests.filter(({ method }) => method === "GET");
        assert.deepEqual(gets, []);
        assert.deepEqual(await filesOf(published(held)), {
          "content.txt": "over a layout",
          "etc/base": "linux/amd64",
        });
        const fromRegistry = await provider.create(image, { ...inputs, base }, true);
        assert.equal(fromRegistry.state.digest, held.state.digest);
      });

      it("says of a layout that has not what is asked for where it looked", async () => {
        await assert.rejects(
          provider.check(image, { repository, platform, base: "oci-layout:nowhere:1" }),
          (error: CheckFailed) => {
            assert.equal(error.failures[0]?.property, "base");
            assert.match(error.message, /nowhere/);
            return true;
          },
        );
      });

      it("takes the layers of another registry along", async () => {
        const other = await Workbench.open(registryKinds[0]!.start);
        try {
          await pushBase(`${other.registry.host}/far:1`, { files: { "etc/far": "far" } });
          const held = await provider.create(image, {
            repository,
            platform,
            base: `${other.registry.host}/far:1`,
            layers: [textLayer("near")],
          });
          await validate(published(held));
          assert.deepEqual(await filesOf(published(held)), { "content.txt": "near", "etc/far": "far" });
        } finally {
          await other.close();
        }
      });

      for (const mediaTypes of ["oci", "docker"] as const) {
        it(`copies an image of ${mediaTypes} media types byte for byte, where nothing is added`, async () => {
          const source = bench.repository(`bases/${mediaTypes}:1`);
          const original = await pushBase(bench.direct(source), { mediaTypes });
          const held = await provider.create(image, { repository, platform, base: source });
          assert.equal(held.state.digest, original);
          assert.equal(
            await crane(["manifest", published(held)]),
            await crane(["manifest", bench.direct(source)]),
          );
          assert.match(String(held.state.mediaType), mediaTypes === "oci" ? /vnd\.oci/ : /vnd\.docker/);
          await validate(published(held));
        });
      }

      it("makes OCI layers of Docker's where something is added", async () => {
        const source = bench.repository("bases/docker-more:1");
        await pushBase(bench.direct(source), { mediaTypes: "docker" });
        const held = await provider.create(image, {
          repository,
          platform,
          base: source,
          layers: [textLayer("x")],
        });
        const { layers, config } = await manifestOf(published(held));
        for (const { mediaType } of [...layers, config]) assert.match(mediaType, /^application\/vnd\.oci\./);
        await validate(published(held));
      });

      it("removes a file of it by a whiteout", async () => {
        const held = await provider.create(image, {
          repository,
          platform,
          base,
          layers: [{ files: [{ to: "/etc/base", remove: true }] }, textLayer("left")],
        });
        assert.deepEqual(await filesOf(published(held)), { "content.txt": "left" });
      });
    });

    it("writes layers of each compression, with the same content", async () => {
      const content = randomBytes(1_500_000).toString("base64");
      const published = new Map<string, { mediaType?: string; digest?: string; diffId?: string }>();
      for (const compression of ["gzip", "zstd", "none"]) {
        const layers = [{ ...textLayer(content), compression }];
        const held = await provider.create(image, { repository, platform, layers });
        const reference = bench.direct(held.state.reference);
        assert.deepEqual(await filesOf(reference), { "content.txt": content });
        const { mediaType, digest } = (await manifestOf(reference)).layers[0] ?? {};
        const diffId = (await configOf(reference)).rootfs.diff_ids[0];
        published.set(compression, { mediaType, digest, diffId });
        if (compression === "gzip") await validate(reference);
      }
      const [gzip, zstd, none] = [...published.values()];
      assert.equal(gzip?.mediaType, "application/vnd.oci.image.layer.v1.tar+gzip");
      assert.equal(zstd?.mediaType, "application/vnd.oci.image.layer.v1.tar+zstd");
      assert.equal(none?.mediaType, "application/vnd.oci.image.layer.v1.tar");
      // The digest of the archive itself, which crane checked when it read the uncompressed layer.
      assert.deepEqual([gzip?.diffId, zstd?.diffId, none?.diffId], Array(3).fill(none?.digest));
    });

    for (const by of ["tag", "digest"] as const) {
      it(`imports by ${by}: the imported inputs make the same image`, async () => {
        const source = `${repository}:imported`;
        const digest = await pushBase(bench.direct(source), { mediaTypes: "docker" });
        const id = by === "tag" ? source : `${repository}@${digest}`;
        const held = await provider.import(image, id);
        assert.ok(held, "it was not found");
        assert.equal(held.state.digest, digest);
        assert.equal(held.inputs.platform, platform);
        const { changes, inputs } = await provider.diff(held, held.inputs);
        assert.deepEqual([changes, inputs.digest], [[], digest]);
        bench.forget();
        assert.equal((await provider.create(image, held.inputs)).state.digest, digest);
        assert.deepEqual(bench.writeLines(), []);
      });
    }

    it("imports nothing where there is nothing, and no index", async () => {
      const index = `${repository}:index`;
      await pushBase(bench.direct(index), { platforms: ["linux/amd64", "linux/arm64"] });
      assert.equal(await provider.import(image, `${repository}:missing`), undefined);
      await assert.rejects(
        provider.import(image, index),
        /is an index \(linux\/amd64, linux\/arm64\), not an image: import it as slipway:oci:Index/,
      );
    });

    it("keeps secret values of the configuration secret in inputs and state", async () => {
      const token = uniqueText();
      const inputs = {
        repository,
        platform,
        layers: [textLayer()],
        config: { env: { TOKEN: secret(token), HOME: "/" }, labels: { open: "yes" } },
      };
      const path = JSON.stringify(["config", "env", "TOKEN"]);
      const held = await provider.create(image, inputs);
      const observed = await provider.read(held);
      const updated = await provider.update(held, { ...inputs, layers: [textLayer()] });
      for (const { secrets } of [held, observed, updated].map((each) => each ?? held)) {
        assert.deepEqual([...(secrets?.inputs ?? [])], [path]);
        assert.deepEqual([...(secrets?.state ?? [])], [path]);
      }
      assert.ok((await configOf(published(held))).config.Env?.includes(`TOKEN=${token}`));
    });

    it("shows no secret in a refusal", async () => {
      const token = `\u0000${uniqueText()}"quoted"`;
      const inputs = {
        repository,
        platform,
        layers: [textLayer()],
        config: { env: { TOKEN: secret(token) }, user: secret(`${token} with spaces`) },
      };
      await assert.rejects(provider.check(image, inputs), (error: CheckFailed) => {
        assert.ok(error.failures.length > 0);
        assert.ok(!error.message.includes(token.slice(1, 20)), error.message);
        return true;
      });
    });

    describe("content that another resource made", () => {
      const command = "slipway:build:Command";

      async function build(content: string): Promise<{ declaration: Properties; file: Properties }> {
        const source = `made-${serial}/source.txt`;
        await bench.write(source, content);
        const declaration = {
          directory: path.dirname(source),
          command: `echo run >> runs.log; cp source.txt "{output}/made"`,
          sources: ["source.txt"],
          outputs: ["made"],
        };
        const built = await provider.create(command, declaration);
        return { declaration, file: (built.state.files as Record<string, Properties>).made ?? {} };
      }

      function inputsFor(file: Properties): Properties {
        const { path: source, digest } = file;
        return {
          repository,
          platform,
          layers: [{ files: [{ to: "/made", source, digest, mode: "0644" }] }],
        };
      }

      async function runs(): Promise<number> {
        const log = await readFile(path.join(bench.project, `made-${serial}`, "runs.log"), "utf8");
        return log.split("\n").length - 1;
      }

      async function deleteCaches(): Promise<void> {
        await rm(path.join(bench.project, ".slipway", "cache"), { recursive: true });
      }

      it("is not read again where the old inputs record what it became", async () => {
        const { file } = await build(uniqueText());
        const held = await provider.create(image, inputsFor(file));
        await deleteCaches();
        const another = await bench.provider();
        const { changes } = await another.diff(held, inputsFor(file));
        assert.deepEqual(changes, []);
        assert.equal((await another.read(held))?.state.digest, held.state.digest);
        await assert.rejects(stat(path.join(bench.project, String(file.path))), /ENOENT/);
      });

      describe("and has to be sent to a registry without it", () => {
        let elsewhere: Workbench;
        before(async () => {
          elsewhere = await Workbench.open(start);
        });
        after(() => elsewhere?.close());

        /**
         * An image that was published once, its caches deleted, checked for a registry that lacks
         * it.
         */
        async function loseAll(declared: boolean) {
          const content = uniqueText();
          const { declaration, file } = await build(content);
          const held = await provider.create(image, inputsFor(file));
          assert.equal(await runs(), 1);
          await deleteCaches();
          repository = elsewhere.repository(`lost/test-${serial}`);
          const another = await bench.provider();
          if (declared) await another.check(command, declaration);
          const checked = await another.checkKeepingSecrets(image, inputsFor(file), held.inputs);
          assert.equal(checked.values.digest, held.state.digest);
          assert.equal(await runs(), 1);
          return { content, another, checked };
        }

        it("is made again by its command", async () => {
          const { content, another, checked } = await loseAll(true);
          const again = await another.createChecked(image, checked);
          assert.equal(await runs(), 2);
          assert.deepEqual(await filesOf(elsewhere.direct(again.state.reference)), { made: content });
        });

        it("is refused where its command is not declared any more, and nothing is published", async () => {
          const { another, checked } = await loseAll(false);
          await assert.rejects(another.createChecked(image, checked), /made is the output of a command/);
          assert.equal(await runs(), 1);
          assert.equal(await elsewhere.digestOf(`${repository}@${String(checked.values.digest)}`), undefined);
        });
      });

      it("is refused where it has another digest than declared", async () => {
        await bench.write("other.txt", "not what was declared");
        const digest = `sha256:${"0".repeat(64)}`;
        const inputs = inputsFor({ path: "other.txt", digest });
        await assert.rejects(provider.check(image, inputs), (error: CheckFailed) => {
          assert.match(error.failures[0]?.property ?? "", /^layers\[0\]\.files\[0\]\.(source|digest)$/);
          assert.ok(error.message.includes(digest), error.message);
          return true;
        });
      });
    });

    it("makes a layer again whose blob in the cache is damaged", async () => {
      const content = randomBytes(200_000).toString("hex");
      await bench.write("kept.txt", content);
      const inputs = { repository, platform, layers: [{ files: [{ to: "/kept", source: "kept.txt" }] }] };
      const preview = await provider.create(image, inputs, true);
      const assembled = (preview.inputs.assembly as { digest: string }[])[0];
      const blob = path.join(
        bench.project,
        ".slipway/cache/blobs/sha256",
        assembled?.digest.replace("sha256:", "") ?? "",
      );
      const { size } = await stat(blob);
      await writeFile(blob, Buffer.alloc(size, "damaged"));
      const another = await bench.provider();
      const held = await another.create(image, inputs);
      assert.equal(held.state.digest, preview.state.digest);
      await validate(published(held));
      assert.deepEqual(await filesOf(published(held)), { kept: content });
    });

    it("keeps nothing unfinished in its cache", async () => {
      const blobs = await readdir(path.join(bench.project, ".slipway/cache/blobs/sha256"));
      assert.deepEqual(
        blobs.filter((blob) => !/^[0-9a-f]{64}$/.test(blob)),
        [],
      );
      assert.deepEqual(provider.errorLines, []);
    });
  });
}

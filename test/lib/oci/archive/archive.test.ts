import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { OciArchive } from "../../../../lib/oci/archive/archive";
import { ArchiveError } from "../../../../lib/oci/archive/archive-error";
import { digestOf } from "../../../../lib/oci/digest";
import { DigestMismatchError, isNotFound } from "../../../../lib/oci/errors";
import { imageIndex } from "../../../../lib/oci/image/index";
import { imageManifest } from "../../../../lib/oci/image/manifest";
import { OciLayout } from "../../../../lib/oci/layout";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Descriptor, Index } from "../../../../lib/oci/types";
import { atExit } from "../../../support/processes";
import { temporaryFolder } from "../assembly/temporary-folder";
import { copyTags, putBytes, putImage, putMultiPlatform } from "./fixtures";

const folder = temporaryFolder();
const path = (name = "image.tar"): string => join(folder(), name);
const archive = (name = "image.tar"): OciArchive => new OciArchive(path(name));
const partial = (): string => `${path()}.partial`;

/** Names of what is in the folder, all but the cache of layers. */
const present = (): string[] =>
  readdirSync(folder())
    .filter((name) => name !== "cache")
    .sort();

function blobFile(directory: string, { digest }: Pick<Descriptor, "digest">): string {
  return join(directory, "blobs/sha256", digest.slice(7));
}

function listing(file = path()): string[] {
  return execFileSync("tar", ["-tf", file]).toString().trim().split("\n");
}

function fileOf<T>(name: string, file = path()): T {
  return JSON.parse(execFileSync("tar", ["-xOf", file, name]).toString()) as T;
}

/** Changes bytes of a blob in the archive, in place. */
function damageBlob(file: string, content: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(content);
  assert.ok(at > 0, `${content} is in ${file}`);
  bytes.write("X", at);
  writeFileSync(file, bytes);
}

function refused(reason: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ArchiveError, String(error));
    assert.match(error.message, reason);
    return true;
  };
}

describe("OCI archive", () => {
  it("holds what a layout holds, and gives it back", async () => {
    const layout = new OciLayout(join(folder(), "layout"));
    const { index, images, referrers } = await putMultiPlatform(layout, folder(), "v1");
    const target = archive();
    await copyTags(layout, target, ["v1"]);
    assert.equal(existsSync(path()), false, "nothing is seen before it is sealed");
    assert.deepEqual(await target.listTags(), ["v1"], "the writer sees what it wrote");
    const sealed = await target.seal();
    assert.deepEqual(sealed, { path: path(), size: statSync(path()).size, repoTags: [] });
    assert.deepEqual(present(), ["image.tar", "layout"]);

    const source = archive();
    assert.deepEqual(await source.listTags(), ["v1"]);
    assert.equal((await source.headManifest("v1"))?.digest, index.digest);
    for (const { descriptor, config, layers } of images) {
      const { platform: _platform, ...plain } = descriptor;
      assert.deepEqual(await source.headManifest(descriptor.digest), plain);
      for (const blob of [config, ...layers]) {
        assert.equal(await source.blobSize(blob.digest), blob.size);
        assert.equal(digestOf(await buffer(await source.getBlob(blob))), blob.digest);
      }
    }
    for (const [subject, referrer] of [
      [index, referrers[0]],
      [images[0]?.descriptor, referrers[1]],
    ] as const) {
      assert.ok(subject && referrer);
      const expected = await layout.listReferrers(subject.digest);
      assert.deepEqual(await source.listReferrers(subject.digest), expected);
      assert.deepEqual(
        expected.map(({ digest }) => digest),
        [referrer.digest],
      );
    }
    assert.deepEqual(await source.listReferrers(index.digest, "application/other"), []);

    const back = new OciLayout(join(folder(), "back"));
    await copyTags(source, back, ["v1"]);
    assert.deepEqual(
      readdirSync(join(folder(), "back/blobs/sha256")).sort(),
      readdirSync(join(folder(), "layout/blobs/sha256")).sort(),
    );
    assert.equal((await back.headManifest("v1"))?.digest, index.digest);
  });

  it("is the same bytes whatever the order that it was written in", async () => {
    const one = archive("one.tar");
    await putMultiPlatform(one, folder(), "v1");
    await putImage(one, folder(), "linux/s390x", { tag: "v2" });
    await putImage(one, folder(), "linux/riscv64", { tag: "other" });
    await one.seal();

    const two = archive("two.tar");
    await putImage(two, folder(), "linux/riscv64", { tag: "other" });
    await two.seal();
    await putImage(two, folder(), "linux/386", { tag: "v2" });
    await putImage(two, folder(), "linux/s390x", { tag: "v2" });
    await putMultiPlatform(two, folder(), "v1");
    await two.seal();
    assert.ok(readFileSync(path("one.tar")).equals(readFileSync(path("two.tar"))));
    const names = listing(path("one.tar"));
    assert.deepEqual(names, [...names].sort());
    assert.deepEqual(names.slice(-3), ["index.json", "manifest.json", "oci-layout"]);
  });

  it("names for engines the image of an index that leaves the platform to its images", async () => {
    for (const [architecture, at] of [
      ["arm64", 1],
      ["amd64", 0],
    ] as const) {
      const target = new OciArchive(path(`${architecture}.tar`), { architecture });
      const { images } = await putMultiPlatform(target, folder(), "v1");
      const silent = images.map(({ descriptor: { platform: _platform, ...descriptor } }) => descriptor);
      await target.putManifest(imageIndex(silent).bytes, MediaType.ociIndex, { tag: "silent" });
      await target.deleteTag("v1");
      await target.seal();
      const named = fileOf<{ Config: string }[]>("manifest.json", path(`${architecture}.tar`));
      const config = images[at]?.config.digest.slice("sha256:".length);
      assert.deepEqual(
        named.map(({ Config }) => Config),
        [`blobs/sha256/${config}`],
      );
    }
  });

  it("is not touched by a second run that changes nothing", async () => {
    const first = archive();
    await putMultiPlatform(first, folder(), "v1");
    await first.seal();
    const before = statSync(path(), { bigint: true });
    for (const again of [first, archive()]) {
      await putMultiPlatform(again, folder(), "v1");
      await again.deleteTag("v0");
      await again.deleteManifest(digestOf("never there"));
      assert.equal(await again.seal(), undefined);
    }
    const after = statSync(path(), { bigint: true });
    assert.deepEqual([after.ino, after.mtimeNs], [before.ino, before.mtimeNs]);
    assert.deepEqual(present(), ["image.tar"]);
  });

  it("keeps what it has when it is written again, and sends only what is new", async () => {
    const first = archive();
    const { index } = await putMultiPlatform(first, folder(), "v1");
    await first.seal();
    const layout = new OciLayout(join(folder(), "layout"));
    await putMultiPlatform(layout, folder(), "v1");
    const added = await putImage(layout, folder(), "linux/riscv64", { tag: "v2" });
    const second = archive();
    const sent = await copyTags(layout, second, ["v1", "v2"]);
    assert.deepEqual(sent.sort(), [added.config, ...added.layers].map(({ digest }) => digest).sort());
    await second.seal();
    assert.deepEqual(await archive().listTags(), ["v1", "v2"]);
    assert.equal((await archive().headManifest("v1"))?.digest, index.digest);
    assert.equal((await archive().listReferrers(index.digest)).length, 1);
  });

  it("moves and deletes tags, and leaves out what nothing leads to any more", async () => {
    const target = archive();
    const old = await putImage(target, folder(), "linux/amd64", { tag: "latest" });
    await putImage(target, folder(), "linux/386", { tag: "v1" });
    await target.seal();
    const recent = await putImage(target, folder(), "linux/arm64", { tag: "latest" });
    await target.deleteTag("v1");
    await target.seal();
    assert.deepEqual(await archive().listTags(), ["latest"]);
    assert.equal((await archive().headManifest("latest"))?.digest, recent.descriptor.digest);
    assert.equal(await archive().headManifest(old.descriptor.digest), undefined);
    assert.equal(await archive().blobSize(old.config.digest), undefined);
    const untagged = fileOf<Index>("index.json").manifests.filter((listed) => !listed.annotations);
    assert.equal(untagged.length, 1, "deleting a tag deletes no manifest");

    await target.deleteManifest(recent.descriptor.digest);
    assert.equal(await target.headManifest(recent.descriptor.digest), undefined);
    await target.seal();
    assert.deepEqual(await archive().listTags(), []);
    assert.equal(await archive().blobSize(recent.config.digest), undefined);
  });

  it("goes on after an interruption with what it had", async () => {
    const layout = new OciLayout(join(folder(), "layout"));
    const { images } = await putMultiPlatform(layout, folder(), "v1");
    const interrupted = archive();
    const [first] = images;
    assert.ok(first);
    const blobs = [...first.layers, first.config];
    for (const blob of blobs) await interrupted.putBlob(blob, () => layout.getBlob(blob));
    await interrupted.close();
    assert.deepEqual(present(), ["image.tar.partial", "layout"]);
    assert.deepEqual(await archive().listTags(), [], "a reader does not see what is not sealed");
    assert.equal(await archive().blobSize(first.config.digest), undefined);

    const resumed = archive();
    const sent = await copyTags(layout, resumed, ["v1"]);
    assert.ok(sent.length > 0);
    assert.ok(blobs.every(({ digest }) => !sent.includes(digest)));
    await resumed.seal();
    const direct = archive("direct.tar");
    await copyTags(layout, direct, ["v1"]);
    await direct.seal();
    assert.ok(readFileSync(path()).equals(readFileSync(path("direct.tar"))));
  });

  it("keeps tags over an interruption", async () => {
    const interrupted = archive();
    await putImage(interrupted, folder(), "linux/amd64", { tag: "v1" });
    await interrupted.close();
    const resumed = archive();
    await putImage(resumed, folder(), "linux/amd64", { tag: "v2" });
    await resumed.seal();
    assert.deepEqual(await archive().listTags(), ["v1", "v2"]);
  });

  it("goes on where only the cleaning up was missing", async () => {
    const target = archive();
    await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    execFileSync("cp", ["-a", partial(), path("kept")]);
    await target.seal();
    // As a process leaves it that ends between the two last steps of sealing.
    const sealing = digestOf(execFileSync("tar", ["-xOf", path(), "index.json"]));
    renameSync(path("kept"), partial());
    writeFileSync(join(partial(), "ground.json"), JSON.stringify({ base: null, sealing }));
    const next = archive();
    await putImage(next, folder(), "linux/arm64", { tag: "v2" });
    await next.seal();
    assert.deepEqual(await archive().listTags(), ["v1", "v2"]);
  });

  it("lets one writer in at a time, readers always", async () => {
    const first = archive();
    await putImage(first, folder(), "linux/amd64", { tag: "v1" });
    await first.seal();
    await putImage(first, folder(), "linux/arm64", { tag: "v2" });
    const second = archive();
    await assert.rejects(
      putImage(second, folder(), "linux/386", { tag: "v3" }),
      refused(
        /^oci-archive:.*image.tar is being written in this process already: seal or close that writer first$/,
      ),
    );
    assert.deepEqual(await second.listTags(), ["v1"]);
    await first.seal();
    await putImage(second, folder(), "linux/386", { tag: "v3" });
    await second.seal();
    assert.deepEqual(await first.listTags(), ["v1", "v2", "v3"]);
  });

  it("refuses a writer while another process is one, and not once that is gone", async function () {
    this.timeout(60_000);
    const other = writer(path(), "64");
    await other.says("written");
    await assert.rejects(
      putImage(archive(), folder(), "linux/386", { tag: "v3" }),
      refused(new RegExp(`image.tar is being written by process ${other.pid} on .*: wait until it ends$`)),
    );
    await other.kill();
    const target = archive();
    await putImage(target, folder(), "linux/386", { tag: "v3" });
    await target.seal();
    assert.deepEqual(present(), ["image.tar"]);
    assert.deepEqual(await archive().listTags(), ["v1", "v3"], "what the other one collected is taken over");
  });

  it("leaves the old archive where sealing is killed, and goes on from there", async function () {
    this.timeout(120_000);
    const first = archive();
    await putImage(first, folder(), "linux/amd64", { tag: "v0" });
    await first.seal();
    const before = readFileSync(path());
    const other = writer(path(), String(512 * 1024 * 1024));
    await other.says("written");
    other.seal();
    const temporary = () => present().find((name) => /^image\.tar\.\d+-[0-9a-f]{12}\.tmp$/.test(name));
    while (!(statSync(path(temporary() ?? "?"), { throwIfNoEntry: false })?.size ?? 0)) await sleep(1);
    await other.kill();
    assert.ok(temporary(), "it was killed while it wrote");
    assert.ok(readFileSync(path()).equals(before));
    assert.deepEqual(await archive().listTags(), ["v0"]);

    const resumed = archive();
    await putImage(resumed, folder(), "linux/386", { tag: "v3" });
    assert.deepEqual((await resumed.listTags()).sort(), ["v0", "v1", "v3"]);
    await resumed.deleteManifest((await resumed.headManifest("v1"))?.digest ?? "");
    await resumed.seal();
    assert.deepEqual(present(), ["image.tar"], "nothing is left of the one that was killed");
    assert.deepEqual(await archive().listTags(), ["v0", "v3"]);
  });

  it("refuses to go on over an archive that somebody replaced", async () => {
    const other = archive("other.tar");
    await putImage(other, folder(), "linux/s390x", { tag: "v9" });
    await other.seal();
    const target = archive();
    await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    copyFileSync(path("other.tar"), path());
    const reason =
      /image.tar was replaced since .*image.tar.partial was begun from it: remove .* to start again/;
    await assert.rejects(target.seal(), refused(reason));
    await target.close();
    await assert.rejects(putImage(archive(), folder(), "linux/386", { tag: "v2" }), refused(reason));
    assert.deepEqual(await archive().listTags(), ["v9"], "it is as it was put there");
    rmSync(path());
    await target.seal().catch(() => undefined);
    const next = archive();
    await putImage(next, folder(), "linux/amd64", { tag: "v1" });
    await next.seal();
    assert.deepEqual(await archive().listTags(), ["v1"]);
  });

  it("is not sealed with a damaged blob, which is then sent again", async () => {
    const target = archive();
    const image = await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    const file = blobFile(partial(), image.config);
    writeFileSync(file, readFileSync(file, "utf8").replace("amd64", "amd65"));
    await assert.rejects(
      target.seal(),
      refused(/cannot be sealed: blob sha256:.* does not match its digest or size.*; add it again$/),
    );
    assert.deepEqual(present(), ["image.tar.partial"]);
    await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    await target.seal();
    assert.equal(digestOf(await buffer(await archive().getBlob(image.config))), image.config.digest);
  });

  it("is not sealed again with a blob that is damaged in it", async () => {
    const target = archive();
    await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    await target.seal();
    damageBlob(path(), "built");
    await putImage(target, folder(), "linux/386", { tag: "v2" });
    await assert.rejects(
      target.seal(),
      refused(/cannot be sealed: .* does not match .*; remove .*image.tar and write all of it again$/),
    );
  });

  it("is not sealed where blobs are missing", async () => {
    const target = archive();
    const config = await putBytes(target, "{}", MediaType.ociConfig);
    const layer = { mediaType: MediaType.ociLayerGzip, digest: digestOf("layer"), size: 5 };
    const foreign = {
      mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      digest: digestOf("foreign"),
      size: 7,
    };
    const { bytes, descriptor } = imageManifest(config, [foreign, layer]);
    await target.putManifest(bytes, MediaType.ociManifest, { tag: "v1" });
    await assert.rejects(
      target.seal(),
      refused(
        new RegExp(
          `it lacks ${layer.digest} \\(5 bytes\\) of manifest ${descriptor.digest}; add what is missing`,
        ),
      ),
    );
    await target.putBlob(layer, () => Readable.from([Buffer.from("layer")]));
    await target.seal();
    assert.equal(await archive().blobSize(layer.digest), 5);
    assert.equal(await archive().blobSize(foreign.digest), undefined, "it may be got from elsewhere");
  });

  it("reads an index that lists more than there is, and keeps it so", async () => {
    const target = archive();
    const { index, images } = await putMultiPlatform(target, folder(), "v1");
    await target.seal();
    mkdirSync(path("tree"));
    execFileSync("tar", ["-C", path("tree"), "-xf", path()]);
    const [, second] = images;
    assert.ok(second);
    for (const blob of [second.descriptor, second.config, ...second.layers])
      rmSync(blobFile(path("tree"), blob));
    execFileSync("tar", ["-C", path("tree"), "-cf", path(), "."]);
    assert.equal(await archive().headManifest(second.descriptor.digest), undefined);
    await putImage(target, folder(), "linux/386", { tag: "v2" });
    await target.seal();
    assert.equal((await archive().headManifest("v1"))?.digest, index.digest);
    assert.equal(await archive().headManifest(second.descriptor.digest), undefined);
  });

  it("reads parts of a blob, and checks one that is read whole", async () => {
    const target = archive();
    const content = Buffer.alloc(3 * 1024 * 1024 + 7, "0123456789 built ");
    const config = await putBytes(target, "{}", MediaType.ociEmpty);
    const blob = await putBytes(target, content, "application/octet-stream");
    const empty = await putBytes(target, "", "application/octet-stream");
    const { bytes } = imageManifest(config, [blob, empty]);
    await target.putManifest(bytes, MediaType.ociManifest, { tag: "v1" });
    await target.seal();
    const source = archive();
    assert.ok((await buffer(await source.getBlob(blob))).equals(content));
    for (const offset of [1, 1024 * 1024, content.length - 1, content.length]) {
      const rest = await buffer(await source.getBlob(blob, { offset }));
      assert.ok(rest.equals(content.subarray(offset)), `from ${offset}`);
    }
    assert.equal((await buffer(await source.getBlob(empty))).length, 0);
    damageBlob(path(), "built");
    await assert.rejects(buffer(await source.getBlob(blob)), DigestMismatchError);
    await assert.rejects(source.getBlob({ ...blob, size: 5 }), DigestMismatchError);
  });

  it("keeps no file open, also for a blob that nobody reads to its end", async () => {
    const target = archive();
    const image = await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    await target.seal();
    const source = archive();
    const opened = () =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return statSync(`/proc/self/fd/${fd}`).ino === statSync(path()).ino;
        } catch {
          return false;
        }
      }).length;
    (await source.getBlob(image.config)).destroy();
    const started = await source.getBlob(image.config);
    await once(started, "readable");
    started.destroy();
    const abort = new AbortController();
    const aborted = await source.getBlob(image.config, { signal: abort.signal });
    abort.abort();
    await assert.rejects(buffer(aborted), { name: "AbortError" });
    await buffer(await source.getBlob(image.config));
    for (let wait = 0; opened() > 0 && wait < 100; wait++) await sleep(10);
    assert.equal(opened(), 0);
  });

  it("refuses a manifest whose bytes were changed", async () => {
    const target = archive();
    const { index } = await putMultiPlatform(target, folder(), "v1");
    await target.seal();
    damageBlob(path(), `"platform":{`);
    await assert.rejects(archive().getManifest(index.digest), DigestMismatchError);
    await assert.rejects(archive().listReferrers(index.digest), DigestMismatchError);
    await assert.rejects(putImage(archive(), folder(), "linux/386", { tag: "v2" }), DigestMismatchError);
    assert.equal(existsSync(join(partial(), "writer.json")), false, "the next writer is let in");
  });

  it("is empty where there is no file, and a read makes none", async () => {
    assert.deepEqual(await archive().listTags(), []);
    assert.equal(await archive().headManifest("v1"), undefined);
    assert.equal(await archive().blobSize(digestOf("x")), undefined);
    assert.equal(await archive().seal(), undefined);
    await assert.rejects(archive().getManifest("v1"), (error: unknown) => {
      assert.ok(isNotFound(error));
      assert.match(
        (error as Error).message,
        /^oci-archive:.*image.tar has no manifest v1 \(the file does not exist\)$/,
      );
      return true;
    });
    await assert.rejects(archive().getBlob({ digest: digestOf("x"), size: 1 }), isNotFound);
    assert.deepEqual(present(), []);
  });

  it("says what there is where a tag is not", async () => {
    const target = archive();
    const image = await putImage(target, folder(), "linux/amd64");
    await target.seal();
    await assert.rejects(
      archive().getManifest("latest"),
      new RegExp(`has no manifest latest \\(it has no tags; choose by digest: ${image.descriptor.digest}\\)`),
    );
    await putImage(target, folder(), "linux/386", { tag: "v1" });
    await target.seal();
    await assert.rejects(archive().getManifest("v2"), /has no manifest v2 \(it has the tags v1\)/);
  });

  const trees: { name: string; files: Record<string, string>; reason: RegExp }[] = [
    {
      name: "without the file oci-layout",
      files: { "index.json": `{"schemaVersion":2,"manifests":[]}` },
      reason: /^oci-archive:.*image.tar holds no OCI image layout: it has no file oci-layout$/,
    },
    {
      name: "that docker save wrote before Docker 25",
      files: { "manifest.json": "[]", repositories: "{}" },
      reason:
        /only a manifest.json as "docker save" wrote it before Docker 25; convert it with "skopeo copy /,
    },
    {
      name: "of another version",
      files: { "oci-layout": `{"imageLayoutVersion":"2.0.0"}`, "index.json": "{}" },
      reason: /version "2.0.0"; only "1.0.0" is known/,
    },
    {
      name: "with an index.json that is not JSON",
      files: { "oci-layout": `{"imageLayoutVersion":"1.0.0"}`, "index.json": "{" },
      reason: /damaged: index.json is not JSON/,
    },
    {
      name: "with an index.json that lists nothing",
      files: { "oci-layout": `{"imageLayoutVersion":"1.0.0"}`, "index.json": "{}" },
      reason: /damaged: index.json lists no manifests/,
    },
  ];
  for (const { name, files, reason } of trees) {
    it(`refuses an archive ${name}`, async () => {
      mkdirSync(path("tree"));
      for (const [file, content] of Object.entries(files)) writeFileSync(join(path("tree"), file), content);
      execFileSync("tar", ["-C", path("tree"), "-cf", path(), "."]);
      await assert.rejects(archive().listTags(), refused(reason));
      await assert.rejects(putImage(archive(), folder(), "linux/386", { tag: "v1" }), refused(reason));
      assert.equal(existsSync(join(partial(), "writer.json")), false);
    });
  }

  it("refuses a truncated archive, as source and as target", async () => {
    const target = archive();
    await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    await target.seal();
    truncateSync(path(), statSync(path()).size - 2000);
    await assert.rejects(archive().listTags(), refused(/image.tar is cut off: it ends at byte/));
    await assert.rejects(
      putImage(archive(), folder(), "linux/386", { tag: "v2" }),
      refused(/image.tar is cut off: it ends at byte/),
    );
  });

  it("refuses a compressed archive and a directory", async () => {
    const target = archive();
    await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    await target.seal();
    execFileSync("gzip", [path()]);
    await assert.rejects(
      archive("image.tar.gz").getManifest("v1"),
      refused(/image.tar.gz is compressed with gzip, .*: unpack it first with gunzip/),
    );
    mkdirSync(path("directory"));
    await assert.rejects(
      archive("directory").listTags(),
      refused(/directory is not a file; a directory with an image layout is written "oci-layout:PATH"/),
    );
  });
});

/**
 * A process that writes an image with a layer of zeros, says "written", and seals when it is told.
 */
function writer(
  file: string,
  layerSize: string,
): { pid: number; says: (text: string) => Promise<void>; seal: () => void; kill: () => Promise<void> } {
  const script = resolve(__dirname, "archive-writer.ts");
  const register = require.resolve("../../../../lib/machine/typescript.cjs");
  const child = spawn(process.execPath, ["-r", register, script, file, layerSize], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const callOff = atExit(() => child.kill("SIGKILL"));
  const ended = once(child, "close").finally(callOff);
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  return {
    pid: child.pid ?? 0,
    says: async (text) => {
      while (!said.includes(text)) {
        assert.equal(child.exitCode, null, "the writer runs");
        await sleep(10);
      }
    },
    seal: () => child.stdin.write("seal\n"),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { digestOf } from "../../../../lib/oci/digest";
import { RegistryError } from "../../../../lib/oci/errors";
import { MediaType } from "../../../../lib/oci/media-types";
import { legacyReferrerSubject, legacyReferrerTags, TransferLimiter } from "../../../../lib/oci/mirror";
import { BlobHomes } from "../../../../lib/oci/mirror/blob-homes";
import { ManifestContentError, manifestLinks } from "../../../../lib/oci/mirror/manifest-links";
import { platformSubset, requirePlatforms } from "../../../../lib/oci/mirror/platform-subset";
import { ProgressMeter, type MirrorProgress } from "../../../../lib/oci/mirror/progress";
import { describeMissing } from "../../../../lib/oci/mirror/report";
import { SharedWork } from "../../../../lib/oci/mirror/shared-work";
import { TargetRefusal } from "../../../../lib/oci/mirror/target-refusal";
import { Waits } from "../../../../lib/oci/mirror/patience";
import { parsePlatform, PlatformError } from "../../../../lib/oci/platform";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor } from "../../../../lib/oci/types";

const digest = (name: string) => digestOf(name);
const amd64 = parsePlatform("linux/amd64");
const arm64 = parsePlatform("linux/arm64");

describe("legacy referrer tags", () => {
  it("name their subject", () => {
    const subject = digest("image");
    for (const tag of legacyReferrerTags(subject)) assert.equal(legacyReferrerSubject(tag), subject);
    assert.deepEqual(
      legacyReferrerTags(subject).map((tag) => tag.split(".")[1]),
      ["sig", "att", "sbom"],
    );
  });
  for (const tag of [
    "v1.0.sig",
    `sha256-${"a".repeat(64)}`,
    `sha256-${"A".repeat(64)}.sig`,
    `sha256-${"a".repeat(63)}.sig`,
  ]) {
    it(`are not ${tag.slice(0, 12)}… (${tag.length})`, () =>
      assert.equal(legacyReferrerSubject(tag), undefined));
  }
});

describe("the links of a manifest", () => {
  const descriptor = (mediaType: string): Descriptor => ({ mediaType, digest: digest("m"), size: 1 });
  const links = (mediaType: string, content: unknown) =>
    manifestLinks(
      descriptor(mediaType),
      Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
    );
  const blob = (name: string, more: Partial<Descriptor> = {}) => ({
    mediaType: MediaType.ociLayerGzip,
    digest: digest(name),
    size: 3,
    ...more,
  });

  it("are its config and layers, each once, without foreign ones", () => {
    const foreign = blob("elsewhere", { urls: ["https://example.com/layer"] });
    const found = links(MediaType.ociManifest, {
      config: blob("c"),
      layers: [blob("a"), foreign, blob("a"), blob("b", { urls: [] })],
      subject: blob("s"),
    });
    assert.deepEqual(
      found.blobs.map((one) => one.digest),
      [digest("c"), digest("a"), digest("b")],
    );
    assert.deepEqual(
      found.foreign.map((one) => one.digest),
      [digest("elsewhere")],
    );
    assert.equal(found.subject, digest("s"));
    assert.deepEqual(found.children, []);
  });

  it("are the manifests of an index, and blobs that it lists", () => {
    const image = { mediaType: MediaType.dockerManifest, digest: digest("i"), size: 2 };
    const bare = { digest: digest("bare"), size: 2 };
    const found = links(MediaType.dockerManifestList, { manifests: [image, blob("cache"), bare] });
    assert.deepEqual(found.children, [image, bare]);
    assert.deepEqual(
      found.blobs.map((one) => one.digest),
      [digest("cache")],
    );
  });

  const refused: [name: string, mediaType: string, content: unknown, message: RegExp][] = [
    ["text", MediaType.ociManifest, "{", /neither a manifest nor an index/],
    [
      "another algorithm",
      MediaType.ociManifest,
      { layers: [blob("x", { digest: `sha512:${"a".repeat(128)}` })] },
      /SHA-256/,
    ],
    ["a path as digest", MediaType.ociIndex, { manifests: [{ digest: "../../etc" }] }, /SHA-256/],
    ["no entry", MediaType.ociManifest, { layers: [null] }, /neither a manifest nor an index/],
    ["no size", MediaType.ociManifest, { config: { mediaType: "x", digest: digest("x") } }, /no size/],
    ["a negative size", MediaType.ociManifest, { layers: [blob("x", { size: -1 })] }, /no size/],
    [
      "a layer without a type and size",
      MediaType.ociManifest,
      { layers: [{ digest: digest("x") }] },
      /no size/,
    ],
  ];
  for (const [name, mediaType, content, message] of refused) {
    it(`are refused with ${name}`, () => {
      assert.throws(
        () => links(mediaType, content),
        (error) => error instanceof ManifestContentError && message.test(error.message),
      );
    });
  }
});

describe("a platform subset", () => {
  const image = (name: string, text?: string, more: Partial<Descriptor> = {}): Descriptor => ({
    mediaType: MediaType.ociManifest,
    digest: digest(name),
    size: 1,
    ...(text === undefined
      ? {}
      : { platform: { os: text.split("/")[0] ?? "", architecture: text.split("/")[1] ?? "" } }),
    ...more,
  });
  const attests = (name: string) =>
    image(`att of ${name}`, "unknown/unknown", {
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": digest(name),
      },
    });
  const index = [
    image("arm", "linux/arm64"),
    attests("arm"),
    image("amd", "linux/amd64"),
    attests("amd"),
    image("data"),
  ];
  const cases: [name: string, wanted: (typeof amd64)[], kept: string[]][] = [
    ["all platforms", [], ["arm", "att of arm", "amd", "att of amd", "data"]],
    ["one", [amd64], ["amd", "att of amd", "data"]],
    ["both, in the index's order", [amd64, arm64], ["arm", "att of arm", "amd", "att of amd", "data"]],
    ["none that is there", [parsePlatform("linux/s390x")], ["data"]],
  ];
  for (const [name, wanted, kept] of cases) {
    it(`of ${name}`, () => {
      assert.deepEqual(
        platformSubset(index, wanted).map((one) => one.digest),
        kept.map(digest),
      );
    });
  }
  it("has to have each platform", () => {
    requirePlatforms("index x", [arm64], [{ os: "linux", architecture: "arm64", variant: "v8" }]);
    assert.throws(
      () => requirePlatforms("index x", [amd64, parsePlatform("linux/s390x")], [amd64, arm64]),
      (error) =>
        error instanceof PlatformError &&
        /index x has no image for linux\/s390x; it has linux\/amd64, linux\/arm64/.test(error.message),
    );
  });
});

describe("the transfer limiter", () => {
  it("bounds each registry and all together, and uses what is free", async () => {
    const limiter = new TransferLimiter({ perRegistry: 2, total: 3 });
    const running = new Map<string, number>();
    let most = 0;
    const mostOf = new Map<string, number>();
    const work = (registry: string) =>
      limiter.use(registry, async () => {
        running.set(registry, (running.get(registry) ?? 0) + 1);
        mostOf.set(registry, Math.max(mostOf.get(registry) ?? 0, running.get(registry) ?? 0));
        most = Math.max(
          most,
          [...running.values()].reduce((sum, count) => sum + count, 0),
        );
        await sleep(5);
        running.set(registry, (running.get(registry) ?? 0) - 1);
      });
    await Promise.all(["a", "a", "a", "a", "b", "b", "a", "b", "b"].map(work));
    assert.equal(most, 3);
    assert.deepEqual([...mostOf.values()], [2, 2]);
  });

  it("frees the place of what failed or was called off", async () => {
    const limiter = new TransferLimiter({ perRegistry: 1, total: 1 });
    const abort = new AbortController();
    const failing = limiter.use("a", () => sleep(5).then(() => Promise.reject(new Error("no"))));
    const waiting = limiter.use("a", () => Promise.reject(new Error("must not run")), abort.signal);
    abort.abort(new Error("called off"));
    await assert.rejects(failing, /no/);
    await assert.rejects(waiting, /called off/);
    assert.equal(await limiter.use("a", () => Promise.resolve(7)), 7);
  });
});

describe("shared work", () => {
  it("is done once for those who ask at the same time", async () => {
    const shared = new SharedWork<number>();
    let done = 0;
    const ask = () => shared.run("key", () => sleep(5).then(() => (done += 1)));
    const results = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(
      results.map(({ value, joined }) => [value, joined]),
      [
        [1, false],
        [1, true],
        [1, true],
      ],
    );
    assert.deepEqual(await ask(), { value: 2, joined: false });
  });

  it("goes on when the one who started it gives up", async () => {
    const shared = new SharedWork<string>();
    const abort = new AbortController();
    const first = shared.run("key", () => sleep(1000, "first", { signal: abort.signal }), abort.signal);
    const second = shared.run("key", () => Promise.resolve("second"));
    abort.abort();
    await assert.rejects(first);
    assert.deepEqual(await second, { value: "second", joined: false });
  });

  it("fails for all whose work failed", async () => {
    const shared = new SharedWork<void>();
    const fail = () => sleep(2).then(() => Promise.reject(new Error("broken")));
    const results = await Promise.allSettled([shared.run("key", fail), shared.run("key", fail)]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
  });
});

describe("the homes of blobs", () => {
  const repository = (path: string, registry = "one.example") =>
    ({ name: `${registry}/${path}`, registry }) as unknown as Repository;
  const blob = digest("blob");

  it("let one of those who come at the same moment send it, and the others mount it", async () => {
    const homes = new BlobHomes();
    const asked: [path: string, mountFrom: string | undefined][] = [];
    const bring = (path: string, registry?: string) =>
      homes.bring(repository(path, registry), blob, undefined, async (mountFrom) => {
        asked.push([path, mountFrom]);
        await sleep(5);
        return mountFrom === undefined ? "uploaded" : "mounted";
      });
    const outcomes = await Promise.all([
      bring("a"),
      bring("b"),
      bring("a"),
      bring("c"),
      bring("d", "two.example"),
    ]);
    assert.deepEqual(outcomes, ["uploaded", "mounted", "present", "mounted", "uploaded"]);
    assert.deepEqual(asked, [
      ["a", undefined],
      ["d", undefined],
      ["b", "a"],
      ["c", "a"],
    ]);
    assert.equal(await bring("a"), "present");
    homes.forget(repository("a"), blob);
    assert.equal(await bring("a"), "mounted");
  });

  it("make another one send it when the first fails", async () => {
    const homes = new BlobHomes();
    const bring = (path: string, fails = false) =>
      homes.bring(repository(path), blob, undefined, async (mountFrom) => {
        await sleep(5);
        if (fails) throw new Error("full");
        return mountFrom === undefined ? "uploaded" : "mounted";
      });
    const results = await Promise.allSettled([bring("a", true), bring("b"), bring("c")]);
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? result.value : "failed")),
      ["failed", "uploaded", "mounted"],
    );
  });

  it("do not make others wait where the registry does not mount", async () => {
    const homes = new BlobHomes();
    let most = 0;
    let running = 0;
    const bring = (name: string, path: string) =>
      homes.bring(repository(path), digest(name), undefined, async () => {
        most = Math.max(most, ++running);
        await sleep(5);
        running -= 1;
        return "uploaded";
      });
    await Promise.all([bring("first", "a"), bring("first", "b")]);
    assert.equal(most, 1);
    await Promise.all([bring("second", "a"), bring("second", "b")]);
    assert.equal(most, 2);
  });
});

describe("the refusal of a target", () => {
  const error = (status?: number) =>
    new RegistryError({ operation: "x", host: "h", method: "PUT", path: "/", status });
  const refuses = (refusal: TargetRefusal) => {
    try {
      refusal.check();
      return false;
    } catch {
      return true;
    }
  };
  const cases: [statuses: (number | undefined | "ok")[], refused: boolean][] = [
    [[401], true],
    [[403], true],
    [[405], true],
    [[507], true],
    [[413], false],
    [[400, 400, 400, 400], false],
    [[503, 503], false],
    [[503, undefined, 429], true],
    [[503, 503, "ok", 503, 503], false],
  ];
  for (const [statuses, refused] of cases) {
    it(`${refused ? "is" : "is not"} concluded from ${statuses.map((status) => status ?? "no answer").join(", ")}`, () => {
      const refusal = new TargetRefusal();
      for (const status of statuses) {
        if (status === "ok") refusal.succeeded();
        else refusal.failed(error(status));
      }
      assert.equal(refuses(refusal), refused);
    });
  }
});

describe("waits", () => {
  it("double up to the longest and end with the patience", async () => {
    const waits = new Waits({ firstMs: 1, longestMs: 4, totalMs: 10 });
    let count = 0;
    while (!waits.over) {
      await waits.wait();
      count += 1;
    }
    // 1 + 2 + 4 + the 3 that are left.
    assert.equal(count, 4);
  });
});

describe("progress", () => {
  it("adds up what is sent and leaves out what was there", () => {
    const seen: MirrorProgress[] = [];
    const meter = new ProgressMeter("here", [{ size: 10 }, { size: 5 }, { size: 3 }], (progress) =>
      seen.push(progress),
    );
    meter.advance("a", 4);
    meter.advance("a", 2);
    meter.finish("b", 5, "present");
    meter.finish("c", 3, "mounted");
    meter.finish("a", 10, "uploaded");
    assert.deepEqual(seen.at(-1), {
      target: "here",
      sentBytes: 10,
      totalBytes: 10,
      blobsDone: 3,
      blobsTotal: 3,
    });
    assert.equal(seen[0]?.totalBytes, 18);
  });
});

describe("the description of what is missing", () => {
  it("names everything, once for each reason, in the words about the first", () => {
    const blobs = Array.from({ length: 10 }, (_, at) => {
      const reason = `sending blob ${digest(`${at}`)}: full\nMake room.`;
      return { what: "blob", digest: digest(`${at}`), side: "target", reason } as const;
    });
    const tag = { what: "tag", tag: "v1", digest: digest("r"), side: "target", reason: "not set" } as const;
    const [first = "", second = "", third = "", ...others] = describeMissing([...blobs, tag]).split("\n");
    assert.equal(first, "11 items are missing");
    assert.match(second, /^- blob sha256:[0-9a-f]{12}, .* and 2 more: /);
    assert.ok(second.endsWith(`: sending blob ${digest("0")}: full`));
    assert.equal(third, "  Make room.");
    assert.deepEqual(others, ["- tag v1: not set"]);
  });
});

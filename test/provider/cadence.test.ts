import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import * as path from "node:path";
import { formatLock } from "../../provider/dockerfile/locked-images";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import type { ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { pushImage, useWorkbench, type Workbench } from "./workbench";

const type = "slipway:release:Cadence";
const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const [today, old, older] = [dayAgo(0), dayAgo(40), dayAgo(80)];
const dateTag = (day: string) => day.replaceAll("-", "");

describe("TINY-34: what is published is not too old", function () {
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;

  useWorkbench(
    { start: () => startDistribution(), tools: ["registry", "crane"], folder: "cadence/app" },
    (test) => {
      ({ bench, provider, repository } = test);
    },
  );

  const release = (version: string, rebuilt?: string): Properties[] => [
    { tag: rebuilt === undefined ? version : `${version}-${rebuilt}`, moves: "never" },
    {
      tag: "latest",
      moves: "highest",
      version: rebuilt === undefined ? version : `${version}-${rebuilt}`,
      within: "",
    },
  ];
  const published = async (...tags: string[]) => {
    const digest = await pushImage(provider, repository);
    for (const tag of tags) await crane(["tag", `${bench.direct(repository)}@${digest}`, tag]);
    return digest;
  };
  const checked = (more: Properties = {}, olds?: Properties) =>
    provider.check(type, { images: [repository], rebuild: "31d", ...more }, olds);
  const built = async (more?: Properties) => (await checked(more)).built as Record<string, string>;
  const said = () => provider.messages.join("\n");

  it("is what this run publishes for the first time, and a repository that has no version", async () => {
    assert.deepEqual(await built(), {});
    await published("dev", "v9.0.0-rc.1");
    assert.deepEqual(await built(), {});
    assert.deepEqual(await built({ tags: release("v1.0.0") }), { [`${repository}:v1.0.0`]: today });
    assert.doesNotMatch(said(), /overdue/);
  });

  it("is told by the date of the newest rebuild, whatever was noted of it, and a new one settles it", async () => {
    await published(
      "v1.0.0",
      `v1.0.0-${dateTag(older)}`,
      `v1.0.0-${dateTag(old)}`,
      "v0.9.0",
      `v1.1.0-${dateTag(today)}`,
    );
    const inputs = await checked({ tags: release("v1.0.0") });
    const newest = `v1.0.0-${dateTag(old)}`;
    assert.deepEqual(inputs.built, { [`${repository}:${newest}`]: old });
    const [sentence = ""] = inputs.overdue as string[];
    assert.match(
      sentence,
      new RegExp(`^${newest} of ${repository} was built on ${old}, and was to be built again by `),
    );
    assert.ok(said().includes(`overdue: ${sentence}`), said());
    const held = await provider.create(type, { images: [repository], rebuild: "31d" });
    assert.deepEqual(held.state.overdue, [sentence]);
    const rebuilt = { images: [repository], rebuild: "31d", tags: release("v1.0.0", dateTag(today)) };
    const { details } = await provider.diff(held, rebuilt);
    assert.deepEqual(Object.keys(details).sort(), [
      `built["${repository}:${newest}"]`,
      `built["${repository}:v1.0.0-${dateTag(today)}"]`,
      "overdue",
    ]);
    assert.deepEqual((await provider.update(held, rebuilt)).state.overdue, []);
  });

  it("is told by what the stack had noted before the run, and not by what it notes now", async () => {
    const digest = await published("v1.0.0", "latest");
    const tags = release("v1.0.0").slice(0, 1);
    const ledger = await provider.create("slipway:release:Ledger", {
      version: "v1.0.0",
      images: [{ repository, tags, pointers: { "v1.0.0": digest } }],
    });
    // This run has found the version, and knows nothing of its age.
    const inputs = await checked();
    assert.deepEqual([inputs.built, (inputs.overdue as string[]).length], [{}, 1]);
    assert.match(said(), /overdue: v1\.0\.0 of .*: nothing says when it was built/);
    const versions = ledger.state.versions as Record<string, string>;
    const text = versions["v1.0.0"] ?? "";
    const noted = { ...versions, "v1.0.0": text.replace(/^\S+/, `${older}T01:02:03Z`) };
    await provider.read({ ...ledger, state: { ...ledger.state, versions: noted } });
    assert.deepEqual(await built(), { [`${repository}:v1.0.0`]: older });
  });

  it("is told by what the image says of itself, where that is a time", async () => {
    const reference = `${bench.direct(repository)}:v1.0.0`;
    await published("v1.0.0");
    await crane([
      "mutate",
      reference,
      "--annotation",
      `org.opencontainers.image.created=${old}T00:00:00Z`,
      "-t",
      reference,
    ]);
    assert.deepEqual(await built(), { [`${repository}:v1.0.0`]: old });
  });

  it("reads calendar versions, and revisions that are no date, as their tags are declared", async () => {
    await published("2026.04.1", "2026.05.0");
    const calendar = [{ tag: "latest", moves: "highest", version: "2026.05.0", calendar: true }];
    for (const tags of [calendar, []]) {
      const inputs = await checked({ tags });
      assert.match(String((inputs.overdue as string[])[0]), /^2026\.05\.0 of /);
    }
    await published("v1.0.0", "v1.0.0-2");
    const revised = [{ tag: "latest", moves: "highest", version: "v1.0.0-2", revisions: true }];
    assert.match(String(((await checked({ tags: revised })).overdue as string[])[0]), /^v1\.0\.0-2 of /);
  });

  it("stops nothing where a registry cannot be asked, and says so", async () => {
    bench.proxy.inject({ fault: { kind: "respond", status: 403 } });
    const inputs = await checked();
    assert.deepEqual([inputs.built, inputs.overdue], [{}, []]);
    assert.match(said(), /whether .* is overdue is not known: /);
  });

  it("asks no registry where only the lock is looked at, which says when it was taken", async () => {
    const lock = { file: "cadence.lock.json" };
    const of = async (more: Properties = {}) => {
      const inputs = await checked({ rebuild: undefined, refresh: "31d", lock, ...more });
      return [inputs.refreshed, (inputs.overdue as string[]).length];
    };
    bench.forget();
    assert.deepEqual(await of(), [today, 0]);
    await bench.write(lock.file, formatLock({}, old));
    assert.deepEqual(await of(), [old, 1]);
    assert.deepEqual(await of({ lock: { ...lock, refresh: true } }), [today, 0]);
    await bench.write(lock.file, formatLock({}));
    assert.deepEqual(await of(), [undefined, 1]);
    await rm(path.join(bench.project, lock.file));
    assert.deepEqual(bench.proxy.requests, []);
  });
});

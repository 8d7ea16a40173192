import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";
import { startProxy, type FaultProxy } from "../support/proxy";
import { requireS3, S3Service } from "../support/s3";
import { requireRsync, startSshServer, type SshServer } from "../support/ssh-server";

const type = "slipway:site:Copy";
const byHash = `dists/stable/main/binary-amd64/by-hash/SHA256/${"a".repeat(64)}`;
const first: Record<string, string> = {
  "pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb": "package one",
  [byHash]: "old index",
  "dists/stable/main/binary-amd64/Packages": "old index",
  "dists/stable/Release.gpg": "signature 1",
  "dists/stable/Release": "release 1",
  "dists/stable/InRelease": "signed release 1",
  "hello.sources": "Types: deb\n",
};
const inRelease = "dists/stable/InRelease";

/** A folder of a project, and a host that it is copied to. */
class Site {
  constructor(
    readonly project: string,
    readonly provider: ProviderProcess,
    readonly host: Properties,
  ) {}

  async write(files: Record<string, string>): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      const absolute = path.join(this.project, "site", file);
      await mkdir(path.dirname(absolute), { recursive: true });
      await writeFile(absolute, text);
    }
  }

  remove(file: string): Promise<void> {
    return rm(path.join(this.project, "site", file));
  }

  inputs(change: Properties = {}): Properties {
    return { directory: "site", host: this.host, ...change };
  }

  create(preview = false, change: Properties = {}): Promise<Held> {
    return this.provider.create(type, this.inputs(change), preview, "site");
  }

  async observed(held: Held): Promise<Held> {
    const read = await this.provider.read(held);
    assert.ok(read);
    return read;
  }

  async next(held: Held, change: Properties = {}): Promise<Held> {
    return this.provider.update(await this.observed(held), this.inputs(change));
  }

  async changes(held: Held, change: Properties = {}): Promise<string[]> {
    return (await this.provider.diff(await this.observed(held), this.inputs(change))).changes;
  }

  /** Messages while something is done. */
  async said(work: () => Promise<unknown>): Promise<string> {
    const before = this.provider.messages.length;
    await work();
    return this.provider.messages.slice(before).join("\n");
  }
}

/** What holds for every kind of host. */
function holds(
  site: () => Site,
  texts: () => Promise<Record<string, string>>,
  by: {
    put(file: string, text: string): Promise<void>;
    remove(file: string): Promise<void>;
  },
): void {
  it("gets all files; a preview gives none, and a second run nothing", async () => {
    await site().write(first);
    await site().write({ ".hidden": "no", "Packages.1-0123456789ab.tmp": "no" });
    const said = await site().said(() => site().create(true));
    assert.match(said, /will get 4 files, and then .*dists\/stable\/InRelease/);
    assert.deepEqual(await texts(), {});
    const held = await site().create();
    assert.deepEqual(await texts(), first);
    assert.deepEqual(await site().changes(held), []);
    assert.deepEqual((await site().observed(held)).state, held.state);
  });

  it("finds what is there already, as after a run whose state was lost", async () => {
    await site().write(first);
    await site().create();
    const held = await site().create();
    assert.deepEqual(Object.keys(held.state.copied as Properties).sort(), Object.keys(first).sort());
    assert.deepEqual(await site().changes(held), []);
  });

  it("keeps what others have there, and refuses to replace it, at preview and once a name is for good", async () => {
    await site().write(first);
    await by.put("index.html", "by somebody");
    await by.put(inRelease, "by somebody");
    const refused = /InRelease is there with other content, which this program has not put there/;
    await assert.rejects(site().create(true), refused);
    await assert.rejects(site().create(), refused);
    assert.deepEqual(Object.keys(await texts()).sort(), [inRelease, "index.html"].sort());
    await by.put("pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb", "other bytes");
    await assert.rejects(site().create(true, { takeOver: true }), /its name belongs to its content for good/);
    await by.remove("pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb");
    const held = await site().create(false, { takeOver: true });
    assert.deepEqual(await texts(), { ...first, "index.html": "by somebody" });
    assert.deepEqual(await site().changes(held, { takeOver: true }), []);
  });

  it("what was deleted or changed there is named, and put back", async () => {
    await site().write(first);
    const held = await site().create();
    await by.remove("pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb");
    await by.put(inRelease, "signed release X");
    let drifted = held;
    const said = await site().said(async () => (drifted = await site().observed(held)));
    assert.match(said, /somebody deleted .*hello_1\.0\.0~rc\.1\+b1_amd64\.deb, left as sha256:/);
    assert.match(said, /somebody changed .*InRelease, left as sha256:/);
    assert.deepEqual(
      Object.keys((await site().provider.diff(drifted, site().inputs())).details ?? {}).sort(),
      [`drifted["${inRelease}"]`, 'drifted["pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb"]'],
    );
    const repaired = await site().provider.update(drifted, site().inputs());
    assert.deepEqual(await texts(), first);
    assert.deepEqual(await site().changes(repaired), []);
  });

  it("a package that would get other bytes is refused", async () => {
    await site().write(first);
    const held = await site().create();
    await site().write({ "pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb": "other bytes" });
    await assert.rejects(
      site().provider.update(await site().observed(held), site().inputs(), true),
      /is published as sha256:.* and this program makes sha256:/,
    );
    assert.deepEqual(await texts(), first);
  });

  it("indexes by digest that have left the folder go in time; packages and others' files stay", async () => {
    await site().write(first);
    const held = await site().create();
    await site().remove(byHash);
    await site().remove("pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb");
    await by.put("index.html", "by somebody");
    const next = await site().next(held);
    assert.deepEqual(Object.keys(next.state.superseded as Properties), [byHash]);
    assert.deepEqual(await texts(), { ...first, "index.html": "by somebody" });
    const longAgo = {
      ...next,
      state: { ...next.state, superseded: { [byHash]: "2026-01-01T00:00:00.000Z" } },
    };
    await site().write({ "dists/stable/Release": "release 2" });
    const last = await site().next(longAgo);
    const { [byHash]: _gone, ...left } = first;
    assert.deepEqual(await texts(), {
      ...left,
      "dists/stable/Release": "release 2",
      "index.html": "by somebody",
    });
    assert.deepEqual(await site().changes(last), []);
  });

  it("what cannot be written is not copied, and a gate is told why", async () => {
    await site().write(first);
    const held = await site().create(false, { withheld: "it has no key", gated: true });
    assert.equal(held.state.state, "failed");
    assert.match(String(held.state.reason), /site is not copied: it has no key/);
    assert.deepEqual(await texts(), {});
    const next = await site().next(held, { gated: true });
    assert.equal(next.state.state, "published");
    assert.deepEqual(await texts(), first);
  });
}

describe("a copy of a served folder in S3", function () {
  this.timeout(120_000);
  let service: S3Service;
  let proxy: FaultProxy;
  let site: Site;
  let prefix = 0;

  before(async function () {
    requireS3(this);
    service = await S3Service.start("signed");
    proxy = await startProxy(service.port);
    const project = await mkdtemp(path.join(tmpdir(), "slipway-s3-"));
    site = new Site(project, await ProviderProcess.start(project), {});
  });
  beforeEach(async () => {
    prefix += 1;
    proxy.reset();
    await rm(path.join(site.project, "site"), { recursive: true, force: true });
    site = new Site(site.project, site.provider, { s3: bucket() });
  });
  after(async () => {
    await site?.provider.stop();
    await proxy?.stop();
    await service?.stop();
    if (site) await rm(site.project, { recursive: true, force: true, maxRetries: 3 });
  });

  const bucket = (change: Properties = {}): Properties => ({
    endpoint: `http://${proxy.host}`,
    bucket: service.bucket,
    prefix: `sites/${prefix}`,
    accessKeyId: service.accessKeyId,
    secretAccessKey: secret(service.secretAccessKey),
    ...change,
  });
  const keyOf = (file: string) => `sites/${prefix}/${file}`;
  const own = async () =>
    Object.entries(await service.objects()).flatMap(([key, object]) =>
      key.startsWith(keyOf("")) ? [[key.slice(keyOf("").length), object] as const] : [],
    );
  const puts = () => proxy.requests.filter(({ method, status }) => method === "PUT" && status === 200);

  holds(
    () => site,
    async () => Object.fromEntries((await own()).map(([file, { text }]) => [file, text])),
    { put: (file, text) => service.put(keyOf(file), text), remove: (file) => service.delete(keyOf(file)) },
  );

  it("has content types, and caches keep what never changes and ask for the rest", async () => {
    await site.write(first);
    await site.create();
    const found = Object.fromEntries(
      (await own()).map(([file, { contentType, cacheControl }]) => [file, [contentType, cacheControl]]),
    );
    const forGood = "public, max-age=31536000, immutable";
    const text = "text/plain; charset=utf-8";
    assert.deepEqual(found, {
      "pool/main/h/hello/hello_1.0.0~rc.1+b1_amd64.deb": ["application/vnd.debian.binary-package", forGood],
      [byHash]: ["application/octet-stream", forGood],
      "dists/stable/main/binary-amd64/Packages": [text, "no-cache"],
      "dists/stable/Release.gpg": [text, "no-cache"],
      "dists/stable/Release": [text, "no-cache"],
      [inRelease]: [text, "no-cache"],
      "hello.sources": [text, "no-cache"],
    });
  });

  it("gets only what differs, content before what names it", async () => {
    await site.write(first);
    const held = await site.create();
    const deb = "pool/main/h/hello/hello_1.1.0_amd64.deb";
    await site.write({
      [deb]: "package two",
      [inRelease]: "signed release 2",
      "dists/stable/Release": "release 2",
    });
    proxy.requests.length = 0;
    await site.next(held);
    assert.deepEqual(
      puts().map((one) => one.path.slice(`/${service.bucket}/${keyOf("")}`.length)),
      [deb, "dists/stable/Release", inRelease],
    );
  });

  it("other credentials for the same host are an update, and another host is another resource", async () => {
    await site.write(first);
    const held = await site.create();
    const other = { host: { s3: bucket({ secretAccessKey: secret("another") }) } };
    const diff = await site.provider.diff(await site.observed(held), site.inputs(other));
    assert.deepEqual(diff.details, { host: "update" });
    const elsewhere = { host: { s3: bucket({ prefix: "elsewhere" }) } };
    assert.deepEqual((await site.provider.diff(held, site.inputs(elsewhere))).details, {
      host: "update-replace",
    });
  });

  it("a look is one request for a list, whatever else is in the bucket", async () => {
    await site.write(first);
    const held = await site.create();
    await service.put(keyOf("index.html"), "by somebody");
    proxy.requests.length = 0;
    await site.observed(held);
    assert.equal(proxy.requests.length, 1);
  });

  it("a list that may not be asked for, or leaves things out, makes nothing of it gone", async () => {
    await site.write(first);
    const held = await site.create();
    const list = { method: "GET", path: /list-type=2/ };
    proxy.inject({ ...list, fault: { kind: "respond", status: 403, body: "" } });
    assert.deepEqual(await site.changes(held), []);
    proxy.reset();
    proxy.inject({ ...list, fault: { kind: "respond", status: 200, body: "<ListBucketResult/>" } });
    assert.deepEqual(await site.changes(held), []);
  });

  it("survives an upload that is cut, an answer that is lost, and a service that is slow or busy", async () => {
    await site.write(first);
    proxy.inject({ method: "PUT", nth: 1, fault: { kind: "cut-request", afterBytes: 3 } });
    proxy.inject({ method: "PUT", nth: 3, fault: { kind: "lose-response" } });
    proxy.inject({
      method: "PUT",
      nth: 5,
      fault: { kind: "respond", status: 503, body: "<Code>SlowDown</Code>" },
    });
    proxy.inject({ method: "HEAD", nth: 1, fault: { kind: "delay", milliseconds: 300 } });
    const held = await site.create();
    assert.deepEqual(Object.fromEntries((await own()).map(([file, { text }]) => [file, text])), first);
    assert.deepEqual(await site.changes(held), []);
  });

  it("a run that is refused midway leaves what clients had, and the next one goes on", async () => {
    await site.write(first);
    const held = await site.create();
    const deb = "pool/main/h/hello/hello_1.1.0_amd64.deb";
    await site.write({ [deb]: "package two", [inRelease]: "signed release 2" });
    const body = "<Error><Code>AccessDenied</Code><Message>no entry</Message></Error>";
    proxy.inject({ method: "PUT", path: /InRelease/, fault: { kind: "respond", status: 403, body } });
    const failed = await site.next(held, { gated: true });
    assert.equal(failed.state.state, "failed");
    assert.match(
      String(failed.state.reason),
      /putting s3:\/\/.*InRelease at .*HTTP 403 \(AccessDenied: no entry\)/,
    );
    assert.equal(Object.fromEntries(await own())[inRelease]?.text, "signed release 1");
    proxy.reset();
    proxy.requests.length = 0;
    await site.next(failed, { gated: true });
    assert.equal(Object.fromEntries(await own())[inRelease]?.text, "signed release 2");
    assert.deepEqual(puts().length, 1);
  });

  it("a service that is away makes nothing gone where a gate looks at it", async () => {
    await site.write(first);
    const held = await site.create(false, { gated: true });
    proxy.inject({
      fault: { kind: "respond", status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" },
    });
    const read = await site.observed(held);
    assert.equal(read.state.state, "unknown");
    assert.match(String(read.state.reason), /listing s3:.*HTTP 404 \(NoSuchBucket\)\. Make the bucket first/);
    assert.deepEqual((await site.provider.diff(read, site.inputs({ gated: true }))).changes, []);
  });

  it("credentials that are refused are told, and shown nowhere", async () => {
    await site.write(first);
    const wrong = "wrong/secret+of/nobody";
    const host = { s3: bucket({ secretAccessKey: secret(wrong) }) };
    const failing = () => site.create(false, { host });
    let reason = "";
    const said = await site.said(() => failing().catch((error: unknown) => (reason = String(error))));
    assert.match(reason, /looking at s3:.*HTTP 403.*Look at the credentials/s);
    for (const text of [reason, said]) assert.ok(!text.includes(wrong));
    await assert.rejects(
      site.provider.check(type, site.inputs({ host: { s3: bucket({ secretAccessKey: "in clear" }) } })),
      (error: unknown) => {
        assert.ok(error instanceof CheckFailed);
        assert.deepEqual(
          error.failures.map(({ property }) => property),
          [""],
        );
        assert.match(
          error.message,
          /^host\.s3\.secretAccessKey: is in clear text, and would be in the state: give/,
        );
        return true;
      },
    );
    await assert.rejects(
      site.provider.check(type, site.inputs({ host: { s3: bucket({ accessKeyId: undefined }) } })),
      /host\.s3: has no credentials/,
    );
  });
});

describe("a copy of a served folder on another machine, by rsync", function () {
  this.timeout(120_000);
  let server: SshServer;
  let site: Site;
  let target = "";
  let number = 0;

  before(async function () {
    requireRsync(this);
    const project = await mkdtemp(path.join(tmpdir(), "slipway-rsync-"));
    server = await startSshServer(path.join(project, "server"));
    site = new Site(project, await ProviderProcess.start(project), {});
  });
  beforeEach(async () => {
    number += 1;
    target = path.join(site.project, "served", String(number));
    await mkdir(path.dirname(target), { recursive: true });
    await rm(path.join(site.project, "site"), { recursive: true, force: true });
    site = new Site(site.project, site.provider, { rsync: folder() });
  });
  after(async () => {
    await site?.provider.stop();
    await server?.stop();
    if (site) await rm(site.project, { recursive: true, force: true, maxRetries: 3 });
  });

  const folder = (change: Properties = {}): Properties => ({
    to: `${server.login}:${target}`,
    port: server.port,
    privateKey: secret(server.privateKey),
    knownHosts: server.knownHosts,
    ...change,
  });
  const texts = () => textsOf(target);

  holds(() => site, texts, {
    async put(file, text) {
      await mkdir(path.dirname(path.join(target, file)), { recursive: true });
      await writeFile(path.join(target, file), text);
    },
    remove: (file) => rm(path.join(target, file)),
  });

  it("everybody can read what it puts there, whatever this machine's modes are", async () => {
    await site.write(first);
    await chmod(path.join(site.project, "site", inRelease), 0o600);
    await site.create();
    assert.equal((await stat(path.join(target, inRelease))).mode & 0o777, 0o644);
    assert.equal((await stat(path.join(target, "dists/stable"))).mode & 0o777, 0o755);
  });

  it("a run that is refused midway leaves what clients had, and the next one goes on", async () => {
    await site.write(first);
    const held = await site.create();
    const deb = "pool/main/h/hello/hello_1.1.0_amd64.deb";
    const release = path.join(target, "dists/stable/Release");
    // A folder with something in it is not replaced by a file.
    await rm(release);
    await mkdir(path.join(release, "in the way"), { recursive: true });
    await site.write({
      [deb]: "package two",
      "dists/stable/Release": "release 2",
      [inRelease]: "signed release 2",
    });
    const failed = await site.provider.update(held, site.inputs({ gated: true }));
    assert.equal(failed.state.state, "failed");
    assert.match(String(failed.state.reason), /copying files in .*Release/s);
    assert.equal(await readFile(path.join(target, deb), "utf8"), "package two");
    assert.equal(await readFile(path.join(target, inRelease), "utf8"), "signed release 1");
    await rm(release, { recursive: true });
    await site.next(failed, { gated: true });
    assert.equal(await readFile(path.join(target, inRelease), "utf8"), "signed release 2");
  });

  it("a machine with another key, and one that lets nobody in, are refused with what to do; no key is shown", async () => {
    await site.write(first);
    const other = await startSshServer(path.join(site.project, "other"));
    try {
      const refusal = async (change: Properties) => {
        const host = { rsync: folder(change) };
        return String(await site.create(false, { host }).catch((error: unknown) => error));
      };
      const knownHosts = other.knownHosts.replace(String(other.port), String(server.port));
      const errors = [
        [
          await refusal({ knownHosts }),
          /Host key verification failed.*Give the other side's key as knownHosts/s,
        ],
        [
          await refusal({ privateKey: secret(other.privateKey) }),
          /Permission denied.*Give privateKey, a secret/s,
        ],
        [await refusal({ port: 1 }), /Connection refused.*Check the address/s],
        [await refusal({ to: `${server.login}:${target}/not/there` }), /Make the folder above it/],
      ] as const;
      for (const [error, expected] of errors) {
        assert.match(error, expected);
        for (const line of other.privateKey.split("\n").filter((one) => one.length > 40)) {
          assert.ok(!error.includes(line));
        }
      }
    } finally {
      await other.stop();
    }
    await assert.rejects(
      site.provider.check(type, site.inputs({ host: { rsync: folder({ privateKey: "in clear" }) } })),
      /host\.rsync\.privateKey: is in clear text/,
    );
    await assert.rejects(
      site.provider.check(type, site.inputs({ host: { rsync: folder({ to: "-e rm:x" }) } })),
      /host\.rsync\.to: .*valid example/,
    );
  });

  it("a machine that is away makes nothing gone where a gate looks at it", async () => {
    await site.write(first);
    const held = await site.create(false, { gated: true });
    const away = { ...held, inputs: { ...held.inputs, host: { rsync: folder({ port: 1 }) } } };
    const read = await site.observed(away);
    assert.equal(read.state.state, "unknown");
    assert.deepEqual(read.state.copied, held.state.copied);
  });
});

async function textsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.map(async (file) => [path.relative(folder, file), await readFile(file, "utf8")] as const),
  );
  return Object.fromEntries(texts);
}

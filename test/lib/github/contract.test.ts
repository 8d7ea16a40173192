import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitHubClient } from "../../../lib/github/client";
import { FileBody } from "../../../lib/github/connection";
import { parseGitHubRepository } from "../../../lib/github/names";
import { publishRelease } from "../../../lib/github/reconcile";
import { Releases } from "../../../lib/github/releases";
import { FakeGitHub } from "../../support/fake-github";
import { freePort } from "../../support/processes";
import { sha256 } from "./fixtures";

/**
 * A GitHub that is not ours to define, beside the one that is: both have to agree on what is asked
 * here.
 */
interface Service {
  url: string;
  token: string;
  /** Makes a repository of this name exist. */
  repository: (fullName: string) => Promise<void>;
  close: () => Promise<void>;
}

async function startFake(): Promise<Service> {
  const fake = await FakeGitHub.start();
  return {
    url: fake.url,
    token: fake.token,
    repository: async (fullName) => void fake.repository(fullName),
    close: () => fake.stop(),
  };
}

/**
 * The emulator of the npm package `emulate`. It is not asked for what it has otherwise than GitHub:
 * the bytes and digests of assets, duplicate names, drafts by tag, `make_latest`, the git tag of a
 * publication.
 */
async function startEmulate(): Promise<Service> {
  const { createEmulator } = await import("emulate");
  const token = "ghp_emulated0123456789";
  const port = await freePort();
  const emulator = await createEmulator({
    service: "github",
    port,
    seed: {
      tokens: { [token]: { login: "acme", scopes: ["repo"] } },
      github: { users: [{ login: "acme" }] },
    },
  });
  const create = async (fullName: string) => {
    const response = await fetch(`${emulator.url}/user/repos`, {
      method: "POST",
      headers: { authorization: `token ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: fullName.split("/")[1], auto_init: true }),
    });
    assert.equal(response.status, 201, await response.text());
  };
  return { url: emulator.url, token, repository: create, close: () => emulator.close() };
}

for (const [name, start] of [
  ["our fake", startFake],
  ["emulate", startEmulate],
] as const) {
  describe(`the releases of ${name}`, () => {
    let service: Service;
    let folder: string;
    let releases: Releases;
    let serial = 0;
    const clients: GitHubClient[] = [];

    function open(repository: string, token: string | undefined): Releases {
      const client = new GitHubClient({
        endpoint: service.url,
        ...(token === undefined ? {} : { token }),
        patience: { baseDelayMs: 5 },
      });
      clients.push(client);
      return new Releases(client, parseGitHubRepository(repository));
    }

    before(async () => {
      service = await start();
      folder = await mkdtemp(join(tmpdir(), "slipway-contract-"));
      await writeFile(join(folder, "asset"), "content");
    });
    beforeEach(async () => {
      const repository = `acme/contract-${++serial}`;
      await service.repository(repository);
      releases = open(repository, service.token);
    });
    after(async () => {
      for (const client of clients) await client.close();
      await service?.close();
      if (folder) await rm(folder, { recursive: true, force: true });
    });

    it("are none at first", async () => {
      assert.equal(await releases.find("v1.0.0"), undefined);
      assert.equal(await releases.latest(), undefined);
      assert.equal(await releases.commitOf("v1.0.0"), undefined);
    });

    it("are made as drafts, which have no date and are not the latest", async () => {
      const draft = await releases.createDraft({ tag_name: "v1.0.0", name: "one", body: "words" });
      assert.equal(draft.draft, true);
      assert.equal(draft.publishedAt, undefined);
      const found = await releases.find("v1.0.0");
      assert.deepEqual([found?.id, found?.title, found?.notes], [draft.id, "one", "words"]);
      assert.equal(await releases.latest(), undefined);
    });

    it("are published with their id kept, and are the latest then", async () => {
      const draft = await releases.createDraft({ tag_name: "v1.0.0" });
      const published = await releases.change(draft, { draft: false });
      assert.equal(published.id, draft.id);
      assert.equal(published.draft, false);
      assert.match(published.publishedAt ?? "", /^\d{4}-\d\d-\d\dT/);
      assert.equal((await releases.find("v1.0.0"))?.id, draft.id);
      assert.equal(await releases.latest(), "v1.0.0");
      const changed = await releases.change(published, { body: "other" });
      assert.equal(changed.publishedAt, published.publishedAt);
      assert.equal((await releases.find("v1.0.0"))?.notes, "other");
    });

    it("have assets that are uploaded, listed, renamed and removed", async () => {
      const draft = await releases.createDraft({ tag_name: "v1.0.0" });
      const body = new FileBody(join(folder, "asset"), "content".length);
      const asset = await releases.upload(draft, { name: "one.txt", contentType: "text/plain", body });
      assert.deepEqual([asset.name, asset.size, asset.state], ["one.txt", 7, "uploaded"]);
      assert.deepEqual(
        (await releases.assets(draft)).map(({ id }) => id),
        [asset.id],
      );
      const renamed = await releases.rename(draft, asset, "two.txt");
      assert.deepEqual([renamed.id, renamed.name], [asset.id, "two.txt"]);
      await releases.remove(draft, renamed);
      await releases.remove(draft, renamed);
      assert.deepEqual(await releases.assets(draft), []);
    });

    it("list all assets, over several pages", async () => {
      const draft = await releases.createDraft({ tag_name: "v1.0.0" });
      const names = Array.from({ length: 103 }, (_, index) => `asset-${index}`);
      for (const asset of names) {
        const body = new FileBody(join(folder, "asset"), "content".length);
        await releases.upload(draft, { name: asset, contentType: "text/plain", body });
      }
      const listed = (await releases.assets(draft)).map((asset) => asset.name);
      assert.deepEqual(listed.sort(), names.sort());
    });

    it("are not written without a token, nor in a repository that is not there", async () => {
      const { repository } = releases;
      const anonymous = open(`${repository.owner}/${repository.name}`, undefined);
      await assert.rejects(
        anonymous.createDraft({ tag_name: "v1.0.0" }),
        /HTTP 401.*\nThe request needs a token/s,
      );
      const nowhere = open("acme/nowhere", service.token);
      await assert.rejects(
        nowhere.createDraft({ tag_name: "v1.0.0" }),
        /HTTP 404.*\nacme\/nowhere does not exist/s,
      );
    });

    it("are published whole, and the second time are as they were", async () => {
      const desired = {
        tag: "v1.0.0",
        title: "one",
        notes: "words",
        makeLatest: "legacy" as const,
        assets: [
          { name: "one.txt", digest: sha256("content"), contentType: "text/plain", replaceable: false },
        ],
      };
      const options = { fileOf: async () => join(folder, "asset") };
      const first = await publishRelease(releases, desired, options);
      const known = new Map(first.assets.map(({ id, digest = "" }) => [id, digest]));
      const second = await publishRelease(releases, desired, { ...options, known });
      assert.deepEqual(second, first);
      assert.equal(first.draft, false);
      assert.deepEqual(
        first.assets.map(({ name }) => name),
        ["one.txt"],
      );
    });
  });
}

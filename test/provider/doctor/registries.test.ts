import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { embeddedAddress } from "../../../lib/embedded/address";
import { baseImagesCheck } from "../../../provider/doctor/checks/base-images";
import { registriesCheck } from "../../../provider/doctor/checks/registries";
import { tagNamesCheck } from "../../../provider/doctor/checks/tag-names";
import { crane } from "../../support/clients";
import { freePort } from "../../support/processes";
import {
  htpasswdUser,
  startCraneRegistry,
  startDistribution,
  startReferrersRegistry,
  type TestRegistry,
} from "../../support/registries";
import { startTokenServer, type TokenServer } from "../../support/token-server";
import { requireTools } from "../../support/tools";
import { AskingPlace, lines } from "./asking";

const image = (repository: string, registry?: object) => ({
  type: "slipway:oci:Image",
  inputs: { repository },
  config: registry === undefined ? {} : { registries: [registry as { host: string }] },
});

describe("slipway doctor and registries", () => {
  let place: AskingPlace;
  let open: TestRegistry;
  let guarded: TestRegistry;

  before(async function () {
    requireTools(this, "registry", "crane");
    [open, guarded] = await Promise.all([startDistribution(), startDistribution({ auth: "htpasswd" })]);
    place = await AskingPlace.open();
    await writeFile(join(place.project, "empty.tar"), Buffer.alloc(1024));
  });
  after(async () => {
    await place?.close();
    await open?.stop();
    await guarded?.stop();
  });

  it("begins an upload to each repository and cancels it, and leaves nothing", async () => {
    const { host } = open;
    const found = await place.ask(registriesCheck, [image(`${host}/acme/app`), image(`${host}/acme/web`)]);
    assert.deepEqual(lines(found).slice(0, 3), [
      `ok: ${host}: answers, and takes the credentials`,
      `ok: ${host}/acme/app: may be pushed to: an upload was started and canceled`,
      `ok: ${host}/acme/web: may be pushed to: an upload was started and canceled`,
    ]);
    const asked = open.requests().filter(({ method }) => method !== "GET");
    assert.equal(asked.filter(({ method, status }) => method === "POST" && status === 202).length, 2);
    const canceled = asked.filter(
      ({ path }) => path.includes("/blobs/uploads/") && !path.endsWith("/uploads/"),
    );
    assert.deepEqual(
      new Set(canceled.map(({ method, status }) => `${method} ${status}`)),
      new Set(["DELETE 204"]),
    );
    assert.equal(await crane(["catalog", host]), "");
    // This registry keeps of a canceled upload that it has hashed nothing, until it purges uploads.
    const files = readdirSync(join(open.folder, "data"), { recursive: true, withFileTypes: true });
    const kept = files
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    assert.deepEqual(
      kept.filter((file) => !/\/_uploads\/[^/]+\/hashstates\/sha256\/0$/.test(file)),
      [],
    );
  });

  it("tells what the registry can, as far as that shows", async () => {
    const canOf = async (repository: string) =>
      (await place.ask(registriesCheck, [image(repository)]))
        .filter(({ about }) => about.endsWith("(can)"))
        .map(({ status, text }) => `${status}: ${text}`);
    const append = (repository: string) =>
      crane(["append", "--new_layer", join(place.project, "empty.tar"), "--new_tag", `${repository}:v1`]);
    const push = "not asked: several tags by one request: known after the first push";
    assert.deepEqual(await canOf(`${open.host}/acme/new`), [
      "not asked: referrers API: known after the first push",
      "ok: deletion of manifests: yes",
      "not asked: mounting of blobs: known after the first push",
      push,
      "ok: repositories: an upload to one with nothing in it may begin",
    ]);
    await append(`${open.host}/acme/there`);
    const before = await crane(["digest", `${open.host}/acme/there:v1`]);
    assert.deepEqual(await canOf(`${open.host}/acme/there`), [
      "ok: referrers API: no",
      "ok: deletion of manifests: yes",
      "ok: mounting of blobs: yes",
      push,
      "not asked: repositories: whether a push makes them is known after the first push to another one",
    ]);
    // What was mounted from where it is has changed nothing.
    await crane(["validate", "--remote", `${open.host}/acme/there:v1`]);
    assert.equal(await crane(["digest", `${open.host}/acme/there:v1`]), before);
    const [referrers, keeping] = await Promise.all([
      startReferrersRegistry(),
      startDistribution({ keepsAll: true }),
    ]);
    try {
      await append(`${referrers.host}/acme/there`);
      assert.equal((await canOf(`${referrers.host}/acme/there`))[0], "ok: referrers API: yes");
      await append(`${keeping.host}/acme/there`);
      assert.equal((await canOf(`${keeping.host}/acme/there`))[1], "ok: deletion of manifests: no");
    } finally {
      await Promise.all([referrers.stop(), keeping.stop()]);
    }
  });

  it("does not start the registry of this machine, which a release starts", async () => {
    const host = embeddedAddress(place.project);
    const repository = `${host}/app`;
    await writeFile(join(place.project, "Dockerfile"), `FROM ${host}/bases/one:v1\n`);
    const context = { image: "app", dockerfile: "Dockerfile", platforms: ["linux/amd64"] };
    const found = [
      await place.ask(registriesCheck, [image(repository)]),
      await place.ask(tagNamesCheck, [
        { type: "slipway:oci:Tags", inputs: { repository, tags: [{ tag: "v1" }] } },
      ]),
      await place.ask(baseImagesCheck, [
        { type: "slipway:oci:Image", inputs: { repository, base: `${host}/base:v1` } },
      ]),
      await place.ask(baseImagesCheck, [{ type: "slipway:build:Context", inputs: context }]),
    ].flat();
    assert.deepEqual(
      found.map(({ status, text }) => `${status}: ${text}`),
      Array(4).fill("not asked: the registry on this machine does not run: a release starts it"),
    );
  });

  it("says that credentials are refused, once for the host, and not what they are", async () => {
    const { host } = guarded;
    const config = { host, username: "alice", password: "not the one of alice" };
    const found = await place.ask(registriesCheck, [
      image(`${host}/acme/app`, config),
      image(`${host}/acme/web`, config),
    ]);
    assert.equal(found.length, 1);
    assert.equal(found[0]?.status, "failure");
    assert.match(found[0]?.text ?? "", /HTTP 401/);
    assert.match(found[0]?.remedy ?? "", /were refused/);
    assert.doesNotMatch(JSON.stringify(found), /not the one of alice/);
    const right = await place.ask(registriesCheck, [image(`${host}/acme/app`, { host, ...htpasswdUser })]);
    assert.match(lines(right)[1] ?? "", /^ok: .*may be pushed to/);
  });

  it("says who may pull and not push, by repository", async function () {
    let tokens: TokenServer | undefined;
    let registry: TestRegistry | undefined;
    try {
      tokens = await startTokenServer({ users: {} });
      registry = await startDistribution({ auth: tokens });
      const found = await place.ask(registriesCheck, [image(`${registry.host}/acme/app`)]);
      const push = found.find(({ about }) => about === `${registry?.host}/acme/app`) ?? found[0];
      assert.equal(push?.status, "failure");
      assert.match(`${push?.text} ${push?.remedy}`, /HTTP 401[^]*docker login/);
    } finally {
      await registry?.stop();
      await tokens?.stop();
    }
  });

  it("says of a registry that only reads that it does", async () => {
    const registry = await startDistribution({ readOnly: true });
    try {
      const found = await place.ask(registriesCheck, [image(`${registry.host}/acme/app`)]);
      const push = found.find(({ about }) => about === `${registry.host}/acme/app`);
      assert.equal(push?.status, "failure");
      assert.match(`${push?.text} ${push?.remedy}`, /HTTP 405[^]*read-only/);
    } finally {
      await registry.stop();
    }
  });

  it("says where nobody listens, and where a name does not resolve", async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    const [closed] = await place.ask(registriesCheck, [image(`${nobody}/acme/app`)]);
    assert.equal(closed?.status, "failure");
    assert.match(`${closed?.text} ${closed?.remedy}`, /ECONNREFUSED[^]*Nothing listens/);
    const [unknown] = await place.ask(registriesCheck, [image("registry.invalid/acme/app")]);
    assert.match(`${unknown?.status} ${unknown?.text}`, /^failure .*(ENOTFOUND|EAI_AGAIN)/);
  });

  it("does not wait for a host that says nothing", async () => {
    const silent: Server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    try {
      const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const begun = Date.now();
      const [found] = await place.ask(registriesCheck, [image(`${host}/acme/app`)], { limitSeconds: 0.5 });
      assert.match(`${found?.status}: ${found?.text}`, /^failure: unreachable after 0\.5 s$/);
      assert.ok(Date.now() - begun < 5000);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it("says that a registry does not cancel an upload, which is no failure", async () => {
    const registry = await startCraneRegistry();
    try {
      const found = await place.ask(registriesCheck, [image(`${registry.host}/acme/app`)]);
      const push = found.find(({ about }) => about === `${registry.host}/acme/app`);
      assert.match(`${push?.status}: ${push?.text}`, /^warning: .*does not cancel it \(HTTP 4\d\d\)/);
    } finally {
      await registry.stop();
    }
  });

  it("knows free version tags, its own, and those of others; and bases that are not there", async () => {
    const { host } = open;
    await crane([
      "append",
      "--new_layer",
      join(place.project, "empty.tar"),
      "--new_tag",
      `${host}/acme/taken:v1.0.0`,
    ]);
    const tags = (name: string) => ({
      repository: `${host}/acme/${name}`,
      tags: [{ tag: "v1.0.0" }, { tag: "latest", moves: "highest" }],
    });
    const found = await place.ask(tagNamesCheck, [
      { type: "slipway:oci:Tags", inputs: tags("free") },
      { type: "slipway:oci:Tags", inputs: tags("taken") },
      { type: "slipway:oci:Tags", inputs: tags("taken"), former: tags("taken") },
    ]);
    assert.deepEqual(lines(found), [
      `ok: ${host}/acme/free:v1.0.0: is free`,
      `warning: ${host}/acme/taken:v1.0.0: is there, and this stack has not put it there`,
      `ok: ${host}/acme/taken:v1.0.0: is this stack's`,
    ]);
    const bases = await place.ask(baseImagesCheck, [
      {
        type: "slipway:oci:Image",
        inputs: { repository: `${host}/acme/app`, base: `${host}/acme/taken:v1.0.0` },
      },
      { type: "slipway:oci:Image", inputs: { repository: `${host}/acme/app`, base: `${host}/acme/none:v1` } },
      { type: "slipway:oci:ExternalImages", inputs: { images: { one: `${guarded.host}/acme/private:v1` } } },
    ]);
    assert.deepEqual(
      bases.map(({ status }) => status),
      ["ok", "failure", "failure"],
    );
    assert.match(`${bases[2]?.text} ${bases[2]?.remedy}`, /HTTP 401[^]*docker login/);
  });
});

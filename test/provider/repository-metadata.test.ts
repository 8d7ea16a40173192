import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { DockerHubStandIn } from "../support/docker-hub";
import { HarborStandIn } from "../support/harbor";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";

const type = "slipway:oci:RepositoryMetadata";
const password = "dckr_pat_of_the_curator";
const login = { username: "acme", password: secret(password) };
const links = "https://github.com/acme/hello/blob/HEAD";

/** Against stand-ins: no test has met a service. */
describe("what a registry shows of a repository", function () {
  this.timeout(60_000);
  let root: string;
  let hub: DockerHubStandIn;
  let provider: ProviderProcess;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-shown-"));
    await writeFile(path.join(root, "README.md"), "# Hello\n\n[Guide](docs/guide.md)\n\n");
  });
  beforeEach(async () => {
    hub = await DockerHubStandIn.start();
    hub.add({ username: "acme", secret: password, scope: "repo:admin" });
    provider = await ProviderProcess.start(root);
  });
  afterEach(async () => {
    await provider?.stop();
    await hub?.stop();
  });
  after(() => rm(root, { recursive: true, force: true }));

  const declared = (more: Properties = {}): Properties => ({
    repository: "docker.io/acme/hello",
    kind: "docker-hub",
    api: hub.address,
    login,
    description: "Greets the world",
    overview: { file: "README.md", links },
    gated: true,
    ...more,
  });
  const overview = `# Hello\n\n[Guide](${links}/docs/guide.md)`;
  const reason = async (refused: Promise<unknown>) => {
    const error = await refused.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CheckFailed);
    return error.message;
  };

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("TINY-02, CAP-30: is set from a file with absolute links; a preview sets nothing, a second run neither", async () => {
    hub.put("acme/hello", { description: "old" });
    const preview = await provider.create(type, declared(), true);
    assert.equal(preview.state.fullDescription, overview);
    assert.deepEqual(hub.writes, []);
    const held = await provider.create(type, declared());
    assert.equal(held.state.state, "served");
    assert.equal(hub.repositories.get("acme/hello")?.description, "Greets the world");
    assert.equal(hub.repositories.get("acme/hello")?.full_description, overview);
    const before = hub.writes.length;
    assert.deepEqual((await provider.diff(await looked(held), declared())).changes, []);
    assert.equal((await provider.create(type, declared())).state.state, "served");
    assert.equal(hub.writes.length, before);
  });

  it("PROD-04: a description that somebody edits by hand is named by the next look, and put back", async () => {
    const shown = hub.put("acme/hello");
    const held = await provider.create(type, declared());
    Object.assign(shown, { full_description: "# Hello\n\nBuy now", description: "Greets the world" });
    const seen = await looked(held);
    assert.match(
      JSON.stringify(provider.shown),
      /somebody changed the full description of acme\/hello at Docker Hub, from line 3; `pulumi up` puts it back/,
    );
    assert.deepEqual((await provider.diff(seen, declared())).changes, ["fullDescription"]);
    await provider.update(seen, declared());
    assert.equal(shown.full_description, overview);
  });

  it("leaves fields alone that are not declared", async () => {
    const shown = hub.put("acme/hello", { is_private: true, description: "by hand", rules: ["v.*"] });
    const only = { ...declared(), description: undefined };
    await provider.create(type, only);
    assert.deepEqual([shown.is_private, shown.description, shown.rules], [true, "by hand", ["v.*"]]);
  });

  it("makes a repository that is not there, as private as it is to be, before anything is pushed", async () => {
    const settings = {
      visibility: "private",
      immutableTags: ["^v[0-9]"],
      description: undefined,
      overview: undefined,
    };
    await provider.create(type, declared(settings), true);
    assert.equal(hub.repositories.size, 0);
    const held = await provider.create(type, declared(settings));
    assert.deepEqual([held.state.visibility, held.state.immutableTags], ["private", ["^v[0-9]"]]);
    assert.equal(hub.repositories.get("acme/hello")?.is_private, true);
    assert.match(hub.bodies.find((body) => body !== "") ?? "", /"is_private":true/);
    Object.assign(hub.repositories.get("acme/hello") ?? {}, { is_private: false, rules: [] });
    const seen = await looked(held);
    assert.deepEqual((await provider.diff(seen, declared(settings))).changes.sort(), [
      "immutableTags",
      "visibility",
    ]);
    await provider.update(seen, declared(settings));
    assert.equal(hub.repositories.get("acme/hello")?.is_private, true);
  });

  it("says what people have to choose by themselves, which is no difference", async () => {
    const shown = hub.put("acme/hello", { categories: [{ name: "Databases", slug: "databases" }] });
    const inputs = declared({ categories: ["web-servers"] });
    const held = await provider.create(type, inputs);
    assert.equal(held.state.state, "awaiting");
    assert.match(
      String(held.state.reason),
      /choose the categories web-servers on https:\/\/hub\.docker\.com\/r\/acme\/hello/,
    );
    assert.deepEqual((await provider.diff(await looked(held), inputs)).changes, []);
    shown.categories = [{ name: "Web servers", slug: "web-servers" }];
    assert.equal((await looked(held)).state.state, "served");
  });

  it("G-34: a token that pushes and may not curate leaves it to the gate, without a word of the token", async () => {
    const publisher = "dckr_pat_of_the_publisher";
    hub.put("acme/hello");
    hub.add({ username: "acme", secret: publisher, scope: "repo:write" });
    const inputs = declared({ login: { username: "acme", password: secret(publisher) } });
    const held = await provider.create(type, inputs);
    assert.equal(held.state.state, "failed");
    assert.match(String(held.state.reason), /HTTP 403 \(access denied: insufficient scope\).*as curator/s);
    assert.equal(JSON.stringify([held.state.reason, provider.shown]).includes(publisher), false);
    await assert.rejects(provider.create(type, { ...inputs, gated: false }), /HTTP 403/);
    const after = await provider.update(await looked(held), declared());
    assert.equal(after.state.state, "served");
  });

  it("takes it for as it was where the API does not answer, and for gone where it says so", async () => {
    hub.put("acme/hello");
    const held = await provider.create(type, declared({ gated: false }));
    hub.expireSessions();
    hub.refuseNext(403);
    const silent = await looked(held);
    assert.equal(silent.state.state, "unknown");
    assert.deepEqual((await provider.diff(silent, declared({ gated: false }))).changes, []);
    hub.repositories.delete("acme/hello");
    const gone = await looked(held);
    assert.deepEqual(
      [gone.state.state, (await provider.diff(gone, declared({ gated: false }))).changes.sort()],
      ["behind", ["description", "fullDescription"]],
    );
  });

  it("keeps the session and the token out of state, messages and other hosts", async () => {
    hub.put("acme/hello");
    const held = await provider.create(type, declared());
    const { login: _login, ...clear } = held.state;
    assert.equal(/dckr_pat|signature0/.test(JSON.stringify([clear, provider.shown])), false);
    assert.match(
      await reason(provider.check(type, declared({ login: { username: "acme", password } }))),
      /login\.password.*secret/s,
    );
    assert.match(
      await reason(provider.check(type, declared({ login: undefined }))),
      /does not get the credentials of docker\.io: say who asks it/,
    );
    assert.match(
      await reason(provider.check(type, declared({ api: "http://hub.example.com" }))),
      /would get the credentials in clear: take https/,
    );
  });

  it("refuses, before anything is sent, what the service does not take", async () => {
    assert.match(
      await reason(provider.check(type, declared({ description: "x".repeat(101) }))),
      /description: has 101 bytes, and Docker Hub takes 100 at most/,
    );
    assert.match(
      await reason(provider.check(type, declared({ overview: { text: "x".repeat(25_001) } }))),
      /overview: has 25001 bytes/,
    );
    assert.match(
      await reason(provider.check(type, declared({ overview: { file: "README.md" } }))),
      /overview\.file: the link "docs\/guide\.md" is relative/,
    );
    assert.match(
      await reason(provider.check(type, declared({ overview: { file: "MISSING.md" } }))),
      /overview\.file: "MISSING\.md" cannot be read/,
    );
    assert.deepEqual(hub.requests, []);
    const planned = await provider.create(type, declared({ overview: { text: unknown } }), true);
    assert.equal(planned.state.fullDescription, unknown);
  });

  it("is Harbor's too: the project before the push, the text after it", async () => {
    const harbor = await new HarborStandIn("robot$curator", "secret-of-harbor").listen();
    try {
      const at = (more: Properties) => ({
        repository: "harbor.example.com/acme/hello",
        kind: "harbor",
        api: harbor.address,
        login: { username: "robot$curator", password: secret("secret-of-harbor") },
        ...more,
      });
      const settings = await provider.create(type, at({ visibility: "private", immutableTags: ["v*.*.*"] }));
      assert.deepEqual([settings.state.state, settings.state.visibility], ["served", "private"]);
      const page = at({ overview: { text: "# Hello" }, gated: true });
      assert.match(String((await provider.create(type, page)).state.reason), /its first push makes it/);
      harbor.repositories.set("acme/hello", "");
      assert.equal((await provider.create(type, page)).state.state, "served");
      assert.equal(harbor.repositories.get("acme/hello"), "# Hello");
    } finally {
      await harbor.stop();
    }
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRepository } from "../../../../lib/oci/reference";
import { Authenticator } from "../../../../lib/oci/transport/auth";
import { defaultRetryPolicy } from "../../../../lib/oci/transport/retry-policy";
import { WaitBudget } from "../../../../lib/oci/transport/wait-budget";
import { withinRequest } from "../../../../lib/oci/transport/scope";
import { mayHaveCredentials } from "../../../../lib/oci/transport/token-server";
import { answer, json } from "../../../support/hostile/behaviors";
import { resolveTestNames } from "../../../support/hostile/names";
import { startHostileRegistry, type HostileRegistry } from "../../../support/hostile/registry";
import { startHostileServer, type HostileServer } from "../../../support/hostile/server";
import { TestClients } from "./fixtures";

describe("a token server that a registry names", () => {
  const cases: [registry: string, realm: string, allowed: boolean, declared?: string[]][] = [
    ["https://ghcr.io", "https://ghcr.io/token", true],
    ["https://gitlab.example.com:5050", "https://gitlab.example.com/jwt/auth", true],
    ["https://registry.gitlab.com", "https://gitlab.com/jwt/auth", true],
    ["https://example.com", "https://auth.example.com/token", true],
    ["https://registry-1.docker.io", "https://auth.docker.io/token", true],
    ["https://registry.digitalocean.com", "https://api.digitalocean.com/v2/registry/auth", true],
    ["http://127.0.0.1:5000", "http://localhost:5001/token", true],
    ["https://registry.example.com", "https://gitlab.example.com/jwt/auth", false],
    ["https://registry.example.com", "https://gitlab.example.com/jwt/auth", true, ["gitlab.example.com"]],
    ["https://registry.example.com", "https://auth.example.com:8443/token", true, ["auth.example.com:8443"]],
    ["https://registry.example.com", "https://auth.example.com:8443/token", false, ["auth.example.com"]],
    ["https://registry.example.com", "https://auth.docker.io/token", false],
    ["https://registry.example.com", "https://registry.example.com.evil.example/token", false],
    ["https://registry.example.com", "https://evilregistry.example.com/token", false],
    ["https://registry.com", "https://com/token", false],
    ["https://registry.example.com", "http://127.0.0.1:9/token", false],
  ];
  for (const [registry, realm, allowed, declared] of cases) {
    const more = declared ? `, with ${declared.join(", ")} declared` : "";
    it(`${realm} ${allowed ? "gets" : "does not get"} credentials for ${registry}${more}`, () => {
      assert.equal(mayHaveCredentials(new URL(realm), new URL(registry), declared), allowed);
    });
  }

  describe("that leads back to this machine", () => {
    const nowhere = (origin: string, tokenHosts?: string[]) => {
      const asked: string[] = [];
      const authenticator = new Authenticator({
        registry: new URL(origin).host,
        origin: new URL(origin),
        sender: {
          send: ({ url }) => {
            asked.push(url.host);
            return Promise.reject(new Error("the end of the test"));
          },
        },
        retry: { ...defaultRetryPolicy, attempts: 1 },
        credentials: () => Promise.resolve(undefined),
        ...(tokenHosts ? { tokenHosts } : {}),
      });
      const ask = async (realm: string) => {
        await authenticator.challenged([`Bearer realm="${realm}"`], [], undefined);
        await authenticator.authorization([], new WaitBudget(defaultRetryPolicy));
      };
      return { asked, ask };
    };

    for (const [origin, realm] of [
      ["http://registry.example.com", "http://127.0.0.1:9/token"],
      ["http://registry.example.com", "http://169.254.169.254/latest/meta-data/"],
      ["https://registry.example.com", "https://localhost:8443/token"],
    ] as const) {
      it(`is not asked for ${origin}, without credentials either: ${realm}`, async () => {
        const { ask, asked } = nowhere(origin);
        await assert.rejects(ask(realm), /leads from registry\.example\.com to this machine/);
        assert.deepEqual(asked, []);
      });
    }

    it("is asked where it is declared, and for a registry of this machine", async () => {
      const declared = nowhere("http://registry.example.com", ["127.0.0.1:9"]);
      await assert.rejects(declared.ask("http://127.0.0.1:9/token"), /end of the test/);
      const here = nowhere("http://localhost:5000");
      await assert.rejects(here.ask("http://127.0.0.1:9/token"), /end of the test/);
      assert.deepEqual([...declared.asked, ...here.asked], ["127.0.0.1:9", "127.0.0.1:9"]);
    });
  });

  describe("on another host", () => {
    const clients = new TestClients();
    const folder = mkdtempSync(join(tmpdir(), "slipway-realm-"));
    const [username, password] = ["alice", "a password of alice"];
    let registry: HostileRegistry;

    beforeEach(async () => {
      registry = await startHostileRegistry();
      const challenge = `Bearer realm="https://tokens.invalid/token",service="them",scope="repository:acme/app:pull"`;
      registry.fail("tags", answer(401, "", { "www-authenticate": challenge }));
    });
    afterEach(() => registry.stop());
    after(async () => {
      await clients.close();
      rmSync(folder, { recursive: true, force: true });
    });

    for (const [name, credentials] of [
      ["a password", { username, password }],
      ["an identity token", { identityToken: password }],
    ] as const) {
      it(`gets no request with ${name}, and the error says how to declare it`, async () => {
        const client = clients.open({ credentials: [{ host: registry.host, ...credentials }] });
        await assert.rejects(
          client.repository(parseRepository(registry.repository)).listTags(),
          (error: Error) =>
            /token server on another host \(tokens\.invalid\)/.test(error.message) &&
            error.message.includes(`tokenHosts: ["tokens.invalid"]`) &&
            !error.message.includes(password),
        );
        assert.doesNotMatch(registry.transcript(), /authorization/);
      });
    }
  });

  describe("on this machine, named by a registry elsewhere", () => {
    const clients = new TestClients();
    let registry: HostileRegistry;
    let service: HostileServer;
    let callOff: () => void;

    before(() => {
      callOff = resolveTestNames();
    });
    beforeEach(async () => {
      registry = await startHostileRegistry();
      service = await startHostileServer();
      service.on("GET", "/internal", json({ access_token: "what the service knows" }));
    });
    afterEach(async () => {
      await registry.stop();
      await service.stop();
    });
    after(async () => {
      callOff();
      await clients.close();
    });

    /** Lists tags of the registry, which counts as elsewhere, and asks for a token first. */
    function listTags(realm: string, tokenHosts: string[] = []): Promise<string[]> {
      const challenge = `Bearer realm="${realm}",service="us"`;
      registry.fail("tags", answer(401, "", { "www-authenticate": challenge }));
      const host = `elsewhere.test:${registry.port}`;
      return clients
        .open({ credentials: [{ host, insecure: true, tokenHosts }] })
        .repository({ registry: host, path: "acme/app" })
        .listTags();
    }

    it("is not asked, and nothing of it reaches the registry", async () => {
      await assert.rejects(listTags(`${service.url}/internal`), (error: Error) => {
        assert.match(error.message, /that leads from elsewhere\.test:\d+ to this machine \(127\.0\.0\.1/);
        assert.ok(error.message.includes(`tokenHosts: [${JSON.stringify(service.host)}]`), error.message);
        return true;
      });
      assert.deepEqual(service.requests, []);
      assert.doesNotMatch(registry.transcript(), /authorization/);
    });

    it("is not asked where only its name is elsewhere", async () => {
      const host = `inner.test:${service.port}`;
      await assert.rejects(listTags(`http://${host}/internal`), (error: Error) => {
        assert.match(error.message, /that leads to this machine \(inner\.test is 127\.0\.0\.1\)/);
        assert.ok(error.message.includes(`tokenHosts: ["${host}"]`), error.message);
        return true;
      });
      assert.deepEqual(service.requests, []);
    });

    for (const name of ["127.0.0.1", "inner.test"]) {
      it(`is asked where it is declared as ${name}`, async () => {
        const host = `${name}:${service.port}`;
        await assert.rejects(listTags(`http://${host}/internal`, [host]), { status: 401 });
        assert.equal(service.requests.length, 1);
      });
    }

    it("is asked on the registry's own host, whatever that resolves to", async () => {
      const realm = `http://elsewhere.test:${service.port}/internal`;
      await assert.rejects(listTags(realm), { status: 401 });
      assert.equal(service.requests.length, 1);
    });
  });

  describe("is asked for no more than the request needs", () => {
    const clients = new TestClients();
    let registry: HostileRegistry;

    beforeEach(async () => {
      registry = await startHostileRegistry();
      registry.on("GET", "/token", json({ token: "t" }));
    });
    afterEach(() => registry.stop());
    after(() => clients.close());

    it("whatever the registry names", async () => {
      const scopes = "repository:acme/app:pull,push,delete repository:acme/secret:push registry:catalog:*";
      const challenge = `Bearer realm="${registry.url}/token",service="us",scope="${scopes}"`;
      registry.fail("tags", answer(401, "", { "www-authenticate": challenge }));
      const repository = clients.open({}).repository(parseRepository(registry.repository));
      await assert.rejects(repository.listTags(), { status: 401 });
      const asked = registry.requests.find(({ path }) => path.startsWith("/token"));
      const { searchParams } = new URL(asked?.path ?? "", registry.url);
      assert.deepEqual(searchParams.getAll("scope"), ["repository:acme/app:pull"]);
    });
  });
});

describe("scopes of a challenge", () => {
  const pull = ["repository:a/b:pull"];
  const cases: [challenged: string[], requested: string[], expected: string[]][] = [
    [["repository:a/b:pull"], pull, ["repository:a/b:pull"]],
    [["repository:library/b:pull"], pull, ["repository:library/b:pull"]],
    [["repository:a/b:pull,push"], pull, ["repository:a/b:pull"]],
    [["repository:a/b:*"], pull, []],
    [["repository(plugin):a/b:pull"], pull, ["repository(plugin):a/b:pull"]],
    [["registry:catalog:*"], pull, []],
    [["registry:catalog:*"], ["registry:catalog:*"], ["registry:catalog:*"]],
    [["repository:a/b:pull"], [], []],
    [["repository:a/b:pull,push"], ["repository:a/b:pull,push"], ["repository:a/b:pull,push"]],
    [["repository:host:5000/b:pull,delete"], pull, ["repository:host:5000/b:pull"]],
    [["", "x"], pull, []],
  ];
  for (const [challenged, requested, expected] of cases) {
    it(`${challenged.join(" ")} for ${requested.join(" ")}`, () => {
      assert.deepEqual(withinRequest(challenged, requested), expected);
    });
  }
});

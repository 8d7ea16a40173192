import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { CredentialsError } from "../../../../lib/oci/errors";
import { Credentials, RegistryCredentials } from "../../../../lib/oci/transport/credentials";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const secret = "s3cret:with:colons";

describe("credential lookup", () => {
  let home: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "slipway-credentials-"));
    env = { PATH: `${join(home, "bin")}:${process.env.PATH}`, HOME: home };
    mkdirSync(join(home, "bin"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const write = (config: unknown, ...path: string[]) => {
    const file = join(home, ...(path.length > 0 ? path : [".docker", "config.json"]));
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
    return file;
  };
  const helper = (name: string, script: string) => {
    const file = join(home, "bin", `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  const lookUp = (registry: string, explicit = {}, path = "") =>
    new RegistryCredentials(registry, [explicit].flat(), { env, home }).of(path);
  const facts = (found: Credentials | undefined) =>
    found && {
      basic: found.basicAuthorization && Buffer.from(found.basicAuthorization.slice(6), "base64").toString(),
      token: found.identityToken,
    };

  it("finds none where nothing is configured", async () => {
    assert.equal(await lookUp("ghcr.io"), undefined);
  });

  const auth = base64(`me:${secret}`);
  const entries: [name: string, registry: string, auths: object, expected: object | undefined][] = [
    ["auth", "ghcr.io", { "ghcr.io": { auth } }, { basic: `me:${secret}`, token: undefined }],
    [
      "a key with scheme",
      "ghcr.io",
      { "https://ghcr.io": { auth } },
      { basic: `me:${secret}`, token: undefined },
    ],
    [
      "a key with scheme and /v2/",
      "ghcr.io",
      { "https://ghcr.io/v2/": { auth } },
      { basic: `me:${secret}`, token: undefined },
    ],
    [
      "a key with /v1",
      "localhost:5000",
      { "http://localhost:5000/v1": { auth } },
      { basic: `me:${secret}`, token: undefined },
    ],
    [
      "Docker Hub's key",
      "docker.io",
      { "https://index.docker.io/v1/": { auth } },
      { basic: `me:${secret}`, token: undefined },
    ],
    [
      "Docker Hub by its plain name",
      "docker.io",
      { "docker.io": { auth } },
      { basic: `me:${secret}`, token: undefined },
    ],
    [
      "the plain key before one with a path",
      "ghcr.io",
      { "https://ghcr.io/v1/": { auth: base64("other:x") }, "ghcr.io": { auth } },
      { basic: `me:${secret}`, token: undefined },
    ],
    [
      "identitytoken",
      "acr.example",
      { "acr.example": { auth: base64("me:x"), identitytoken: "refresh" } },
      { basic: undefined, token: "refresh" },
    ],
    [
      "an identity token as <token>",
      "acr.example",
      { "acr.example": { auth: base64("<token>:refresh") } },
      { basic: undefined, token: "refresh" },
    ],
    [
      "username and password",
      "ghcr.io",
      { "ghcr.io": { username: "me", password: secret } },
      { basic: `me:${secret}`, token: undefined },
    ],
    ["an empty entry", "ghcr.io", { "ghcr.io": {} }, undefined],
    ["another host", "ghcr.io", { "quay.io": { auth } }, undefined],
    ["another port", "localhost:5000", { "localhost:5001": { auth } }, undefined],
    ["another path on the host", "ghcr.io", { "ghcr.io/acme": { auth } }, undefined],
    ["a host with the registry's name at its end", "ghcr.io", { "evil-ghcr.io": { auth } }, undefined],
    [
      "trailing NULs in auth",
      "ghcr.io",
      { "ghcr.io": { auth: base64("me:pw\0\0") } },
      { basic: "me:pw", token: undefined },
    ],
  ];
  for (const [name, registry, auths, expected] of entries) {
    it(`reads ${name} from config.json`, async () => {
      write({ auths });
      assert.deepEqual(facts(await lookUp(registry)), expected);
    });
  }

  it("takes explicit credentials before all others", async () => {
    write({ auths: { "ghcr.io": { auth } } });
    const found = await lookUp("ghcr.io", { username: "you", password: "mine" });
    assert.deepEqual(facts(found), { basic: "you:mine", token: undefined });
    assert.equal(found?.source, "the configuration");
  });

  it("refuses half a pair", async () => {
    await assert.rejects(lookUp("ghcr.io", { username: "you" }), /ghcr\.io.*user name without a password/);
    await assert.rejects(lookUp("ghcr.io", { password: secret }), (error: Error) => {
      assert.match(error.message, /password without a user name/);
      return !error.message.includes(secret);
    });
  });

  it("asks the host's helper before the general one, and that before the entries", async () => {
    helper(
      "host",
      `read server; printf '{"ServerURL":"%s","Username":"host","Secret":"%s"}' "$server" "$server"`,
    );
    helper("all", `cat >/dev/null; echo '{"ServerURL":"","Username":"all","Secret":"x"}'`);
    const file = write({
      credHelpers: { "ghcr.io": "host" },
      credsStore: "all",
      auths: { "quay.io": { auth } },
    });
    const found = await lookUp("ghcr.io");
    assert.deepEqual(facts(found), { basic: "host:ghcr.io", token: undefined });
    assert.ok(found?.source.includes("docker-credential-host") && found.source.includes(file));
    assert.deepEqual(facts(await lookUp("quay.io")), { basic: "all:x", token: undefined });
  });

  it("goes on to the entries where the general helper has none", async () => {
    helper("all", `cat >/dev/null; echo "credentials not found in native keychain"; exit 1`);
    write({ credsStore: "all", auths: { "quay.io": { auth } } });
    assert.deepEqual(facts(await lookUp("quay.io")), { basic: `me:${secret}`, token: undefined });
    assert.equal(await lookUp("ghcr.io"), undefined);
  });

  it("gives a helper Docker Hub's own key", async () => {
    helper("hub", `read server; printf '{"Username":"u","Secret":"%s"}' "$server"`);
    write({ credsStore: "hub" });
    assert.deepEqual(facts(await lookUp("docker.io")), {
      basic: "u:https://index.docker.io/v1/",
      token: undefined,
    });
  });

  it("takes a helper's <token> as an identity token", async () => {
    helper("token", `cat >/dev/null; echo '{"Username":"<token>","Secret":"refresh"}'`);
    write({ credHelpers: { "acr.example": "token" } });
    assert.deepEqual(facts(await lookUp("acr.example")), { basic: undefined, token: "refresh" });
  });

  const broken: [name: string, script: string | undefined, message: RegExp][] = [
    ["missing", undefined, /docker-credential-bad is not on PATH/],
    ["failing", `cat >/dev/null; echo "vault is locked" >&2; exit 3`, /exit code 3.*vault is locked/],
    ["not answering in JSON", `cat >/dev/null; echo '${secret}'`, /did not answer in JSON/],
    [
      "answering without a secret",
      `cat >/dev/null; echo '{"Username":"${secret}"}'`,
      /without Username or Secret/,
    ],
    ["not reading its input", `echo "out of order"; exit 1`, /out of order/],
  ];
  for (const [name, script, message] of broken) {
    it(`says so of a helper that is ${name}`, async () => {
      if (script) helper("bad", script);
      write({ credHelpers: { "ghcr.io": "bad" } });
      await assert.rejects(lookUp("ghcr.io"), (error: Error) => {
        assert.ok(error instanceof CredentialsError);
        assert.match(error.message, message);
        return !error.message.includes(secret);
      });
    });
  }

  it("runs no helper whose name is a path", async () => {
    write({ credsStore: "../../bin/sh" });
    await assert.rejects(lookUp("ghcr.io"), /name that is not allowed/);
  });

  const malformed: [name: string, content: unknown][] = [
    ["not JSON", `{"auths": ${secret}`],
    ["an array", [secret]],
    ["auths that are a list", { auths: [secret] }],
    [
      "an auth that is not base64 of a pair",
      { auths: { "ghcr.io": { auth: base64(secret.replaceAll(":", "")) } } },
    ],
  ];
  for (const [name, content] of malformed) {
    it(`refuses a file with ${name}, without quoting it`, async () => {
      const file = write(content);
      await assert.rejects(lookUp("ghcr.io"), (error: Error) => {
        assert.ok(error instanceof CredentialsError);
        assert.ok(error.message.includes(file), error.message);
        return !error.message.includes("s3cret");
      });
    });
  }

  it("reads $DOCKER_CONFIG instead of ~/.docker", async () => {
    write({ auths: { "ghcr.io": { auth: base64("home:x") } } });
    write({ auths: { "ghcr.io": { auth } } }, "elsewhere", "config.json");
    env.DOCKER_CONFIG = join(home, "elsewhere");
    assert.deepEqual(facts(await lookUp("ghcr.io")), { basic: `me:${secret}`, token: undefined });
  });

  it("reads REGISTRY_AUTH_FILE, then Docker's file, then those of podman, each for what it has", async () => {
    env.XDG_RUNTIME_DIR = join(home, "run");
    const has = (...names: string[]) => ({
      auths: Object.fromEntries(names.map((name) => [`${name}.example`, { auth: base64(`${names[0]}:x`) }])),
    });
    write(has("home", "run", "docker", "file"), ".config", "containers", "auth.json");
    write(has("run", "docker", "file"), "run", "containers", "auth.json");
    write(has("docker", "file"));
    env.REGISTRY_AUTH_FILE = write(has("file"), "auth.json");
    for (const name of ["home", "run", "docker", "file"]) {
      assert.equal(facts(await lookUp(`${name}.example`))?.basic, `${name}:x`);
    }
  });

  it("reads podman's file beside a configuration of Docker without credentials", async () => {
    env.REGISTRY_AUTH_FILE = write({ auths: { "ghcr.io": { auth } } }, "auth.json");
    write({});
    assert.equal(facts(await lookUp("ghcr.io"))?.basic, `me:${secret}`);
  });

  const filed = { auth: base64("host:x") };
  const parts = {
    "ghcr.io": filed,
    "ghcr.io/team": { auth: base64("team:x") },
    "ghcr.io/team/app": { auth: base64("app:x") },
  };
  const docker = { auths: parts };
  const scoped: [title: string, config: object, path: string, user: string | undefined][] = [
    ["the part of the path", docker, "team/other", "team"],
    ["the longest part", docker, "team/app/sub", "app"],
    ["the repository itself", docker, "team/app", "app"],
    ["the host, for another part", docker, "else/app", "host"],
    ["the host, for what only begins with the same letters", docker, "teams/app", "host"],
    ["the host, for what is about the whole registry", docker, "", "host"],
    ["a part before the general helper", { ...docker, credsStore: "all" }, "team/other", "team"],
    ["the general helper before the host", { ...docker, credsStore: "all" }, "else/app", "all"],
    ["the helper of the host", { ...docker, credHelpers: { "ghcr.io": "all" } }, "team/app", "all"],
    ["nothing of another part", { auths: { "ghcr.io/team": filed } }, "else/app", undefined],
    [
      "the next part, where one has no content",
      { auths: { ...parts, "ghcr.io/team/app": {} } },
      "team/app",
      "team",
    ],
  ];
  for (const [title, config, path, user] of scoped) {
    it(`takes, of entries filed under parts of the path, ${title}`, async () => {
      helper("all", `cat >/dev/null; echo '{"ServerURL":"","Username":"all","Secret":"x"}'`);
      write(config);
      assert.equal(facts(await lookUp("ghcr.io", {}, path))?.basic, user && `${user}:x`);
    });
  }

  it("takes of declared ones the longest part of the path", async () => {
    const declared = [
      { username: "host", password: "x" },
      { username: "team", password: "x", namespace: "team" },
      { username: "app", password: "x", namespace: "team/app" },
    ];
    for (const [path, user] of [
      ["team/app", "app"],
      ["team/other", "team"],
      ["teams", "host"],
      ["", "host"],
    ] as const) {
      assert.equal(facts(await lookUp("ghcr.io", declared, path))?.basic, `${user}:x`, path);
    }
    assert.equal(await lookUp("ghcr.io", declared.slice(1), "else"), undefined);
  });

  it("asks a helper once, however many repositories there are", async () => {
    const calls = join(home, "calls");
    helper("all", `cat >/dev/null; echo called >>${calls}; echo '{"Username":"all","Secret":"x"}'`);
    write({ credsStore: "all" });
    const credentials = new RegistryCredentials("ghcr.io", [], { env, home });
    await Promise.all(["a/b", "c/d", ""].map((path) => credentials.of(path)));
    assert.equal(readFileSync(calls, "utf8"), "called\n");
  });

  it("does not show secrets when it is printed", () => {
    const credentials = new Credentials(
      { username: "me", password: secret, identityToken: "refresh" },
      "a test",
    );
    const printed = `${inspect(credentials, { depth: 9, showHidden: true })} ${JSON.stringify(credentials)}`;
    for (const text of credentials.secrets) assert.ok(!printed.includes(text), printed);
  });
});

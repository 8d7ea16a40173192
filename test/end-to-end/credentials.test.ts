import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { htpasswdUser, startDistribution, type TestRegistry } from "../support/registries";
import { startTokenServer, type TokenServer } from "../support/token-server";
import { appProgram } from "./app-program";
import { tagDigests } from "./observation";

const { username, password } = htpasswdUser;
const wrongPassword = "not the one of alice";

/** An entry of `auths` in Docker's config.json. */
function authsOf(host: string, secret: string): object {
  return { auths: { [host]: { auth: Buffer.from(`${username}:${secret}`).toString("base64") } } };
}

/** No form in which a password travels may be in a text. */
function assertFree(text: string, secret: string): void {
  const encoded = Buffer.from(`${username}:${secret}`).toString("base64");
  for (const form of [secret, encoded, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
    assert.ok(!text.includes(form), `the password is in this text:\n${text.slice(0, 20_000)}`);
  }
}

/** Reads the password of the helper from its folder, and writes down what it is asked for. */
const helper = `#!/bin/sh
read -r server
echo "$1 $server" >> "$HELPER_FOLDER/asked"
printf '{"ServerURL":"%s","Username":"${username}","Secret":"%s"}' "$server" "$(cat "$HELPER_FOLDER/secret")"
`;

const fromConfiguration = `username: config.require("username"), password: config.requireSecret("password")`;

describe("credentials", () => {
  let folder: string;
  /** Docker's configuration for the judges, crane. */
  let judge: NodeJS.ProcessEnv;
  let registry: TestRegistry;
  const projects: EngineProject[] = [];

  async function newProject(
    options: Omit<Parameters<typeof EngineProject.create>[0], "files">,
  ): Promise<EngineProject> {
    const project = await EngineProject.create({ ...options, files: { "app.txt": "one\n" } });
    projects.push(project);
    return project;
  }

  async function trust(host: string, secret: string): Promise<void> {
    await writeFile(path.join(folder, "config.json"), JSON.stringify(authsOf(host, secret)));
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-credentials-"));
    judge = { DOCKER_CONFIG: folder };
    registry = await startDistribution({ auth: "htpasswd" });
    await trust(registry.host, password);
  });

  after(async () => {
    for (const project of projects) await project.remove();
    await registry?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  describe("of Docker's configuration", () => {
    let project: EngineProject;

    before(async () => {
      project = await newProject({
        program: appProgram({ registry: registry.host, version: "v1.0.0" }),
        programs: { "docker-credential-test": helper },
        env: { HELPER_FOLDER: folder },
      });
    });

    it("that are missing are told with the registry and what to do", async () => {
      const text = await project.fail(["preview", "--stack", "dev"]);
      assert.ok(text.includes(`No credentials were found for ${registry.host}`), text);
      assert.ok(text.includes(`run "docker login ${registry.host}" or configure them`), text);
    });

    it("that are wrong are told with the registry and their source, without the password", async () => {
      await project.dockerConfig(authsOf(registry.host, wrongPassword));
      const text = await project.fail(["preview", "--stack", "dev"]);
      assert.match(text, /HTTP 401/);
      assert.match(text, /The credentials from \S+config\.json \(user "alice"\) were refused/);
      assert.ok(text.includes(`run "docker login ${registry.host}" or correct them`), text);
      assertFree(text, wrongPassword);
    });

    it("are used from config.json", async () => {
      await project.dockerConfig(authsOf(registry.host, password));
      assertFree(await project.upWithoutPreview(), password);
      const tags = await tagDigests(`${registry.host}/app`, judge);
      assert.deepEqual(Object.keys(tags), ["latest", "v1", "v1.0", "v1.0.0"]);
      assertFree(await project.state(), password);
    });

    it("are used from a credential helper, which is asked for this registry", async () => {
      await writeFile(path.join(folder, "secret"), password);
      await project.dockerConfig({ credHelpers: { [registry.host]: "test" } });
      await project.program(appProgram({ registry: registry.host, version: "v1.1.0" }));
      await project.write({ "app.txt": "two\n" });
      assertFree(await project.upWithoutPreview(), password);
      assert.ok((await tagDigests(`${registry.host}/app`, judge))["v1.1.0"]);
      const asked = (await readFile(path.join(folder, "asked"), "utf8")).trim().split("\n");
      assert.deepEqual([...new Set(asked)], [`get ${registry.host}`]);
    });
  });

  describe("of secret configuration", () => {
    let project: EngineProject;

    before(async () => {
      project = await newProject({
        program: appProgram({
          registry: registry.host,
          version: "v1.0.0",
          access: `namespace: "secret", ${fromConfiguration}`,
        }),
        config: { username },
        secrets: { password },
      });
    });

    it("CORE-20: are used, and neither the output nor the state shows them", async () => {
      assertFree(await project.up(), password);
      assert.ok((await tagDigests(`${registry.host}/secret/app`, judge))["v1.0.0"]);
      const state = await project.state();
      assert.match(state, /slipway:oci:Tags/);
      assertFree(state, password);
    });

    it("are in no log, however much is logged", async () => {
      const text = await project.succeed(["preview", "--stack", "dev", "--logtostderr", "-v=9"]);
      assert.match(text, /eventSink::/);
      // At this level the engine itself traces what it sends to a provider, with secrets; nothing
      // else may.
      const trace = /"msg":"(Unm|M)arshaling property for RPC\[/;
      assertFree(
        text
          .split("\n")
          .filter((line) => !trace.test(line))
          .join("\n"),
        password,
      );
    });

    it("that are wrong are told with the registry, without the password", async () => {
      await project.setSecret("password", wrongPassword);
      const text = await project.fail(["preview", "--stack", "dev"]);
      assert.match(text, /The credentials from the configuration \(user "alice"\) were refused/);
      assert.ok(text.includes(registry.host), text);
      assertFree(text, wrongPassword);
    });
  });

  describe("that were changed at the registry", () => {
    const [oldPassword, newPassword] = ["the password of yesterday", "the password of today"];
    let tokens: TokenServer;
    let guarded: TestRegistry;
    let project: EngineProject;
    let app: string;

    before(async () => {
      tokens = await startTokenServer({ users: { [username]: oldPassword } });
      guarded = await startDistribution({ auth: tokens });
      app = `${guarded.host}/app`;
      project = await newProject({
        program: appProgram({ registry: guarded.host, version: "v1.0.0", access: fromConfiguration }),
        config: { username },
        secrets: { password: oldPassword },
      });
      await project.upWithoutPreview();
      tokens.behavior.users[username] = newPassword;
      await trust(guarded.host, newPassword);
    });

    after(async () => {
      await guarded?.stop();
      await tokens?.stop();
    });

    it("and not in the configuration are refused with what to do", async () => {
      const text = await project.fail(["preview", "--stack", "dev"]);
      assert.match(text, /The credentials from the configuration \(user "alice"\) were refused/);
      assertFree(text, oldPassword);
    });

    it("and in the configuration too let a plain preview pass, and it still sees drift", async () => {
      await project.setSecret("password", newPassword);
      const published = await tagDigests(app, judge);
      const { manifests } = JSON.parse(await crane(["manifest", `${app}:v1`], judge)) as {
        manifests: { digest: string }[];
      };
      const image = manifests[0]?.digest ?? "";
      await crane(["tag", `${app}@${image}`, "latest"], judge);
      await crane(["delete", `${app}:v1`], judge);

      const preview = await project.preview();
      const refusals = preview.match(/The stored credentials for \S+ are refused/g);
      assert.deepEqual(refusals, [`The stored credentials for ${guarded.host} are refused`], preview);
      // The provider itself, and the aliases.
      assert.deepEqual(resourceCounts(preview), { update: 2, unchanged: 10 });
      const { latest, v1 } = published;
      assert.ok(preview.includes(`${app}: pointers["latest"] is ${image}, not ${latest}`), preview);
      assert.ok(preview.includes(`${app}: pointers["v1"] is gone, and has to be ${v1}`), preview);

      const text = await project.up();
      assert.deepEqual(resourceCounts(text), { updated: 2, unchanged: 10 });
      assert.deepEqual(await tagDigests(app, judge), published);
      for (const output of [preview, text, await project.state()]) {
        assertFree(output, oldPassword);
        assertFree(output, newPassword);
      }
      assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 12 });
    });
  });
});

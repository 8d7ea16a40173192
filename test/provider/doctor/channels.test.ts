import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { chocolateyCheck } from "../../../provider/doctor/checks/chocolatey";
import { gitCheck } from "../../../provider/doctor/checks/git";
import { gitHubCheck } from "../../../provider/doctor/checks/github";
import { hostsCheck } from "../../../provider/doctor/checks/hosts";
import { npmCheck } from "../../../provider/doctor/checks/npm";
import { pypiCheck } from "../../../provider/doctor/checks/pypi";
import { GitServer } from "../../support/git-server";
import { requireVerdaccio, startVerdaccio } from "../../support/npm-registry";
import { NugetFeed } from "../../support/nuget-feed";
import { freePort } from "../../support/processes";
import { requirePythonTools, startPackageServer } from "../../support/python-packages";
import { requireS3, S3Service } from "../../support/s3";
import { requireRsync, startSshServer } from "../../support/ssh-server";
import { AskingPlace, lines } from "./asking";

describe("slipway doctor and channels", () => {
  let place: AskingPlace;

  before(async () => {
    place = await AskingPlace.open();
  });
  after(() => place?.close());

  describe("GitHub", () => {
    const writer = "ghp_writer0123456789";
    let service: { url: string; close(): Promise<void> };
    const release = (token: string | undefined, tag = "v1.0.0", former?: object) => ({
      type: "slipway:github:Release",
      inputs: { repository: "acme/app", tag },
      ...(former !== undefined && { former: { repository: "acme/app", tag, ...former } }),
      config: { github: { endpoint: service.url, ...(token !== undefined && { token }) } },
    });

    before(async () => {
      const { createEmulator } = await import("emulate");
      service = await createEmulator({
        service: "github",
        port: await freePort(),
        seed: {
          tokens: { [writer]: { login: "acme", scopes: ["repo"] } },
          github: { users: [{ login: "acme" }] },
        },
      });
      const ask = async (at: string, body: object) => {
        const response = await fetch(`${service.url}${at}`, {
          method: "POST",
          headers: { authorization: `token ${writer}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        assert.equal(response.status, 201, await response.text());
      };
      await ask("/user/repos", { name: "app", auto_init: true });
      await ask("/repos/acme/app/releases", { tag_name: "v0.9.0" });
    });
    after(() => service?.close());

    it("says what the token may do, and whether the release is free, ours or somebody's", async () => {
      const found = await place.ask(gitHubCheck, [
        release(writer),
        release(writer, "v0.9.0"),
        release(writer, "v0.9.0", {}),
      ]);
      const may = "ok: acme/app: the token is taken, and its account may write to the repository";
      const rate = /^ok: acme\/app: \d+ of 5000 requests are left this hour$/;
      assert.equal(lines(found).filter((line) => rate.test(line)).length, 3);
      assert.deepEqual(
        lines(found).filter((line) => !rate.test(line)),
        [
          may,
          "ok: acme/app v1.0.0: there is no release of this tag",
          may,
          "warning: acme/app v0.9.0: there is a release of this tag that this stack did not make",
          may,
          "ok: acme/app v0.9.0: the release is this stack's",
        ],
      );
    });

    it("does not judge a token whose rights nobody is told", async () => {
      const [app] = await place.ask(gitHubCheck, [release("ghs_ofAWorkflow0123456789")]);
      assert.match(`${app?.status} ${app?.text}`, /^not asked .*what it may write is told to nobody/);
    });

    it("refuses a wrong token, and reads from headers when one ends, what is left of the rate, and a scope that is not enough", async () => {
      const server = createServer((request, response) => {
        const isTaken = request.headers.authorization === `token ${writer}`;
        response.writeHead(isTaken ? 200 : 401, {
          "content-type": "application/json",
          "x-oauth-scopes": "read:user",
          "x-ratelimit-limit": "5000",
          "x-ratelimit-remaining": "3",
          "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 600),
          "github-authentication-token-expiration": new Date(Date.now() + 86_400_000)
            .toISOString()
            .replace("T", " ")
            .replace(/\.\d+Z/, " UTC"),
        });
        const body = request.url?.includes("/releases")
          ? []
          : { archived: false, permissions: { push: false } };
        response.end(JSON.stringify(isTaken ? body : { message: "Bad credentials" }));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const one = (token: string) => ({
          type: "slipway:github:Release",
          inputs: { repository: "acme/app", tag: "v1.0.0" },
          config: { github: { endpoint, token } },
        });
        const [wrong] = await place.ask(gitHubCheck, [one("ghp_nobody0123456789")]);
        assert.match(`${wrong?.status} ${wrong?.text}`, /^failure .*HTTP 401 .*Bad credentials/);
        assert.doesNotMatch(JSON.stringify(wrong), /ghp_nobody/);
        const found = await place.ask(gitHubCheck, [one(writer)]);
        const text = lines(found).join("\n");
        assert.match(text, /^failure: acme\/app: the token's account may not write to the repository$/m);
        assert.match(
          text,
          /^failure: acme\/app: the token has the scopes read:user, and none that writes releases$/m,
        );
        assert.match(text, /^warning: acme\/app: the token ends at .*, in 24 h$/m);
        assert.match(text, /^warning: acme\/app: 3 of 5000 requests are left this hour$/m);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  });

  describe("git", () => {
    it("looks at the branch and prepares a push, and sends nothing", async () => {
      const tap = path.join(place.project, "tap.git");
      execFileSync("git", ["init", "--quiet", "--bare", tap]);
      const files = (remote: string, token?: string) => ({
        type: "slipway:git:Files",
        inputs: { remote, files: {}, ...(token !== undefined && { token }) },
      });
      const found = await place.ask(gitCheck, [files("tap.git")]);
      assert.deepEqual(lines(found), [
        "warning: tap.git: answers, and has no branch main",
        "ok: tap.git: takes a push (git push --dry-run; rules of single branches do not show)",
      ]);
      assert.equal(execFileSync("git", ["-C", tap, "for-each-ref"]).toString(), "");
      assert.equal(execFileSync("git", ["-C", tap, "count-objects"]).toString(), "0 objects, 0 kilobytes\n");
      const server = await GitServer.start(place.project, "right-token");
      try {
        const [right, wrong] = [
          await place.ask(gitCheck, [files(`${server.url}/tap.git`, "right-token")]),
          await place.ask(gitCheck, [files(`${server.url}/tap.git`, "wrong-token")]),
        ];
        assert.deepEqual(
          right.map(({ status }) => status),
          ["warning", "ok"],
        );
        assert.deepEqual(
          wrong.map(({ status }) => status),
          ["failure"],
        );
        assert.doesNotMatch(JSON.stringify(wrong), /wrong-token/);
      } finally {
        await server.stop();
      }
      const [none] = await place.ask(gitCheck, [files("nowhere.git")]);
      assert.equal(none?.status, "failure");
    });
  });

  it("npm: asks whose the token is", async function () {
    requireVerdaccio(this);
    const registry = await startVerdaccio(path.join(place.project, "npm"));
    try {
      const packages = (token?: string) => ({
        type: "slipway:npm:Package",
        inputs: { registry: registry.url, packages: [], ...(token !== undefined && { token }) },
      });
      const [taken] = await place.ask(npmCheck, [packages(registry.token)]);
      assert.equal(`${taken?.status}: ${taken?.text}`, "ok: the token is taken, and is of ci");
      const [wrong] = await place.ask(npmCheck, [packages("no-token-of-theirs")]);
      assert.equal(wrong?.status, "failure");
      assert.doesNotMatch(JSON.stringify(wrong), /no-token-of-theirs/);
      const [none] = await place.ask(npmCheck, [packages()]);
      assert.match(`${none?.status}: ${none?.text}`, /^failure: there is no token/);
    } finally {
      await registry.stop();
    }
  });

  it("PyPI and Chocolatey: say what cannot be asked, and why", async function () {
    requirePythonTools(this);
    const index = await startPackageServer(path.join(place.project, "pypi"));
    const feed = await NugetFeed.start(path.join(place.project, "nuget"));
    try {
      const pypi = await place.ask(pypiCheck, [
        {
          type: "slipway:pypi:Release",
          inputs: {
            project: "hello",
            version: "1.0.0",
            files: [],
            token: "secret",
            index: { simple: `${index.url}simple`, upload: index.url },
          },
        },
      ]);
      const { host } = new URL(index.url);
      assert.deepEqual(lines(pypi), [
        `ok: ${host} hello: answers, and has no project of this name`,
        `not asked: ${host} hello: the token: an index has no request that looks at one and uploads nothing`,
      ]);
      const chocolatey = await place.ask(chocolateyCheck, [
        {
          type: "slipway:chocolatey:Package",
          inputs: {
            packageId: "hello",
            version: "1.0.0",
            path: "x",
            feed: { source: feed.source, push: feed.source },
          },
        },
      ]);
      assert.deepEqual(
        chocolatey.map(({ status }) => status),
        ["ok", "failure"],
      );
      assert.equal(feed.pushes(), 0);
      assert.deepEqual(await readdir(path.join(place.project, "pypi")), []);
    } finally {
      await feed.stop();
      await index.stop();
    }
  });

  it("S3: begins an upload in parts and aborts it", async function () {
    requireS3(this);
    const service = await S3Service.start("signed");
    try {
      const copy = (secretAccessKey: string) => ({
        type: "slipway:site:Copy",
        inputs: {
          directory: "site",
          host: {
            s3: {
              bucket: service.bucket,
              endpoint: service.endpoint,
              accessKeyId: service.accessKeyId,
              secretAccessKey,
            },
          },
        },
      });
      const [right] = await place.ask(hostsCheck, [copy(service.secretAccessKey)]);
      assert.equal(
        `${right?.status}: ${right?.text}`,
        "ok: may be written to: an upload in parts was started and aborted",
      );
      const [wrong] = await place.ask(hostsCheck, [copy("not-the-key-of-this-bucket")]);
      assert.match(`${wrong?.status}: ${wrong?.text}`, /^failure: .*HTTP 403/);
      assert.doesNotMatch(JSON.stringify(wrong), /not-the-key-of-this-bucket/);
      assert.deepEqual(await service.objects(), {});
      assert.deepEqual(await service.uploads(), []);
    } finally {
      await service.stop();
    }
  });

  it("rsync: gets in and copies nothing", async function () {
    requireRsync(this);
    const ssh = await startSshServer(path.join(place.project, "ssh"));
    try {
      const folder = path.join(place.project, "srv");
      await mkdir(folder);
      const copy = (privateKey: string) => ({
        type: "slipway:site:Copy",
        inputs: {
          directory: "site",
          host: {
            rsync: { to: `${ssh.login}:${folder}`, port: ssh.port, privateKey, knownHosts: ssh.knownHosts },
          },
        },
      });
      const found = await place.ask(hostsCheck, [copy(ssh.privateKey)]);
      assert.deepEqual(
        found.map(({ status }) => status),
        ["ok", "not asked"],
      );
      assert.deepEqual(await readdir(folder), []);
      const [wrong] = await place.ask(hostsCheck, [copy("no key")]);
      assert.equal(wrong?.status, "failure");
    } finally {
      await ssh.stop();
    }
  });
});

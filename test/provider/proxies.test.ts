import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { makeCertificate, type ServerCertificate } from "../support/certificates";
import { crane } from "../support/clients";
import { startForwardProxy, type ForwardProxy } from "../support/forward-proxy";
import { startDistribution, type TestRegistry } from "../support/registries";
import { redirect } from "../support/hostile/behaviors";
import { startHostileServer, type HostileServer } from "../support/hostile/server";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

const credentials = "builder:s3cret-of-the-proxy";

describe("a machine behind a proxy", function () {
  this.timeout(60_000);
  let folder: string;
  let certificate: ServerCertificate;
  let plain: TestRegistry;
  let secure: TestRegistry;
  let files: Awaited<ReturnType<typeof startStaticServer>>;
  let redirecting: HostileServer;
  let proxy: ForwardProxy;
  let withPassword: ForwardProxy;
  const startIn = useProviders();

  before(async function () {
    requireTools(this, "registry", "openssl", "crane", "python3");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-proxies-"));
    certificate = makeCertificate(folder, "secure.test");
    plain = await startDistribution();
    secure = await startDistribution({ tls: certificate });
    const release = path.join(folder, "public/acme/tool/releases/download/v1.0.0");
    await mkdir(release, { recursive: true });
    await writeFile(path.join(release, "tool"), "a tool");
    await writeFile(path.join(release, "moved"), "a tool that moved");
    files = await startStaticServer(path.join(folder, "public"));
    redirecting = await startHostileServer();
    redirecting.on("GET", /^/, (exchange) => redirect(`http://files.test${exchange.seen.path}`)(exchange));
    const hosts = {
      "plain.test": plain.port,
      "secure.test": secure.port,
      "files.test": files.port,
      "redirecting.test": redirecting.port,
    };
    proxy = await startForwardProxy(hosts);
    withPassword = await startForwardProxy(hosts, credentials);
  });
  beforeEach(() => {
    for (const one of [proxy, withPassword]) one.asked.length = 0;
  });
  after(async () => {
    await Promise.all([plain, secure, files, redirecting, proxy, withPassword].map((one) => one?.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  const noProxies = {
    HTTP_PROXY: undefined,
    HTTPS_PROXY: undefined,
    NO_PROXY: undefined,
    http_proxy: undefined,
    https_proxy: undefined,
    no_proxy: undefined,
  };
  const start = (env: NodeJS.ProcessEnv) =>
    startIn(
      folder,
      {
        registries: [
          { host: "plain.test", insecure: true },
          { host: "secure.test", insecure: false, caFile: certificate.caFile },
        ],
      },
      { ...noProxies, ...env },
    );
  const push = async (env: NodeJS.ProcessEnv, host: string) => {
    const { state } = await (
      await start(env)
    ).create("slipway:oci:Image", {
      repository: `${host}/app`,
      platform: "linux/amd64",
      layers: [{ files: [{ to: "/app", content: `for ${host}, a text of some length`.repeat(5000) }] }],
    });
    return String(state.reference).split("@")[1];
  };

  it("asks the proxy itself for what goes over plain HTTP", async () => {
    const digest = await push({ HTTP_PROXY: proxy.url }, "plain.test");
    assert.equal(await crane(["digest", `${plain.host}/app@${digest}`]), digest);
    assert.ok(proxy.asked.some((line) => line.startsWith("PUT http://plain.test/v2/app/")));
    assert.deepEqual(
      proxy.asked.filter((line) => line.startsWith("CONNECT")),
      [],
    );
  });

  it("opens a tunnel for what goes over TLS, and checks the registry's certificate in it", async () => {
    const digest = await push({ HTTPS_PROXY: proxy.url }, "secure.test");
    const env = { SSL_CERT_FILE: certificate.caFile };
    assert.equal(await crane(["digest", `${secure.host}/app@${digest}`], env), digest);
    assert.deepEqual([...new Set(proxy.asked)], ["CONNECT secure.test:443"]);
    proxy.asked.length = 0;
    await push({ HTTPS_PROXY: proxy.url }, "secure.test");
    assert.ok(proxy.asked.length <= 4, `connections are used again: ${proxy.asked.length}`);
  });

  it("gives the proxy the name and the password of its address, and nobody else", async () => {
    const url = withPassword.url.replace("//", `//${credentials}@`);
    for (const host of ["plain.test", "secure.test"]) {
      await push({ HTTP_PROXY: url, HTTPS_PROXY: url }, host);
      await assert.rejects(
        push({ HTTP_PROXY: withPassword.url, HTTPS_PROXY: withPassword.url }, host),
        (error: Error) => /407/.test(error.message) && error.message.includes(host),
      );
    }
  });

  it("goes without one to this machine, and to what NO_PROXY names", async () => {
    const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: ".test" };
    const { state } = await (
      await start(env)
    ).create("slipway:oci:Image", {
      repository: `${plain.host}/direct`,
      platform: "linux/amd64",
      layers: [{ files: [{ to: "/app", content: "app" }] }],
    });
    assert.ok(String(state.reference).startsWith(plain.host));
    await assert.rejects(push(env, "plain.test"), /plain\.test/);
    assert.deepEqual(proxy.asked, []);
  });

  it("downloads what other projects release through it too", async () => {
    const provider = await start({ HTTP_PROXY: proxy.url });
    const { state } = await provider.create("slipway:release:Asset", {
      from: "http://files.test/acme/tool",
      tag: "v1.0.0",
      asset: "tool",
      digest: digestOf("a tool"),
    });
    assert.equal(await readFile(path.join(folder, String(state.path)), "utf8"), "a tool");
    assert.deepEqual(proxy.asked, ["GET http://files.test/acme/tool/releases/download/v1.0.0/tool"]);
  });

  it("follows a redirect to another host through it, which resolves that name", async () => {
    const provider = await start({ HTTP_PROXY: proxy.url });
    const { state } = await provider.create("slipway:release:Asset", {
      from: "http://redirecting.test/acme/tool",
      tag: "v1.0.0",
      asset: "moved",
      digest: digestOf("a tool that moved"),
    });
    const asked = ["redirecting.test", "files.test"].map(
      (host) => `GET http://${host}/acme/tool/releases/download/v1.0.0/moved`,
    );
    assert.deepEqual(proxy.asked, asked);
    assert.equal(state.digest, digestOf("a tool that moved"));
  });

  it("PROD-10: refuses an address that is none, before anything is done, and does not show it", async () => {
    await assert.rejects(
      start({ HTTPS_PROXY: "ftp://user:s3cret@proxy" }),
      (error: Error) =>
        /HTTPS_PROXY is not the address of a proxy.*a valid example/.test(error.message) &&
        !error.message.includes("s3cret"),
    );
  });
});

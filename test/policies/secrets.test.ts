import assert from "node:assert/strict";
import { PackProcess, secret, unknown } from "./pack-process";

/** A check that is answered over plain HTTP, whose address the message repeats. */
const checkOf = (url: unknown) => ({ http: { url }, evidence: [] });
const checkType = "slipway:gate:Check";

describe("messages of the pack repeat no secret", () => {
  let pack: PackProcess;
  before(async () => {
    pack = await PackProcess.start({ RELEASE_TOKEN: "fromEnvironment77" });
  });
  after(() => pack?.stop());

  /** What is said about an address. */
  async function messageAbout(url: unknown, name?: string): Promise<string> {
    const found = await pack.analyze(checkType, checkOf(url), name);
    return found.map(({ message }) => message).join("\n");
  }

  it("that is marked where it stands", async () => {
    const message = await messageAbout(secret("http://hooks.example/marked-hook-4711"));
    assert.match(message, /^download \[secret\] comes over plain HTTP/m);
  });

  it("that an address was composed of, once anything has shown it as secret", async () => {
    const env = { DEPLOY: secret("composed/One+88") };
    await pack.analyze("slipway:build:Command", { command: ["true"], env });
    for (const written of ["composed/One+88", encodeURIComponent("composed/One+88")]) {
      const message = await messageAbout(`http://hooks.example/?for=${written}`);
      assert.match(message, /^download http:\/\/hooks\.example\/\?for=\[secret\] comes/m);
    }
  });

  it("that only a part of a marked address is", async () => {
    await pack.analyze(checkType, checkOf(secret("https://hooks.example/?token=inQuery4711")));
    assert.match(await messageAbout("http://other.example/inQuery4711"), /other\.example\/\[secret\] comes/m);
  });

  it("that a resource is called by", async () => {
    const labels = { "com.example.a": secret("inTheName99"), "com.example.b": secret(unknown) };
    await pack.analyze("docker-build:index:Image", { labels, buildArgs: {} });
    const named = await pack.analyze(
      "slipway:build:Command",
      { command: ["true"], env: { API_TOKEN: "clear-text-token" } },
      "for-inTheName99",
    );
    const messages = named.map(({ message }) => message);
    assert.match(messages.join("\n"), /^value env\.API_TOKEN of for-\[secret\] is a secret/m);
  });

  it("that only a provider has", async () => {
    const props = { registries: [{ host: "a.example", insecure: true, password: secret("ofProvider31") }] };
    await pack.analyze("pulumi:providers:slipway", props);
    assert.match(await messageAbout("http://hooks.example/ofProvider31"), /example\/\[secret\] comes/m);
  });

  it("of the stack's configuration, that lost its mark in the program", async () => {
    await pack.configureStack({ "app:hook": "configured-42", "app:open": "openly" }, ["app:hook"]);
    const message = await messageAbout("http://hooks.example/openly/configured-42");
    assert.match(message, /^download http:\/\/hooks\.example\/openly\/\[secret\] comes/m);
  });

  it("of the environment, or the password of an address that nobody marked", async () => {
    const message = await messageAbout("http://joe:pw88@hooks.example/fromEnvironment77");
    assert.match(message, /download http:\/\/joe:\[secret\]@hooks\.example\/\[secret\] comes/m);
  });

  it("in what is found in the graph", async () => {
    const repository = "ghcr.io/acme/hello-inGraph4711";
    const tag = {
      type: "slipway:oci:Tag",
      name: "version",
      props: { repository, tag: "v1.0.0", moves: "never", digest: unknown, evidence: unknown },
    };
    await pack.analyze(tag.type, tag.props, tag.name);
    const env = { DEPLOY: secret("inGraph4711") };
    const found = await pack.analyzeStack([
      { type: "slipway:build:Command", name: "build", props: { command: ["true"], env } },
      tag,
    ]);
    const messages = found.filter(({ resource }) => resource === "version").map(({ message }) => message);
    assert.ok(messages.length > 0);
    for (const message of messages) assert.match(message, /ghcr\.io\/acme\/hello-\[secret\]/);
  });
});

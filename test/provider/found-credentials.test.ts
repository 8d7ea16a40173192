import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { answer, json } from "../support/hostile/behaviors";
import { startHostileServer, type HostileServer } from "../support/hostile/server";
import { type Behavior } from "../support/hostile/exchange";
import { secret } from "../support/provider-process";
import { identityToken, startSigstoreService } from "../support/sigstore-service";
import { useProviders } from "./workbench";

const password = `D0cker Pässw"rd`;
const token = "a-token-that-was-given-for-the-password";

/** Every way in which a server may repeat what it was sent, as one text without quotes. */
const repeated = (text: string) =>
  [encodeURIComponent(text), Buffer.from(text).toString("base64"), Buffer.from(text).toString("hex")].join(
    " ",
  );

describe("credentials that are found, not declared, and repeated by whom they are sent to", () => {
  let project: string;
  let server: HostileServer;
  const startIn = useProviders();

  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-found-"));
    server = await startHostileServer();
  });
  afterEach(async () => {
    await server.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const leaks = (texts: readonly string[], secrets: readonly string[]) =>
    texts.flatMap((text) => secrets.filter((secret) => text.includes(secret)));

  /**
   * What a provider says while it looks for an image at the server, signing in as Docker's
   * configuration says.
   */
  async function said(): Promise<string[]> {
    const host = new URL(server.url).host;
    await mkdir(path.join(project, ".docker"));
    const auth = Buffer.from(`bob:${password}`).toString("base64");
    await writeFile(
      path.join(project, ".docker/config.json"),
      JSON.stringify({ auths: { [host]: { auth } } }),
    );
    const provider = await startIn(project);
    const digest = `sha256:${"0".repeat(64)}`;
    const inputs = { repository: `${host}/app`, tag: "v1", digest, moves: "never" };
    const error = await provider.create("slipway:oci:Tag", inputs).then(
      () => assert.fail("it did not fail"),
      (reason: Error) => reason,
    );
    return [error.message, ...provider.messages];
  }

  const withWarning =
    (status: number, challenge: string, secret: string): Behavior =>
    (exchange) => {
      const signedIn = exchange.request.headers.authorization !== undefined;
      const words = repeated(secret);
      const headers = signedIn ? { warning: `299 - "you sent ${words}"` } : { "www-authenticate": challenge };
      const body = JSON.stringify({ errors: [{ code: "DENIED", message: `you sent ${words}` }] });
      return answer(signedIn ? status : 401, body, headers)(exchange);
    };

  it("a password of Docker's configuration: in a warning and in an error", async () => {
    server.on("GET", /^\/v2\//, withWarning(403, `Basic realm="x"`, password));
    server.on("HEAD", /^\/v2\//, withWarning(403, `Basic realm="x"`, password));
    const texts = await said();
    assert.ok(
      texts.some((text) => /says: you sent \[secret\]/.test(text)),
      texts.join("\n"),
    );
    assert.deepEqual(leaks(texts, repeated(password).split(" ")), []);
  });

  it("a token that was given for it", async () => {
    server.on("GET", /^\/token/, json({ token, expires_in: 300 }));
    const challenge = `Bearer realm="${server.url}/token",service="x"`;
    server.on("GET", /^\/v2\//, withWarning(403, challenge, token));
    server.on("HEAD", /^\/v2\//, withWarning(403, challenge, token));
    const texts = await said();
    assert.ok(
      texts.some((text) => /says: you sent \[secret\]/.test(text)),
      texts.join("\n"),
    );
    assert.deepEqual(leaks(texts, repeated(token).split(" ")), []);
  });

  it("a secret that an ID would be made of", async () => {
    const from = `${server.url}/UrlTokenZZ99`;
    const body = "hello";
    const digest = createHash("sha256").update(body).digest("hex");
    server.on("GET", /hello$/, answer(200, body));
    const provider = await startIn(project);
    const inputs = { from: secret(from), tag: "v1", asset: "hello", digest: `sha256:${digest}` };
    const held = await provider.create("slipway:release:Asset", inputs);
    assert.doesNotMatch(held.id, /UrlTokenZZ99/);
    assert.match(held.id, /hello$/);
  });

  it("an identity token of a file: in the refusal of the certificate authority", async () => {
    const issuer = "https://token.example.com";
    const found = identityToken(issuer, "release@example.com");
    await writeFile(path.join(project, "token"), found);
    await writeFile(path.join(project, "hello"), "hello");
    const trusted = await startSigstoreService();
    await trusted.writeTrustedRoot(path.join(project, "trusted_root.json"));
    await trusted.stop();
    const body = JSON.stringify({ code: 3, message: `you sent ${found}` });
    server.on("POST", /./, answer(400, body, { "content-type": "application/json" }));
    const provider = await startIn(project);
    const keyless = {
      issuer,
      identity: "release@example.com",
      trustedRoot: "trusted_root.json",
      fulcioUrl: server.url,
      rekorUrl: server.url,
      tokenFile: "token",
    };
    const inputs = { files: [{ path: "hello" }], signer: { keyless } };
    await assert.rejects(provider.create("slipway:trust:FileSignature", inputs), ({ message }: Error) => {
      assert.match(message, /you sent \[secret\]/);
      assert.deepEqual(leaks([message, ...provider.messages], found.split(".")), []);
      return true;
    });
  });
});

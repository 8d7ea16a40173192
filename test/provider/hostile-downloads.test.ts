import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { makeCertificate, type ServerCertificate } from "../support/certificates";
import { answer, redirect } from "../support/hostile/behaviors";
import { startHostileServer, type HostileServer } from "../support/hostile/server";
import type { ProviderProcess } from "../support/provider-process";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

const asset = "slipway:release:Asset";
const check = "slipway:gate:Check";
const content = "the file";
const hex = createHash("sha256").update(content).digest("hex");
const base = "/acme/hello/releases/download/v1.0.0";

describe("downloads from hostile hosts", function () {
  this.timeout(60_000);
  let folder: string;
  let tls: ServerCertificate;
  let secure: HostileServer;
  let plain: HostileServer;
  let provider: ProviderProcess;
  const startIn = useProviders();

  before(async function () {
    requireTools(this, "openssl");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-downloads-"));
    tls = makeCertificate(folder);
  });
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

  beforeEach(async () => {
    secure = await startHostileServer({ tls });
    plain = await startHostileServer();
    for (const server of [secure, plain]) {
      server.on("GET", `${base}/file`, answer(200, content));
      server.on("GET", `${base}/SHA256SUMS`, answer(200, `${hex}  file\n`));
    }
    provider = await startIn(
      await mkdtemp(path.join(folder, "project-")),
      {},
      { NODE_EXTRA_CA_CERTS: tls.caFile },
    );
  });
  afterEach(async () => {
    await secure.stop();
    await plain.stop();
  });

  const declared = (url: string) => ({ from: `${url}/acme/hello`, tag: "v1.0.0", asset: "file" });

  for (const name of ["SHA256SUMS", "file"]) {
    it(`are not followed out of TLS: ${name} of a release`, async () => {
      secure.on("GET", `${base}/${name}`, redirect(`${plain.url}${base}/${name}`));
      await assert.rejects(
        provider.create(asset, declared(secure.url)),
        new RegExp(`${name}: redirect from https to http \\(${plain.host}\\) is not followed`),
      );
      assert.deepEqual(plain.requests, []);
      assert.equal(secure.requests.filter((request) => request.path.endsWith(name)).length, 1);
    });
  }

  it("are followed to another host with TLS", async () => {
    const storage = await startHostileServer({ tls });
    try {
      storage.on("GET", "/stored", answer(200, content));
      secure.on("GET", `${base}/file`, redirect(`${storage.url}/stored`));
      const { state } = await provider.create(asset, declared(secure.url));
      assert.equal(state.digest, `sha256:${hex}`);
    } finally {
      await storage.stop();
    }
  });

  it("end a circle of redirects", async () => {
    secure.on("GET", `${base}/file`, redirect(`${base}/file`));
    await assert.rejects(provider.create(asset, declared(secure.url)), /more than 5 redirects/);
  });

  it("of an HTTP check are not followed out of TLS", async () => {
    secure.on("GET", "/healthz", redirect(`${plain.url}/healthz`));
    plain.on("GET", "/healthz", answer(200, "well"));
    await assert.rejects(
      provider.create(check, { http: { url: `${secure.url}/healthz` } }),
      /redirect from https to http/,
    );
    assert.deepEqual(plain.requests, []);
  });

  it("of a checksum check are not followed out of TLS", async () => {
    secure.on("GET", "/file", redirect(`${plain.url}${base}/file`));
    await assert.rejects(
      provider.create(check, { checksum: { url: `${secure.url}/file`, digest: `sha256:${hex}` } }),
      /redirect from https to http/,
    );
    assert.deepEqual(plain.requests, []);
  });

  describe("over plain HTTP from another machine", () => {
    const from = "http://releases.example.com/acme/hello";

    it("are refused before anything is sent", async () => {
      await assert.rejects(
        provider.check(asset, { from, tag: "v1.0.0", asset: "file" }),
        /from: is plain HTTP.*digest.*signature/,
      );
    });

    for (const [name, more] of [
      ["a digest", { digest: `sha256:${hex}` }],
      ["a signature", { signature: { verifier: { publicKey: "cosign.pub" } } }],
    ] as const) {
      it(`are taken with ${name}`, async () => {
        await provider.check(asset, { from, tag: "v1.0.0", asset: "file", ...more }).catch((error: Error) => {
          assert.doesNotMatch(error.message, /plain HTTP/);
        });
      });
    }

    it("are not what an identity token is sent to", async () => {
      const keyless = {
        issuer: "https://issuer.example.com",
        identity: "me",
        trustedRoot: "root.json",
        fulcioUrl: "http://fulcio.example.com",
      };
      await assert.rejects(
        provider.check("slipway:trust:Signature", {
          repository: "ghcr.io/acme/hello",
          digest: `sha256:${hex}`,
          signer: { keyless },
        }),
        /plain HTTP to another machine, and the identity token/,
      );
    });
  });
});

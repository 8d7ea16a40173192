import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { runClient } from "../support/clients";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, secret } from "../support/provider-process";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

const asset = "slipway:release:Asset";
const archive = "axon_1.5.0_linux_amd64.tar.gz";
const password = "correct horse battery staple";

/** Who made the bundles that are verified. */
const makers = ["cosign", "slipway:trust:FileSignature"] as const;

describe("signatures of assets of other releases", function () {
  this.timeout(120_000);
  let root: string;
  let project: string;
  let release: string;
  let server: Awaited<ReturnType<typeof startStaticServer>>;
  const startIn = useProviders();

  const start = () => startIn(project);

  before(function () {
    requireTools(this, "cosign", "python3", "sha256sum");
  });
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-signed-"));
    project = path.join(root, "project");
    release = path.join(root, "served/acme/axon/releases/download/v1.5.0");
    await mkdir(project);
    await mkdir(release, { recursive: true });
    for (const stem of ["cosign", "other"]) await writeKeyPair(project, stem, password);
    await writeFile(path.join(release, archive), "axon");
    await runClient("sh", ["-c", `cd "$0" && sha256sum *.tar.gz > SHA256SUMS`, release]);
    server = await startStaticServer(path.join(root, "served"));
  });
  afterEach(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Signs a file of the release; the bundle is `NAME.sigstore.json` beside it. */
  async function sign(maker: (typeof makers)[number], name: string, stem = "cosign"): Promise<void> {
    const file = path.join(release, name);
    const key = path.join(project, `${stem}.key`);
    if (maker === "cosign") {
      const offline = ["--tlog-upload=false", "--use-signing-config=false"];
      const options = ["--yes", "--key", key, "--bundle", `${file}.sigstore.json`, ...offline];
      await runClient("cosign", ["sign-blob", ...options, file], { COSIGN_PASSWORD: password });
    } else {
      // Nothing but a release writes into a served folder.
      await copyFile(file, path.join(project, name));
      const inputs = {
        files: [{ path: name }],
        signer: { key: `${stem}.key`, password: secret(password) },
      };
      await (await start()).create("slipway:trust:FileSignature", inputs);
      await copyFile(path.join(project, `${name}.sigstore.json`), `${file}.sigstore.json`);
    }
  }

  const declared = (signature: Properties = {}, more: Properties = {}): Properties => ({
    from: `${server.url}/acme/axon`,
    tag: "v1.5.0",
    asset: "axon_*_linux_amd64.tar.gz",
    signature: { verifier: { publicKey: "cosign.pub" }, ...signature },
    ...more,
  });

  /** What is kept of downloads: files, parts, sums and bundles. */
  async function kept(): Promise<string[]> {
    const folder = path.join(project, ".slipway/cache/downloads");
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return found.filter((entry) => entry.isFile()).map(({ name }) => name);
  }

  for (const maker of makers) {
    it(`DISTRO-08: sums signed by ${maker} are verified, and who signed is said`, async () => {
      await sign(maker, "SHA256SUMS");
      const provider = await start();
      const held = await provider.create(asset, declared());
      assert.equal(held.state.digest, digestOf("axon"));
      assert.equal(held.state.verifiedBy, "SHA256SUMS");
      assert.match(String(held.state.signedBy), /sha256:[0-9a-f]{8}/i);
      assert.deepEqual((await provider.diff(held, declared())).changes, []);
    });

    it(`DISTRO-08: a file signed by ${maker} is verified`, async () => {
      await sign(maker, archive);
      const held = await (await start()).create(asset, declared({ of: "asset" }));
      assert.equal(String(await readFile(path.join(project, String(held.state.path)))), "axon");
      assert.ok(held.state.signedBy);
    });
  }

  it("a public key may be given as text, and a bundle may have another name", async () => {
    await sign("cosign", "SHA256SUMS");
    await runClient("mv", [`${release}/SHA256SUMS.sigstore.json`, `${release}/sums.bundle`]);
    const publicKey = await readFile(path.join(project, "cosign.pub"), "utf8");
    const held = await (
      await start()
    ).create(asset, declared({ verifier: { publicKey }, bundle: "sums.bundle" }));
    assert.ok(held.state.signedBy);
  });

  it("a declared digest asks for the signature of the file", async () => {
    const inputs = declared({}, { asset: archive, digest: digestOf("axon") });
    await assert.rejects(
      (await start()).create(asset, inputs),
      new RegExp(`${archive} is not signed: .*sigstore\\.json: HTTP 404`),
    );
    assert.deepEqual(await kept(), []);
    await sign("cosign", archive);
    assert.ok((await (await start()).create(asset, inputs)).state.signedBy);
  });

  const wrongs: [what: string, part: "sums" | "asset", make: () => Promise<void>, reason: RegExp][] = [
    [
      "sums without a signature",
      "sums",
      async () => undefined,
      /SHA256SUMS is not signed: .*SHA256SUMS\.sigstore\.json: HTTP 404.*Nothing of it is used/s,
    ],
    ["a file without a signature", "asset", async () => undefined, /tar\.gz is not signed: .*HTTP 404/s],
    [
      "sums that another key signed",
      "sums",
      () => sign("cosign", "SHA256SUMS", "other"),
      /SHA256SUMS is not signed by a trusted signer: .* is not a signature of http:\S+SHA256SUMS with/,
    ],
    [
      "a file that another key signed",
      "asset",
      () => sign("cosign", archive, "other"),
      /tar\.gz is not signed by a trusted signer/,
    ],
    [
      "sums that were changed after they were signed",
      "sums",
      async () => {
        await sign("cosign", "SHA256SUMS");
        await writeFile(path.join(release, archive), "axon with something else");
        await runClient("sh", ["-c", `cd "$0" && sha256sum *.tar.gz > SHA256SUMS`, release]);
      },
      /SHA256SUMS is not signed by a trusted signer/,
    ],
    [
      "a file that was changed after it was signed, with its sums",
      "asset",
      async () => {
        await sign("cosign", archive);
        await writeFile(path.join(release, archive), "axon with something else");
        await runClient("sh", ["-c", `cd "$0" && sha256sum *.tar.gz > SHA256SUMS`, release]);
      },
      /tar\.gz is not signed by a trusted signer/,
    ],
    [
      "a bundle that is none",
      "sums",
      () => writeFile(path.join(release, "SHA256SUMS.sigstore.json"), "<html>"),
      /is not a Sigstore bundle: it is not JSON/,
    ],
    [
      "the bundle of another file",
      "sums",
      async () => {
        await sign("cosign", archive);
        await runClient("mv", [`${release}/${archive}.sigstore.json`, `${release}/SHA256SUMS.sigstore.json`]);
      },
      /is not a signature of/,
    ],
  ];
  for (const [what, of, make, reason] of wrongs) {
    it(`DISTRO-08: ${what} are refused, and nothing is kept`, async () => {
      await make();
      for (const preview of [true, false]) {
        await assert.rejects((await start()).create(asset, declared({ of }), preview), reason);
      }
      const left = await kept();
      // Sums that nobody had to sign may be kept; the file and its bundle may not.
      assert.deepEqual(
        left.filter((name) => of === "sums" || !name.startsWith("sums-")),
        [],
      );
    });
  }

  it("what was verified is there where the host cannot be reached; what was not is refused there too", async () => {
    await sign("cosign", "SHA256SUMS");
    const held = await (await start()).create(asset, declared());
    const inputs = declared();
    const changed = { ...inputs, signature: { verifier: { publicKey: "other.pub" } } };
    await server.stop();
    assert.deepEqual((await (await start()).create(asset, inputs)).state, held.state);
    const other = await start();
    assert.deepEqual((await other.diff(held, changed)).changes.sort(), ["signature", "trusted"]);
    await assert.rejects(other.create(asset, changed), /not signed by a trusted signer/);
    server = await startStaticServer(path.join(root, "served"));
  });

  it("another key under the same name is another trust", async () => {
    await sign("cosign", "SHA256SUMS");
    const held = await (await start()).create(asset, declared());
    await writeFile(path.join(project, "cosign.pub"), await readFile(path.join(project, "other.pub")));
    assert.deepEqual((await (await start()).diff(held, declared())).changes, ["trusted"]);
    await assert.rejects((await start()).update(held, declared()), /not signed by a trusted signer/);
  });

  for (const [what, signature, property] of [
    ["a key that is not there", { verifier: { publicKey: "none.pub" } }, "signature.verifier"],
    ["nobody that is trusted", { verifier: {} }, "signature.verifier"],
    ["a bundle in a folder", { bundle: "a/b" }, "signature.bundle"],
  ] as [string, Properties, string][]) {
    it(`PROD-10: are refused with ${what}`, async () => {
      await assert.rejects((await start()).create(asset, declared(signature)), (error: Error) => {
        assert.ok(error instanceof CheckFailed, error.message);
        assert.ok(error.failures[0]?.property.startsWith(property), error.message);
        return true;
      });
    });
  }
});

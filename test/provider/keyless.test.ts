import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { runClient } from "../support/clients";
import { cosignPrograms } from "../support/cosign";
import { secret, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { identityToken, startSigstoreService, type SigstoreService } from "../support/sigstore-service";
import { requireTools } from "../support/tools";
import { pushImage, Workbench } from "./workbench";

const issuer = "https://token.actions.example.com";
const identity = "https://github.example.com/acme/hello/.github/workflows/release.yml@refs/tags/v1.2.3";
const identityPattern =
  "https://github\\.example\\.com/acme/hello/\\.github/workflows/release\\.yml@refs/tags/v.*";

describe("keyless signatures (a Sigstore instance of the test)", function () {
  this.timeout(180_000);
  let bench: Workbench;
  let provider: ProviderProcess;
  let service: SigstoreService;
  let other: SigstoreService;
  let serial = 0;
  let repository: string;
  let digest: string;

  before(async function () {
    requireTools(this, "registry", "cosign", "cosign-v2", "oras");
    bench = await Workbench.open(() => startDistribution());
    provider = await bench.provider();
    [service, other] = [await startSigstoreService(), await startSigstoreService()];
    await service.writeTrustedRoot(file("trusted_root.json"));
    await other.writeTrustedRoot(file("other_root.json"));
  });
  beforeEach(async () => {
    repository = bench.repository(`keyless/test-${++serial}`);
    digest = await pushImage(provider, repository);
  });
  after(async () => {
    await bench?.close();
    await service?.stop();
    await other?.stop();
  });

  const file = (relative: string) => path.join(bench.project, relative);
  /** As `sha256sum` tells it. */
  const rootDigest = async (name: string) =>
    `sha256:${createHash("sha256")
      .update(await readFile(file(name)))
      .digest("hex")}`;
  const direct = () => `${bench.direct(repository)}@${digest}`;
  const token = (subject = identity) => identityToken(issuer, subject);
  const inputs = (change: Properties = {}): Properties => ({
    repository,
    subjects: [{ digest }],
    signer: {
      keyless: {
        issuer,
        identity,
        trustedRoot: "trusted_root.json",
        fulcioUrl: service.url,
        rekorUrl: service.url,
        token: secret(token()),
        ...change,
      },
    },
  });
  const sign = (change: Properties = {}) => provider.create("slipway:trust:Signature", inputs(change));
  const verification = (verifier: Properties) =>
    provider.create("slipway:trust:Verification", { repository, subjects: [{ digest }], verifier });

  it("are accepted by cosign 3 and 2 for the identity, and for no other identity, issuer or root", async () => {
    const held = await sign();
    assert.deepEqual(
      (held.state.evidence as Properties[]).map(({ by, signer }) => [by, signer]),
      [[`${identity} (${issuer})`, { identity, issuer, root: await rootDigest("trusted_root.json") }]],
    );
    const verify = (program: string, change: Record<string, string>) => {
      const options = {
        "--certificate-identity": identity,
        "--certificate-oidc-issuer": issuer,
        "--trusted-root": file("trusted_root.json"),
        ...change,
      };
      return runClient(program, [
        "verify",
        ...Object.entries(options).flat(),
        "--allow-http-registry",
        direct(),
      ]);
    };
    for (const program of cosignPrograms) {
      await verify(program, {});
      await assert.rejects(verify(program, { "--certificate-identity": "https://evil.example.com" }));
      await assert.rejects(verify(program, { "--certificate-oidc-issuer": "https://evil.example.com" }));
      await assert.rejects(verify(program, { "--trusted-root": file("other_root.json") }));
    }
  });

  it("name the root that verified them, and another root is another signer", async () => {
    const declared = (trustedRoot: string) => ({ issuer, identity, trustedRoot });
    await sign();
    const held = await verification(declared("trusted_root.json"));
    const rootOf = (state: Properties) => (state.evidence as { signer: Properties }[])[0]?.signer.root;
    assert.equal(rootOf(held.state), await rootDigest("trusted_root.json"));
    // Another file that trusts the same instance, and more: what is verified by it says so.
    const text = await readFile(file("trusted_root.json"), "utf8");
    await writeFile(file("wider_root.json"), `${text}\n`);
    const verifier = declared("wider_root.json");
    const wider = await provider.update(held, { repository, subjects: [{ digest }], verifier });
    assert.equal(rootOf(wider.state), await rootDigest("wider_root.json"));
    assert.notEqual(rootOf(wider.state), rootOf(held.state));
    for (const [one, change] of [
      [held, { repository, subjects: [{ digest }], verifier }],
      [await sign(), inputs({ trustedRoot: "wider_root.json" })],
    ] as const) {
      assert.notDeepEqual((await provider.diff(one, change)).changes, []);
    }
  });

  it("are found and verified again, for another tag of the same workflow too, and need no token then", async () => {
    await sign();
    const asked = service.requests.length;
    const again = await sign({ identity: undefined, identityPattern, token: undefined });
    assert.deepEqual(
      (again.state.signatures as Properties[]).map(({ by }) => by),
      [`${identity} (${issuer})`],
    );
    assert.equal(service.requests.length, asked);
    assert.deepEqual((await provider.read(again))?.state, again.state);
    const tree = await runClient("oras", ["discover", "--plain-http", "--format", "json", direct()]);
    const found = JSON.parse(tree) as Record<string, unknown[] | undefined>;
    assert.equal((found.referrers ?? found.manifests)?.length, 1);
  });

  it("pass a verification by the identity only", async () => {
    await sign();
    const trusted = { issuer, identity, trustedRoot: "trusted_root.json" };
    for (const verifier of [trusted, { issuer, identityPattern, trustedRoot: "trusted_root.json" }]) {
      const held = await verification(verifier);
      assert.deepEqual((await provider.read(held))?.state, held.state);
    }
    const refusals: [Properties, RegExp][] = [
      [{ ...trusted, identity: `${identity}0` }, /is signed by https:\/\/github\.example\.com.*, not by/],
      // A part of an identity is another one.
      [{ ...trusted, identity: identity.slice(0, -1) }, /is signed by https:.*, not by/],
      [
        { issuer, identityPattern: "https://github\\.example\\.com/acme", trustedRoot: "trusted_root.json" },
        /is signed by https:.*, not by/,
      ],
      [{ ...trusted, issuer: "https://evil.example.com" }, /not by .*evil/],
      [{ ...trusted, trustedRoot: "other_root.json" }, /does not verify against the trusted root/],
    ];
    for (const [verifier, reason] of refusals) await assert.rejects(verification(verifier), reason);
  });

  it("of files are accepted by cosign", async () => {
    await bench.write("hello", "hello");
    const { signer } = inputs();
    const held = await provider.create("slipway:trust:FileSignature", { files: [{ path: "hello" }], signer });
    assert.deepEqual((await provider.read(held))?.state, held.state);
    for (const program of cosignPrograms) {
      const verify = (name: string) =>
        runClient(program, [
          ...[
            "verify-blob",
            "--bundle",
            file("hello.sigstore.json"),
            "--trusted-root",
            file("trusted_root.json"),
          ],
          ...["--certificate-identity", name, "--certificate-oidc-issuer", issuer],
          ...(program === "cosign-v2" ? ["--new-bundle-format"] : []),
          file("hello"),
        ]);
      await verify(identity);
      await assert.rejects(verify("https://evil.example.com"));
    }
  });

  it("are not attached where the token is of another identity, or no token", async () => {
    const cases: [Properties, RegExp][] = [
      [{ token: secret(token("https://evil.example.com")) }, /what was signed is signed by https:\/\/evil/],
      [{ token: secret("a-token-that-is-none") }, /the identity token is not a JSON web token/],
      [{ token: undefined }, /there is no identity token of https:\/\/token\.actions/],
      [{ token: undefined, tokenFile: "none" }, /the identity token cannot be read/],
      [{ fulcioUrl: `${service.url}/nowhere` }, /signing as https:.* failed/],
    ];
    for (const [change, reason] of cases) {
      bench.forget();
      await assert.rejects(sign(change), (error: Error) => {
        assert.match(error.message, reason);
        assert.ok(
          !error.message.includes("a-token-that-is-none") && !error.message.includes(token().slice(0, 80)),
        );
        return true;
      });
      assert.deepEqual(bench.writeLines(), []);
    }
  });

  it("take the token from a file or the environment", async () => {
    await bench.write("token", `${token()}\n`);
    await sign({ token: undefined, tokenFile: "token" });
    const withToken = await bench.provider({}, { SIGSTORE_ID_TOKEN: token() });
    digest = await pushImage(provider, repository);
    const held = await withToken.create("slipway:trust:Signature", inputs({ token: undefined }));
    assert.deepEqual(held.state.missing, []);
  });
});

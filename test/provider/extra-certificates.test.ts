import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane } from "../support/clients";
import { makeCertificate, type ServerCertificate } from "../support/certificates";
import type { ProviderProcess } from "../support/provider-process";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

describe("certificates of NODE_EXTRA_CA_CERTS", function () {
  this.timeout(60_000);
  let folder: string;
  let certificate: ServerCertificate;
  let registry: TestRegistry;
  const startIn = useProviders();

  before(async function () {
    requireTools(this, "registry", "openssl", "crane");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-certificates-"));
    certificate = makeCertificate(folder);
    registry = await startDistribution({ tls: certificate });
  });
  after(async () => {
    await registry?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (file: string | undefined) =>
    startIn(
      folder,
      { registries: [{ host: registry.host, insecure: false }] },
      { NODE_EXTRA_CA_CERTS: file },
    );

  const push = (provider: ProviderProcess) =>
    provider.create("slipway:oci:Image", {
      repository: `${registry.host}/app`,
      platform: "linux/amd64",
      layers: [{ files: [{ to: "/app", content: "app" }] }],
    });

  const anotherAuthority = async () => makeCertificate(await mkdtemp(path.join(folder, "another-"))).ca;

  it("are trusted by the provider's connections, all that the file has", async () => {
    const file = path.join(folder, "bundle.pem");
    await writeFile(file, `# Two authorities\n${await anotherAuthority()}\n${certificate.ca}`);
    const { state } = await push(await start(file));
    const reference = String(state.reference);
    const digest = await crane(["digest", reference], { SSL_CERT_FILE: certificate.caFile });
    assert.equal(reference, `${registry.host}/app@${digest}`);
  });

  it("are not trusted where there are none, or others", async () => {
    const file = path.join(folder, "other.pem");
    await writeFile(file, await anotherAuthority());
    for (const given of [undefined, file])
      await assert.rejects(push(await start(given)), /not signed by a trusted authority/);
  });

  it("are passed over where the file cannot be read, which is said", async () => {
    const provider = await start(path.join(folder, "missing.pem"));
    await assert.rejects(push(provider), /not signed by a trusted authority/);
    assert.match(provider.errorLines.join("\n"), /missing\.pem/);
  });

  it("are there for the commands of a program", async () => {
    const provider = await start(certificate.caFile);
    await provider.create("slipway:build:Command", {
      command: `printf "%s" "$NODE_EXTRA_CA_CERTS" > "{output}/seen"; cp "{output}/seen" .`,
      sources: ["bundle.pem"],
      outputs: ["seen"],
    });
    assert.equal(await readFile(path.join(folder, "seen"), "utf8"), certificate.caFile);
  });
});

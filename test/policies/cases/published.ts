import { digest, other, repository, tag, passed, build, platform, type RuleCase } from "./fixtures";
import { scannerCases, signerCases } from "./who";
import { unknown } from "../pack-process";

const subset = {
  target: "quay.io/acme/hello",
  digest,
  platforms: ["linux/amd64"],
  tags: [{ tag: "v1", moves: "always" }],
};

/** Cases of the rules about evidence are alike. */
function evidenceCases(kind: string, wording: RegExp): RuleCase[] {
  const type = "slipway:oci:Tag";
  const evidence = (...items: unknown[]) => ({ ...tag, evidence: items });
  return [
    { title: "evidence of its digest", type, props: evidence(passed(kind)) },
    { title: "no evidence", type, props: tag, finding: wording },
    {
      title: "evidence of another kind only",
      type,
      props: evidence(passed("attestation")),
      finding: wording,
    },
    {
      title: "evidence of another digest",
      type,
      props: evidence(passed(kind, other)),
      finding: new RegExp(`hello:v1.2.3 has no .* for ${digest} \\(what is given is about ${other}\\)`),
    },
    {
      title: "a result that is not passed",
      type,
      props: evidence({ ...passed(kind), result: "not executed", detail: "no database" }),
      finding: /with the result "not executed" by someone \(no database\)/,
    },
    {
      title: "one that passed beside one that failed",
      type,
      props: evidence(passed(kind), { ...passed(kind), result: "failed" }),
      finding: /with the result "failed"/,
    },
    { title: "evidence that is not known yet", type, props: { ...tag, evidence: unknown } },
    {
      title: "a digest that is not known yet",
      type,
      props: { ...tag, digest: unknown, evidence: [passed(kind)] },
    },
    { title: "an item that is not known yet", type, props: evidence({ ...passed(kind), subject: unknown }) },
    {
      title: "several tags",
      type: "slipway:oci:Tags",
      props: { repository, digest, tags: [{ tag: "latest", moves: "highest" }], evidence: [passed(kind)] },
    },
    {
      title: "several tags without evidence",
      type: "slipway:oci:Tags",
      props: { repository, digest, tags: [{ tag: "latest", moves: "highest" }] },
      finding: /hello:latest has no/,
    },
    {
      title: "a mirror with tags and no evidence",
      type: "slipway:oci:Mirror",
      props: { target: "quay.io/acme/hello", digest, tags: [{ tag: "v1", moves: "always" }] },
      finding: /quay.io\/acme\/hello:v1 has no/,
    },
    {
      title: "a mirror of some platforms, by the index that they make",
      type: "slipway:oci:Mirror",
      props: { ...subset, rootDigest: other, evidence: [passed(kind, other)] },
    },
    {
      title: "a mirror of some platforms, by the whole index",
      type: "slipway:oci:Mirror",
      props: { ...subset, rootDigest: other, evidence: [passed(kind)] },
      finding: new RegExp(`quay.io/acme/hello:v1 has no .* for ${other}`),
    },
    {
      title: "a mirror of some platforms whose provider does not tell the digest",
      type: "slipway:oci:Mirror",
      props: { ...subset, evidence: [passed(kind)] },
      finding: /has no .* for an index of some platforms/,
    },
    {
      title: "what is pushed under its tag as it is made",
      type: build,
      props: { push: true, tags: [`${repository}:v1`] },
      finding: /hello:v1 can have no .* before it is published/,
    },
    {
      title: "an index that is pushed under its tag as it is made",
      type: "docker-build:index:Index",
      props: { tag: `${repository}:v1`, sources: [] },
      finding: /hello:v1 can have no .* before it is published/,
    },
    {
      title: "what is pushed under its tag as it is made, where it may be proven after",
      type: build,
      config: { pushedWithTag: "prove after" },
      props: { push: true, tags: [`${repository}:v1`] },
    },
    {
      title: "a build that has tags and pushes nothing",
      type: build,
      props: { push: false, tags: [`${repository}:v1`] },
    },
    {
      title: "a mirror without tags",
      type: "slipway:oci:Mirror",
      props: { target: "quay.io/acme/hello", digest },
    },
  ];
}

/** Cases of rules about what is published under a name. */
export const publishedCases: Readonly<Record<string, readonly RuleCase[]>> = {
  "promoted-tags-are-signed": [
    {
      title: "an export that is not understood",
      type: build,
      props: { exports: [{ raw: 'type=registry,"name=' }] },
      finding: /a reference that is not known.* can have no/,
    },
    {
      title: "a build cache",
      type: build,
      props: { push: false, cacheTo: [{ raw: "", registry: { ref: `${repository}:cache` } }] },
    },
    ...evidenceCases("signature", /has no signature that was verified/),
    ...signerCases("signature"),
  ],
  "promoted-tags-are-scanned": [
    ...evidenceCases("scan", /has no scan within its threshold/),
    ...scannerCases,
    {
      title: "a threshold as it is asked for",
      type: "slipway:trust:Scan",
      config: { failOn: "high" },
      props: { repository, subjects: [{ digest }], failOn: "medium" },
    },
    {
      title: "a threshold that is too high, by default",
      type: "slipway:trust:Scan",
      config: { failOn: "high" },
      props: { repository, subjects: [{ digest }] },
      finding: /scan subject fails on critical only, and has to fail on high/,
    },
    {
      title: "an exception that the setting does not have",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: ["CVE-2021-23337"] },
      props: { exceptions: [{ id: "CVE-2021-23337" }, { id: "CVE-2020-8203" }] },
      finding: /exceptions of scan subject are for CVE-2020-8203, and allowedExceptions does not have it/,
    },
    {
      title: "exceptions where none is allowed",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: [] },
      props: { exceptions: [{ id: "CVE-2021-23337" }] },
      finding: /are for CVE-2021-23337/,
    },
    {
      title: "an exception that the setting has",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: ["CVE-2021-23337"] },
      props: { exceptions: [{ id: "CVE-2021-23337" }] },
    },
    {
      title: "a VEX document that accepts what the setting does not have",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: ["CVE-2021-23337"] },
      props: { vex: { files: ["a.json"] }, vexAccepts: ["CVE-2020-8203", "CVE-2021-23337"] },
      finding: /exceptions of scan subject are for CVE-2020-8203, and allowedExceptions does not have it/,
    },
    {
      title: "a VEX document that accepts what the setting has",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: ["CVE-2021-23337"] },
      props: { vex: { files: ["a.json"] }, vexAccepts: ["CVE-2021-23337"] },
    },
    {
      title: "a VEX document that is not read yet",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: [] },
      props: { vex: unknown },
    },
    {
      title: "an exception that is not known yet",
      type: "slipway:trust:Scan",
      config: { allowedExceptions: [] },
      props: { exceptions: [{ id: unknown }] },
    },
    {
      title: "a database that may be older than allowed",
      type: "slipway:trust:Scan",
      config: { databaseMaxAgeHours: 120 },
      props: { databaseMaxAgeHours: 100_000 },
      finding: /database of scan subject may be 100000 hours old .* at most 120 are allowed/,
    },
    {
      title: "a database of the default age",
      type: "slipway:trust:Scan",
      config: { databaseMaxAgeHours: 120 },
      props: {},
    },
    {
      title: "any threshold where none is asked for",
      type: "slipway:trust:Scan",
      props: { subjects: [{ digest }] },
    },
  ],
  "promoted-tags-have-sbom": evidenceCases("sbom", /has no SBOM/),
  "promoted-tags-have-provenance": [
    ...evidenceCases("provenance", /has no provenance/),
    ...signerCases("provenance"),
  ],
  "required-checks-passed": [
    {
      title: "a required check that passed",
      type: "slipway:oci:Tag",
      config: { checks: ["tests"] },
      props: { ...tag, evidence: [{ ...passed("check"), by: "tests" }] },
    },
    {
      title: "a required check by pattern",
      type: "slipway:oci:Tag",
      config: { checks: ["command npm test*"] },
      props: { ...tag, evidence: [{ ...passed("check"), by: "command npm test --all" }] },
    },
    {
      title: "a required check that is missing",
      type: "slipway:oci:Tag",
      config: { checks: ["tests"] },
      props: { ...tag, evidence: [{ ...passed("check"), by: "docs" }] },
      finding: /check "tests" of tag ghcr.io\/acme\/hello:v1.2.3 has no passed check "tests"/,
    },
    {
      title: "a check that is declared and failed, though it is not required",
      type: "slipway:oci:Tag",
      props: { ...tag, evidence: [{ ...passed("check"), by: "docs", result: "failed" }] },
      finding: /with the result "failed" by docs/,
    },
    {
      title: "an alias that goes to a rebuild, without its check",
      type: "slipway:oci:Tags",
      config: { checks: ["tests"] },
      props: {
        repository: tag.repository,
        digest: tag.digest,
        tags: [{ tag: "latest", moves: "highest", version: "1.2.3-20260131" }],
        evidence: [],
      },
      finding: /check "tests" of tag ghcr.io\/acme\/hello:latest has no passed check "tests"/,
    },
    {
      title: "a pre-release, which need not be tested in full",
      type: "slipway:oci:Tag",
      config: { checks: ["compatibility"] },
      props: { ...tag, tag: "v1.2.3-rc.1", evidence: [] },
    },
  ],
  "version-tags-immutable": [
    { title: "a version that never moves", type: "slipway:oci:Tag", props: tag },
    {
      title: "a version that moves",
      type: "slipway:oci:Tag",
      props: { ...tag, moves: "always" },
      finding: /v1.2.3 is declared with moves: "always"/,
    },
    {
      title: "an alias that moves",
      type: "slipway:oci:Tag",
      props: { ...tag, tag: "latest", moves: "highest" },
    },
    {
      title: "a version among several tags",
      type: "slipway:oci:Tags",
      props: {
        repository,
        digest,
        tags: [
          { tag: "1.2.3", moves: "highest" },
          { tag: "1.2", moves: "highest" },
        ],
      },
      finding: /hello:1.2.3 is declared/,
    },
    { title: "how it moves is not known yet", type: "slipway:oci:Tag", props: { ...tag, moves: unknown } },
    {
      title: "a version that a build pushes",
      type: build,
      props: { push: true, tags: [`${repository}:v1.2.3`] },
      finding: /hello:v1.2.3 is set by docker-build:index:Image/,
    },
    {
      title: "a build that pushes nothing",
      type: build,
      props: { push: false, tags: [`${repository}:v1.2.3`] },
    },
    {
      title: "a build that pushes by digest",
      type: build,
      props: { exports: [{ registry: { names: [`${repository}:v1.2.3`], pushByDigest: true } }] },
    },
    {
      title: "an export as a line",
      type: build,
      props: { exports: [{ raw: `type=image,"name=${repository}:v1.2.3,${repository}:x",push=true` }] },
      finding: /hello:v1.2.3 is set/,
    },
    ...[
      `PUSH=true,type=image,name=${repository}:v1.2.3`,
      `Type=registry,name=${repository}:v1.2.3`,
      `type=image,name=${repository}:v1.2.3,push=`,
      `type=image,name=${repository}:v1.2.3,push=1`,
      `type=image, push=t,name=${repository}:v1.2.3`,
      `type=image,push=false,push=true,name=${repository}:v1.2.3`,
      `type=registry,push-by-digest=false,name=${repository}:v1.2.3`,
    ].map((raw) => ({
      title: `the export ${raw}`,
      type: build,
      props: { exports: [{ raw }] },
      finding: /hello:v1.2.3 is set/,
    })),
    {
      title: "an export as a line, under the tags of the build",
      type: build,
      props: { exports: [{ raw: "type=registry" }], tags: [`${repository}:v1.2.3`] },
      finding: /hello:v1.2.3 is set/,
    },
    ...[
      `type=image,push=False,name=${repository}:v1.2.3`,
      `type=image,name=${repository}:v1.2.3`,
      `type=image,name=${repository}:v1.2.3,push=true,push-by-digest=T`,
      `type=oci,dest=image.tar,name=${repository}:v1.2.3`,
      "output",
    ].map((raw) => ({ title: `the export ${raw}`, type: build, props: { exports: [{ raw }] } })),
    ...[
      { registry: { ref: `${repository}:v1.2.3` } },
      { raw: `${repository}:v1.2.3` },
      { raw: `type=registry,Ref=${repository}:v1.2.3` },
    ].map((cache) => ({
      title: `a build cache ${JSON.stringify(cache)}`,
      type: build,
      props: { push: false, cacheTo: [cache] },
      finding: /hello:v1.2.3 is set/,
    })),
    {
      title: "an index of docker-build",
      type: "docker-build:index:Index",
      props: { tag: `${repository}:1.2.3`, sources: [] },
      finding: /hello:1.2.3 is set/,
    },
    {
      title: "an image of docker",
      type: "docker:index/image:Image",
      props: { imageName: `${repository}:v2.0.0` },
      finding: /hello:v2.0.0 is set/,
    },
    {
      title: "an image of docker that is not pushed",
      type: "docker:index/image:Image",
      props: { imageName: `${repository}:v2.0.0`, skipPush: true },
    },
    {
      title: "a registry image",
      type: "docker:index/registryImage:RegistryImage",
      props: { name: `${repository}:v2.0.0` },
      finding: /hello:v2.0.0 is set/,
    },
  ],
  "valid-names": [
    { title: "a valid name", type: "slipway:oci:Tag", props: tag },
    {
      title: "upper-case letters",
      type: build,
      props: { push: true, tags: ["ghcr.io/Acme/hello:v1"] },
      finding: /use "acme\/hello"/,
    },
    {
      title: "another pattern of repositories",
      type: "slipway:oci:Tag",
      config: { repositoryPattern: "ghcr\\.io/acme/[a-z-]+" },
      props: { ...tag, repository: "ghcr.io/other/hello" },
      finding: /repository "ghcr.io\/other\/hello" does not match the pattern/,
    },
    {
      title: "another pattern of tags",
      type: "slipway:oci:Tag",
      config: { tagPattern: "v.*|latest" },
      props: { ...tag, tag: "1.2.3" },
      finding: /tag "1.2.3" does not match the pattern v\.\*\|latest/,
    },
    {
      title: "a release of Slipway's",
      type: "slipway:release:Directory",
      props: { tag: "v1.2.3", assets: [] },
    },
    { title: "a release", type: "github:index/release:Release", props: { tagName: "v1.2.3" } },
    {
      title: "a release with a blank",
      type: "github:index/release:Release",
      props: { tagName: "v1 final" },
      finding: /not a valid tag of Git/,
    },
  ],
  "index-covers-platforms": [
    {
      title: "an index with all",
      type: "slipway:oci:Index",
      config: { platforms: ["linux/amd64", "linux/arm64"] },
      props: { repository, manifests: [platform("linux", "amd64"), platform("linux", "arm64", "v8")] },
    },
    {
      title: "an index without one",
      type: "slipway:oci:Index",
      config: { platforms: ["linux/amd64", "linux/arm64"] },
      props: { repository, manifests: [platform("linux", "amd64")] },
      finding: /lacks linux\/arm64 \(it has linux\/amd64; linux\/amd64, linux\/arm64 are asked for\)/,
    },
    {
      title: "an index that is not known yet",
      type: "slipway:oci:Index",
      config: { platforms: ["linux/arm64"] },
      props: { repository, manifests: [unknown] },
    },
    { title: "no configured list", type: "slipway:oci:Index", props: { repository, manifests: [] } },
    {
      title: "a build that pushes a tag for one platform",
      type: build,
      config: { platforms: ["linux/arm64"] },
      props: { push: true, tags: [`${repository}:v1`], platforms: ["linux/amd64"] },
      finding: /lacks linux\/arm64/,
    },
    {
      title: "a build that is part of an index",
      type: build,
      config: { platforms: ["linux/arm64"] },
      props: { push: false, platforms: ["linux/amd64"] },
    },
  ],
  "allowed-registries": [
    {
      title: "an allowed one",
      type: "slipway:oci:Tag",
      config: { registries: ["ghcr.io/acme/*"] },
      props: tag,
    },
    {
      title: "another one",
      type: build,
      config: { registries: ["ghcr.io/acme/*"] },
      props: { push: true, tags: ["acme/hello:v1"] },
      finding: /acme\/hello:v1 is not in an allowed repository: ghcr.io\/acme\/\*/,
    },
    {
      title: "a name that only begins alike",
      type: "slipway:oci:Tag",
      config: { registries: ["ghcr.io/acme/*"] },
      props: { ...tag, repository: "ghcr.io/acme-evil/hello" },
      finding: /is not in an allowed repository/,
    },
    {
      title: "a layout on disk",
      type: "slipway:oci:Mirror",
      config: { registries: ["ghcr.io/acme/*"] },
      props: { target: "oci-layout:mirror", digest },
    },
  ],
  "nothing-overdue": [
    {
      title: "TINY-34: nothing is overdue",
      type: "slipway:release:Cadence",
      props: { images: [repository], rebuild: "31d", overdue: [] },
    },
    {
      title: "TINY-34: an image that is",
      type: "slipway:release:Cadence",
      props: {
        images: [repository],
        rebuild: "31d",
        overdue: ["v1.0.0 of ghcr.io/acme/hello was built long ago"],
      },
      finding: /cadence of .* is not kept: v1\.0\.0 of ghcr\.io\/acme\/hello was built long ago/,
    },
    {
      title: "what is not looked at yet",
      type: "slipway:release:Cadence",
      props: { images: [repository], rebuild: "31d", overdue: unknown },
    },
  ],
};

import { digest, other, passed, build, ecr, release, asset, type RuleCase } from "./fixtures";
import { unknown } from "../pack-process";

const third = `sha256:${"c".repeat(64)}`;
const fourth = `sha256:${"d".repeat(64)}`;
const bundles = [asset("a.zip.sigstore.json", third), asset("a.zip.second.sigstore.json", fourth)];
const lifecycle = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const casks = "slipway:macos:CodeSignatures";
const cask = (kind: string, hardened: boolean) => ({
  programs: [{ path: "dist/hello" }],
  notarized: true,
  signatures: [{ path: "dist/hello", kind, hardened }],
});
const expiring = (selection: object) =>
  JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: "expire" } }] });

/** Cases of rules about registries and releases. */
export const placedCases: Readonly<Record<string, readonly RuleCase[]>> = {
  "registries-over-tls": [
    {
      title: "a registry of the provider without TLS",
      type: "pulumi:providers:slipway",
      props: { registries: JSON.stringify([{ host: "registry.acme.test", insecure: true }]) },
      finding: /registry registry.acme.test is spoken to without TLS: `insecure` is set/,
    },
    {
      title: "a registry on this machine",
      type: "pulumi:providers:slipway",
      props: { registries: JSON.stringify([{ host: "localhost:5000", insecure: true }]) },
    },
    {
      title: "a registry of a build over http",
      type: build,
      props: { registries: [{ address: "http://registry.acme.test" }] },
      finding: /its address begins with http/,
    },
    { title: "a registry over https", type: build, props: { registries: [{ address: "https://ghcr.io" }] } },
    {
      title: "an insecure export",
      type: build,
      props: { exports: [{ registry: { names: ["r.acme.test/a:v1"], insecure: true } }] },
      finding: /`insecure` of the export is set/,
    },
    {
      title: "an unverified certificate",
      type: "docker:index/registryImage:RegistryImage",
      props: { name: "r.acme.test/a:v1", insecureSkipVerify: true },
      finding: /`insecureSkipVerify` is set/,
    },
  ],
  "casks-are-signed": [
    {
      title: "a program without a signature",
      type: casks,
      props: cask("none", false),
      finding: /program dist\/hello is not signed: macOS puts what a cask installs into quarantine/,
    },
    {
      title: "a program that a linker has signed",
      type: casks,
      props: cask("ad-hoc", false),
      finding: /has an ad-hoc signature, with nobody who signs/,
    },
    {
      title: "a program without the hardened runtime",
      type: casks,
      props: cask("developer", false),
      finding: /without the hardened runtime, which Apple does not notarize/,
    },
    {
      title: "a signed program that is not notarized",
      type: casks,
      props: { ...cask("developer", true), notarized: false },
      finding: /is declared not to be notarized/,
    },
    { title: "a signed and notarized program", type: casks, props: cask("developer", true) },
    {
      title: "programs that are not made yet",
      type: casks,
      props: { programs: [{ path: "dist/hello" }], notarized: true, signatures: unknown },
    },
  ],
  "downloads-over-tls": [
    {
      title: "a release asset over plain HTTP",
      type: "slipway:release:Asset",
      props: { from: "http://releases.acme.test/hello", tag: "v1", asset: "a" },
      finding: /download http:\/\/releases.acme.test\/hello comes over plain HTTP/,
    },
    {
      title: "a release asset with a digest",
      type: "slipway:release:Asset",
      props: { from: "http://releases.acme.test/hello", tag: "v1", asset: "a", digest },
    },
    {
      title: "a release asset of a folder",
      type: "slipway:release:Asset",
      props: { from: "../hello", tag: "v1", asset: "a" },
    },
    {
      title: "an answer over plain HTTP",
      type: "slipway:gate:Check",
      props: { http: { url: "http://acme.test/healthz" } },
      finding: /download http:\/\/acme.test\/healthz comes over plain HTTP/,
    },
    {
      title: "an answer of this machine",
      type: "slipway:gate:Check",
      props: { http: { url: "http://127.0.0.1:8080/healthz" } },
    },
    {
      title: "a file with a digest",
      type: "slipway:gate:Check",
      props: { checksum: { url: "http://acme.test/a.tar.gz", digest } },
    },
    {
      title: "a context of a build over plain HTTP",
      type: build,
      props: { context: { location: ".", named: { src: { location: "http://acme.test/src.tar.gz" } } } },
      finding: /download http:\/\/acme.test\/src.tar.gz comes over plain HTTP/,
    },
    {
      title: "a context of a build over TLS",
      type: build,
      props: { context: { location: "https://acme.test/src.tar.gz" } },
    },
  ],
  "release-assets-have-checksums-and-signatures": [
    {
      title: "a sums file that lists the asset, and its signature by evidence",
      type: release,
      props: {
        assets: [asset("a.tar.gz", other), asset("SHA256SUMS"), asset("SHA256SUMS.sigstore.json", third)],
        summed: { "a.tar.gz": ["SHA256SUMS"] },
        evidence: [{ ...passed("signature"), bundleDigest: third }],
      },
    },
    {
      title: "a sums file, and no proof",
      type: release,
      props: {
        assets: [asset("a.tar.gz", other), asset("SHA256SUMS")],
        summed: { "a.tar.gz": ["SHA256SUMS"] },
      },
      finding: /asset a.tar.gz has no signature that was verified \(neither its own/,
    },
    {
      title: "a signed sums file that lists another asset only",
      type: release,
      props: {
        assets: [asset("a.tar.gz", other), asset("b.zip", third), asset("SHA256SUMS")],
        summed: { "b.zip": ["SHA256SUMS"] },
        evidence: [passed("signature")],
      },
      finding:
        /asset a.tar.gz has no checksum \(no sums file of the release lists it with its digest\) and no signature/,
    },
    {
      title: "something else under the name of a signature",
      type: release,
      props: { assets: [asset("installer.sig")], evidence: [] },
      finding: /asset installer.sig has no checksum .* and no signature/,
    },
    {
      title: "sums and signatures of each",
      type: "slipway:release:Directory",
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset("a.zip.bundle", third)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: [{ ...passed("signature"), bundleDigest: third }],
      },
    },
    {
      title: "two signatures of a file, under names of their own",
      type: release,
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), ...bundles],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: bundles.map((bundle) => ({ ...passed("signature"), bundleDigest: bundle.digest })),
      },
    },
    ...["a.zip.sigstore.json", "a.zip.bundle", "a.zip.sigstore"].map((name): RuleCase => ({
      title: `something else as ${name} beside a signed asset`,
      type: release,
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset(name, third)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: [{ ...passed("signature"), bundleDigest: fourth }],
      },
      finding: new RegExp(
        `asset ${name} has no checksum .* no signature .*, and is not a file with which a signature of a.zip was verified`,
      ),
    })),
    ...["a.zip.asc", "a.zip.sig", "a.zip.minisig", "a.zip.pem", "a.zip.intoto.jsonl", "a.zip.spdx.json"].map(
      (name): RuleCase => ({
        title: `${name}, which nobody has verified`,
        type: "slipway:release:Directory",
        props: {
          assets: [asset("a.zip"), asset("a.zip.sha256", other), asset(name, third)],
          summed: { "a.zip": ["a.zip.sha256"] },
          evidence: [{ ...passed("signature"), bundleDigest: third }],
        },
        finding: new RegExp(`asset ${name} has no checksum .* and no signature`),
      }),
    ),
    {
      title: "a signature of another program among the exceptions",
      type: release,
      config: { allowedExceptions: ["*.zip.asc"] },
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset("a.zip.asc", third)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: [passed("signature")],
      },
    },
    {
      title: "another file than the exception",
      type: release,
      config: { allowedExceptions: ["a.zip.asc"] },
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset("b.zip.asc", third)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: [passed("signature")],
      },
      finding: /asset b.zip.asc has no checksum/,
    },
    {
      title: "the bundle of another asset",
      type: release,
      props: {
        assets: [
          asset("a.zip"),
          asset("b.zip", other),
          asset("SUMS.sha256", fourth),
          asset("b.zip.bundle", third),
        ],
        summed: { "a.zip": ["SUMS.sha256"], "b.zip": ["SUMS.sha256"] },
        evidence: [passed("signature", fourth), { ...passed("signature"), bundleDigest: third }],
      },
      finding: /asset b.zip.bundle .* is not a file with which a signature of b.zip was verified/,
    },
    {
      title: "the bundle of somebody who is not trusted",
      type: release,
      config: { trustedSigners: [{ key: third }] },
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset("a.zip.bundle", fourth)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: [
          { ...passed("signature"), signer: { key: third } },
          { ...passed("signature"), signer: { key: digest }, bundleDigest: fourth },
        ],
      },
      finding: /asset a.zip.bundle has no checksum/,
    },
    {
      title: "a bundle while evidence is not known yet",
      type: release,
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset("a.zip.sigstore.json", third)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: unknown,
      },
    },
    {
      title: "a sums file that lists nothing of the release",
      type: release,
      props: {
        assets: [asset("a.zip"), asset("a.zip.sha256", other), asset("SHA256SUMS", third)],
        summed: { "a.zip": ["a.zip.sha256"] },
        evidence: [passed("signature")],
      },
      finding: /asset SHA256SUMS has no checksum .* and no signature/,
    },
    {
      title: "a signature by evidence of a digest that the provider computed",
      type: release,
      props: {
        assets: [
          { name: "a.zip", path: "a.zip" },
          { name: "SHA256SUMS", path: "SHA256SUMS" },
        ],
        digests: { "a.zip": other, SHA256SUMS: digest },
        summed: { "a.zip": ["SHA256SUMS"] },
        evidence: [passed("signature")],
      },
    },
    {
      title: "neither",
      type: release,
      props: { assets: [asset("a.tar.gz")] },
      finding: /asset a.tar.gz has no checksum .* and no signature/,
    },
    {
      title: "evidence of something else",
      type: release,
      props: {
        assets: [asset("a.zip"), asset("SHA256SUMS")],
        summed: { "a.zip": ["SHA256SUMS"] },
        evidence: [passed("signature", other)],
      },
      finding: /asset a.zip has no signature/,
    },
    {
      title: "a signature that failed",
      type: release,
      props: {
        assets: [asset("a.zip"), asset("SHA256SUMS")],
        summed: { "a.zip": ["SHA256SUMS"] },
        evidence: [{ ...passed("signature"), result: "failed" }],
      },
      finding: /asset a.zip has no signature/,
    },
    {
      title: "a signature of somebody who is not trusted",
      type: "slipway:release:Directory",
      config: { trustedSigners: [{ key: third }] },
      props: {
        assets: [asset("a.zip", other), asset("SHA256SUMS")],
        summed: { "a.zip": ["SHA256SUMS"] },
        evidence: [{ ...passed("signature"), signer: { key: digest } }],
      },
      finding: /no signature that was verified \(someone is not among the trusted signers: key sha256:c/,
    },
    {
      title: "a throw-away key, on GitHub",
      type: release,
      props: {
        repository: "acme/hello",
        assets: [asset("a.zip", other), asset("SHA256SUMS")],
        summed: { "a.zip": ["SHA256SUMS"] },
        evidence: [{ ...passed("signature"), signer: { key: digest, generated: true } }],
      },
      finding: /is a throw-away key, which counts on this machine only/,
    },
    {
      title: "a throw-away key, in a folder of this machine",
      type: "slipway:release:Directory",
      props: {
        assets: [asset("a.zip", other), asset("SHA256SUMS")],
        summed: { "a.zip": ["SHA256SUMS"] },
        evidence: [{ ...passed("signature"), signer: { key: digest, generated: true } }],
      },
    },
    {
      title: "evidence that is not known yet, and no checksum",
      type: release,
      props: { assets: [asset("a.zip")], evidence: unknown },
      finding: /asset a.zip has no checksum/,
    },
    { title: "assets that are not known yet", type: release, props: { assets: unknown } },
  ],
  "ecr-immutable": [
    { title: "immutable", type: ecr, props: { imageTagMutability: "IMMUTABLE" } },
    { title: "the default", type: ecr, props: {}, finding: /has the tag mutability MUTABLE \(default\)/ },
    { title: "mutable", type: ecr, props: { imageTagMutability: "MUTABLE" }, finding: /"MUTABLE"/ },
    {
      title: "aliases excluded",
      type: ecr,
      props: {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "latest", filterType: "WILDCARD" }],
      },
    },
    {
      title: "versions excluded",
      type: ecr,
      props: {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "v1*", filterType: "WILDCARD" }],
      },
      finding: /excludes version tags such as v1.2.3 from immutability: v1\*/,
    },
    { title: "not known yet", type: ecr, props: { imageTagMutability: unknown } },
  ],
  "retention-spares-protected-versions": [
    { title: "untagged images", type: lifecycle, props: { policy: expiring({ tagStatus: "untagged" }) } },
    {
      title: "tags that no version has",
      type: lifecycle,
      props: { policy: expiring({ tagStatus: "tagged", tagPatternList: ["dev-*", "pr-*"] }) },
    },
    {
      title: "any image",
      type: lifecycle,
      props: { policy: expiring({ tagStatus: "any" }) },
      finding: /expires images whatever their tags/,
    },
    {
      title: "a prefix that versions have",
      type: lifecycle,
      props: { policy: expiring({ tagStatus: "tagged", tagPrefixList: ["v"] }) },
      finding: /expires images with the tags v\*, such as v1\.2\.3/,
    },
    {
      title: "a pattern of everything",
      type: lifecycle,
      props: { policy: expiring({ tagStatus: "tagged", tagPatternList: ["*"] }) },
      finding: /with the tags \*, such as/,
    },
    {
      title: "a tag that is protected here",
      type: lifecycle,
      config: { protectedTags: ["stable"] },
      props: { policy: expiring({ tagStatus: "tagged", tagPatternList: ["sta*"] }) },
      finding: /such as stable/,
    },
    { title: "no JSON", type: lifecycle, props: { policy: "{" }, finding: /is not JSON with rules/ },
    { title: "not known yet", type: lifecycle, props: { policy: unknown } },
  ],
  "ecr-scanned-on-push": [
    { title: "scanned", type: ecr, props: { imageScanningConfiguration: { scanOnPush: true } } },
    {
      title: "not scanned",
      type: ecr,
      props: { imageScanningConfiguration: { scanOnPush: false } },
      finding: /does not scan images when they are pushed/,
    },
    { title: "the default", type: ecr, props: {}, finding: /does not scan/ },
    { title: "not known yet", type: ecr, props: { imageScanningConfiguration: unknown } },
  ],
  "ecr-encrypted": [
    { title: "with a key", type: ecr, props: { encryptionConfigurations: [{ encryptionType: "KMS" }] } },
    { title: "nothing declared", type: ecr, props: {}, finding: /declares no encryption/ },
    {
      title: "another type than what is accepted",
      type: ecr,
      config: { types: ["KMS"] },
      props: { encryptionConfigurations: [{ encryptionType: "AES256" }] },
      finding: /is encrypted with AES256; accepted are KMS/,
    },
    { title: "not known yet", type: ecr, props: { encryptionConfigurations: unknown } },
  ],
};

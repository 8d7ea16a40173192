import * as pulumi from "@pulumi/pulumi";
import { byKey, byKeyOptions } from "../../lib/documents/verify-options";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";
import type { Section } from "./section";

/** The trusted root that trusts nobody: cosign wants one, and asks nobody then. */
const noRoot = `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`;

/**
 * How users check what they have downloaded, in Markdown, each block of commands to be run as it stands in an empty folder: the key, the
 * signature of the sums by cosign or by openssl alone, the files by the sums, images by digest and signature, SBOM and
 * provenance. What is not proven is not in it.
 */
export function verifySection(): Section {
  return {
    findings: ({ hosts, proofs }: DocumentRelease): Finding[] => {
      if (proofs.signedBy === "identity") {
        const reason =
          "it says how a key is checked, and an identity has none that stays: say it in a template of your own (a valid " +
          "example: trust: { sign: cosignKey() })";
        return [{ property: "", reason }];
      }
      const isSaid = hosts.length > 0 || proofs.signedBy !== undefined;
      return isSaid
        ? []
        : [
            {
              property: "",
              reason: "nothing is signed, and no file can be downloaded: there is nothing to check",
            },
          ];
    },
    text: (facts: DocumentFacts) => {
      const images = Object.keys(facts.images);
      return pulumi
        .all([facts.publicKey(), pulumi.all(images.map((image) => facts.digestOf(image)))])
        .apply(([key, digests]) =>
          [
            ...keyPart(facts, key),
            ...filePart(facts),
            ...images.flatMap((image, index) => imagePart(facts, image, digests[index] ?? "")),
          ].join("\n\n"),
        );
    },
  };
}

const block = (...commands: string[]) => ["```sh", ...commands, "```"].join("\n");

const keyFile = ({ distribution }: DocumentRelease) => `${distribution}.pub`;

function keyPart(facts: DocumentRelease, key: string | undefined): string[] {
  if (key === undefined) return [];
  return [
    "## The key",
    `Everything is signed by this key. The second file is for cosign, which then asks no service.`,
    block(`cat > ${keyFile(facts)} <<'KEY'`, key.trim(), "KEY", `echo '${noRoot}' > root.json`),
  ];
}

function filePart(facts: DocumentRelease): string[] {
  const { hosts, sumsFile: sums, archives, proofs } = facts;
  const [host] = hosts;
  const file = Object.values(archives).flat()[0]?.name;
  if (host === undefined || file === undefined) return [];
  const download = (name: string) => `curl -fsSLO ${host}/${name}`;
  const isSigned = proofs.signedBy !== undefined;
  const bundle = `${sums}.sigstore.json`;
  const signed = isSigned
    ? [
        "The sums are signed. With cosign:",
        block(`cosign verify-blob --key ${keyFile(facts)} --bundle ${bundle} ${byKey} ${sums}`),
        "The same with openssl alone:",
        block(
          `tr -d '\\n' < ${bundle} | sed -n 's/.*"signature" *: *"\\([A-Za-z0-9+/=]*\\)".*/\\1/p' | openssl base64 -d -A > ${sums}.sig`,
          `openssl dgst -sha256 -verify ${keyFile(facts)} -signature ${sums}.sig ${sums}`,
        ),
      ]
    : [];
  return [
    "## Files",
    `Any file of the release is checked as this one is:`,
    block(...[file, sums, ...(isSigned ? [bundle] : [])].map(download)),
    ...signed,
    "The files that are there have the sums that the list has of them:",
    block(`sha256sum --check --ignore-missing ${sums}`),
  ];
}

function imagePart(facts: DocumentRelease, name: string, digest: string): string[] {
  const { repositories, tag } = facts.images[name] ?? { repositories: [] };
  const [repository] = repositories;
  if (repository === undefined) return [];
  const reference = `${repository}@${digest}`;
  const key = `--key ${keyFile(facts)} ${byKeyOptions(repository)}`;
  const attested = (type: string, to: string) =>
    block(`cosign verify-attestation ${key} --type ${type} ${reference} > ${to}`);
  const { signedBy, sbomTypes, provenance } = facts.proofs;
  const signed =
    signedBy === undefined
      ? []
      : [
          "The signature of that digest:",
          block(`cosign verify ${key} ${reference}`),
          ...sbomTypes.flatMap((type) => [
            `What is in it (\`${type}\`), signed:`,
            attested(type, `${name.replaceAll("/", "-")}.${type}.json`),
          ]),
          ...(provenance
            ? [
                "What it was made from, and by whom, signed:",
                attested("slsaprovenance1", `${name.replaceAll("/", "-")}.provenance.json`),
              ]
            : []),
        ];
  return [
    `## Image ${name}`,
    ...(tag === undefined
      ? []
      : [
          "The tag has the digest that was released:",
          block(`test "$(crane digest ${repository}:${tag})" = ${digest}`),
        ]),
    ...signed,
  ];
}

import type { ImageContents } from "../../lib/contents/image-contents";
import type { StatusRow } from "../../lib/display/release-status";
import { listedAddress } from "../../lib/page/default-texts";
import { contentsKey, type FoundContents, type PageFacts } from "../../lib/page/page-facts";
import { releasePlace } from "../../lib/page/release-place";
import type { ListedVersion } from "../../lib/release/release-list";
import type { Finding } from "../../lib/scan/finding";
import { digestOf } from "../../lib/oci/digest";

const platforms = ["linux/amd64", "linux/arm64"];

/** Names and texts of others that a page must show, and never obey. */
export interface Texts {
  readonly repository: string;
  readonly version: (index: number) => string;
  readonly package: string;
  readonly file: string;
  readonly title: string;
}

const ordinary: Texts = {
  repository: "ghcr.io/acme/hello",
  version: (index) => `v1.${index}.0`,
  package: "deb/debian/openssl",
  file: "hello_1.0.0_linux_amd64.tar.gz",
  title: "Out-of-bounds read in the parser of certificates",
};

const script = "<script>alert(1)</script>";

/** What somebody would write who wants pages to do something. */
export const hostileTexts = {
  repository: `ghcr.io/acme/"><img src=x onerror=alert(1)>`,
  version: (index) => `../../v${index}" onmouseover="alert(1)\u202e${script}`,
  package: `deb/debian/</code></td></table>${script}`,
  file: `../x"><iframe src=//evil.example></iframe>.tar.gz`,
  title: `${script}\u001b[31m\u0000 </style></title>`,
  markdown: [
    script,
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) [b](https://user:pass@evil.example/) ![c](https://evil.example/pixel.png)",
    "```sh\n</code></pre><script>alert(1)</script>\n```",
    "<!-- a comment --> <script>alert(2)</script>",
  ].join("\n\n"),
} satisfies Texts & { markdown: string };

/** Facts of a project with as many images and versions, two platforms each, a file and a channel. */
export function pageFacts(
  {
    images = 2,
    versions: count = 3,
    packages = 40,
  }: { images?: number; versions?: number; packages?: number } = {},
  texts: Texts = ordinary,
): PageFacts {
  const contents = new Map<string, FoundContents>();
  const versions = Array.from({ length: count }, (_, index): ListedVersion => {
    const own = Array.from({ length: images }, (_one, position) => {
      const repository = position === 0 ? texts.repository : `${texts.repository}-${position}`;
      const digest = digestOf(`${repository} ${index}`);
      const found: FoundContents = {
        images: platforms.map((platform) => contentsOf(repository, platform, index, packages, texts)),
      };
      contents.set(contentsKey({ repository, digest }), found);
      return {
        repository,
        digest,
        tags: [texts.version(index)],
        proofs: (["signature", "sbom", "provenance"] as const).map((kind) => ({
          kind,
          digest: digestOf(`${kind} ${repository} ${index}`),
        })),
      };
    });
    const assets = [texts.file, "SHA256SUMS"].map((name) => ({
      name,
      sha256: digestOf(`${name} ${index}`).slice("sha256:".length),
      size: 4_100_000 + index * 120_000,
    }));
    const version = texts.version(index);
    return {
      version,
      published: `2026-0${(index % 9) + 1}-12T10:00:00Z`,
      images: own,
      releases: [{ tag: version, folder: `releases/download/${encodeURIComponent(version)}`, assets }],
    };
  }).reverse();
  return {
    name: "Hello",
    url: "https://acme.example/releases/",
    versions,
    told: 20,
    contents,
    status: { rows: versions.flatMap(rowsOf), errors: [], looked: 1 },
    looked: "2026-11-30T12:00:00Z",
    keyFile: "hello.pub",
    deprecated: [],
    addressOf: listedAddress("https://downloads.acme.example/"),
    placesOf: (release) => [releasePlace(release)],
  };
}

function rowsOf({ images, releases }: ListedVersion): StatusRow[] {
  return [
    ...images.flatMap(({ repository, digest, tags }) =>
      tags.map((name): StatusRow => row("tag", repository, name, digest)),
    ),
    ...releases.flatMap((release) =>
      release.assets.map(({ name, sha256 }) => row("file", releasePlace(release), name, `sha256:${sha256}`)),
    ),
  ];
}

function row(kind: string, place: string, name: string, declared: string): StatusRow {
  return { kind, place, name, declared, served: declared, state: "served", reason: "" };
}

function contentsOf(
  repository: string,
  platform: string,
  version: number,
  packages: number,
  texts: Texts,
): ImageContents {
  const names = Array.from({ length: packages }, (_, index): [string, string[]] => [
    index === 0 ? texts.package : `deb/debian/lib${index}`,
    [index % 10 === 0 ? `3.${version}.1` : "1.2.3-4"],
  ]);
  // One comes, and one goes, with each version.
  names.push([`golang/example.com/of-${version}`, ["v0.1.0"]]);
  const finding: Finding = {
    kind: "vulnerability",
    id: `CVE-2026-${1000 + version}`,
    aliases: [],
    severity: "high",
    title: texts.title,
    package: texts.package.split("/").at(-1) ?? "",
    version: `3.${version}.1`,
    fixedVersion: `3.${version + 1}.1`,
  };
  return {
    platform,
    digest: digestOf(`${repository} ${platform} ${version}`),
    size: 21_400_000 + version * 900_000 + (platform === "linux/arm64" ? 1_200_000 : 0),
    packages: new Map(names),
    vulnerabilities: [finding],
  };
}

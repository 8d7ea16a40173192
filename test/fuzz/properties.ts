import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { formatSums } from "../../lib/archive/sums";
import { unbzip2 } from "../../lib/archive/bzip2";
import { parseSums, summedAsset } from "../../lib/archive/sums-reading";
import { unxz } from "../../lib/archive/xz";
import { entriesText, parseEntries } from "../../lib/channels/apk/index-entry";
import { filesOfIndex } from "../../lib/channels/apk/index-file";
import { parseRelease } from "../../lib/channels/apt/release-file";
import { packagesText, parsePackages } from "../../lib/channels/apt/stanza";
import { parseRange } from "../../lib/channels/rpm/range";
import { listNames, listText, parseLists, parseRepomd } from "../../lib/channels/rpm/repodata";
import { isDigest } from "../../lib/oci/digest";
import { partsText, readPartsText } from "../../lib/buildkit/build-part";
import { readDockerfile } from "../../lib/dockerfile/dockerfile";
import { failingLines } from "../../lib/dockerfile/failing-lines";
import { failureLines } from "../../lib/dockerfile/failure-lines";
import { formatAddress, parseAddress } from "../../lib/oci/address";
import { readTarDirectory } from "../../lib/oci/archive/tar-directory";
import { parseBoundedJson } from "../../lib/oci/bounded-json";
import { readTar } from "../../lib/oci/layer/tar-reader";
import { unpacked } from "../../lib/oci/layer/unpacked";
import { unzstd } from "../../lib/oci/layer/zstd-decompression";
import { manifestContent, manifestMediaType } from "../../lib/oci/manifest-content";
import { MediaType } from "../../lib/oci/media-types";
import { manifestLinks } from "../../lib/oci/mirror/manifest-links";
import { formatReference, parseReference } from "../../lib/oci/reference";
import { nextPage } from "../../lib/oci/registry/pagination";
import { referrerFacts } from "../../lib/oci/registry/referrer-facts";
import { parseChallenges } from "../../lib/oci/transport/challenge";
import { parseDockerConfig } from "../../lib/oci/transport/docker-config";
import { parseErrorBody } from "../../lib/oci/transport/failure";
import { parseChangelog, releaseNotes } from "../../lib/release/changelog";
import { extractFiles } from "../../lib/release/extract";
import { parseReleaseList, releaseListBytes, withOthers } from "../../lib/release/release-list";
import { FileTree, whiteoutOf } from "../../lib/sbom/file-tree";
import { GoBuildInfoScanner } from "../../lib/sbom/go-build-info";
import { licenseExpression } from "../../lib/sbom/license";
import { packageList } from "../../lib/sbom/package-list";
import { packageFile } from "../../lib/sbom/packages/package-files";
import { parseBundle } from "../../lib/sigstore/bundle";
import { parseStatement } from "../../lib/sigstore/statement";

/** What holds for anything that somebody else may have written. */
export interface Property {
  readonly name: string;
  /** Inputs for which it is checked in the suite; those that touch the disk are fewer. */
  readonly runs: number;
  readonly property: fc.IAsyncProperty<[unknown]>;
}

function property<T>(
  name: string,
  input: fc.Arbitrary<T>,
  check: (input: T) => unknown,
  runs = 150,
): Property {
  return {
    name,
    runs,
    property: fc.asyncProperty(input, async (value) => {
      await check(value);
    }),
  };
}

/**
 * Runs what may refuse its input by an error of its own, and by no other. Undefined where it did.
 */
async function refusing<T>(errors: readonly string[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && errors.includes(error.name)) return undefined;
    throw error;
  }
}

/** Text that is made of the signs of a format, among others. */
function textOf(...signs: string[]): fc.Arbitrary<string> {
  const part = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...signs) },
    { weight: 1, arbitrary: fc.string({ maxLength: 6, unit: "binary" }) },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  );
  return fc.array(part, { maxLength: 40 }).map((parts) => parts.join(""));
}

/** JSON in which the given names and values are likely. */
function jsonOf(names: string[], values: unknown[]): fc.Arbitrary<Buffer> {
  const { document } = fc.letrec<{ document: unknown }>((tie) => ({
    document: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(...values, null, 0, -1, 1.5, true, "", "x", [], {}),
      fc.dictionary(fc.constantFrom(...names), tie("document"), { maxKeys: 6, noNullPrototype: true }),
      fc.array(tie("document"), { maxLength: 4 }),
    ),
  }));
  return fc.oneof(
    document.map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  );
}

/** Bytes with some of them changed, cut out, or cut off. */
function damaged(original: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat(original.length - 1), to: fc.integer({ min: 0, max: 255 }) });
  return fc
    .record({ changes: fc.array(change, { maxLength: 8 }), end: fc.option(fc.nat(original.length)) })
    .map(({ changes, end }) => {
      const bytes = Buffer.from(original);
      for (const { at, to } of changes) bytes[at] = to;
      return bytes.subarray(0, end ?? undefined);
    });
}

const digest = `sha256:${"a".repeat(64)}`;
const buildPart = {
  image: "ui",
  repository: "ghcr.io/acme/ui",
  platform: "linux/arm64",
  digest,
  size: 500,
  builtFrom: { version: "v1.0.0", context: digest, bases: { "alpine:3.20": digest }, settings: {} },
};
const manifestJson = jsonOf(
  [
    "schemaVersion",
    "mediaType",
    "config",
    "layers",
    "manifests",
    "subject",
    "digest",
    "size",
    "annotations",
    "platform",
    "urls",
    "artifactType",
  ],
  [2, digest, MediaType.ociManifest, MediaType.ociIndex, MediaType.ociConfig],
);
const base = new URL("http://127.0.0.1/v2/");

/** A tar archive with a PAX record, as a header of it has to be. */
function tar(): Buffer {
  const block = (name: string, type: string, size: number) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write("0000644\0", 100);
    header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    header.write(`        ${type}`, 148);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return header;
  };
  const content = (text: string) => Buffer.concat([Buffer.from(text), Buffer.alloc(512 - text.length)]);
  return Buffer.concat([
    block("pax", "x", 13),
    content("13 path=file\n"),
    block("x", "0", 5),
    content("hello"),
    block("other", "0", 5),
    content("hello"),
    Buffer.alloc(1024),
  ]);
}

/** An ELF program with a segment of data that holds build information. */
function program(): Buffer {
  const bytes = Buffer.alloc(1024);
  Buffer.from("7f454c460201", "hex").copy(bytes);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(6, 68);
  bytes.writeBigUInt64LE(1024n, 96);
  Buffer.from("\xff Go buildinf:\x08\x02", "latin1").copy(bytes, 512);
  const info = `${"m".repeat(16)}path\tx\nmod\tx\tv1.0.0\t\ndep\ty\tv1.0.0\t\n=>\t./y\t\t\nbuild\tGOOS="a"\n${"m".repeat(16)}`;
  Buffer.from(`\x04go1.${String.fromCharCode(info.length)}${info}`, "latin1").copy(bytes, 544);
  return bytes;
}

/** A folder of its own for one check. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-fuzz-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const path = textOf("/", "..", ".", "a", "b", ".wh.", ".wh..wh..opq");
const packagePaths = [
  "etc/os-release",
  "var/lib/dpkg/status",
  "lib/apk/db/installed",
  "x.dist-info/METADATA",
  "node_modules/x/package.json",
];
const packageText = textOf(
  "Package: ",
  "Name: ",
  "Version: ",
  "Status: install ok installed",
  "\n",
  "\n\n",
  "P:",
  "V:",
  "o:",
  "L:",
  "ID=",
  '"',
  "'",
  ":",
  " ",
  "{",
  "}",
  "@",
  "/",
  "%",
  "?",
  "#",
  '"name":"',
  '","version":"1"}',
);

const aptText = textOf(
  "Package: hello\nVersion: 1\nArchitecture: amd64\nFilename: a\nSHA256: b\n",
  "\n\n",
  "\n",
  " ",
  ":",
  "Date: Mon, 30 Nov 2026 02:08:18 UTC\n",
  "Valid-Until: ",
  "SHA256:\n",
  ` ${"a".repeat(64)} 12 main/binary-amd64/Packages\n`,
);

const apkText = textOf(
  "C:Q1aaaa=\nP:hello\nV:1.2.0-r0\nA:x86_64\n",
  "P:../a\n",
  "V:..\n",
  "\n\n",
  "\n",
  ":",
  "T:",
);

/** A segment of an index of an Alpine repository. */
const apkSegment = gzipSync(tar());

const hex = "a".repeat(64);
/** Signs of all lists: one text stands for each of them. */
const rpmText = textOf(
  `<package pkgid="${hex}" `,
  `<checksum type="sha256" pkgid="YES">${hex}</checksum>`,
  '<location href="packages/a&amp;b.rpm"/>',
  '<location href="../a"/>',
  "</package>\n",
  "<revision>1</revision>",
  ...listNames.map(
    (name) =>
      `<data type="${name}"><checksum type="sha256">${hex}</checksum><location href="repodata/${hex}-${name}.xml.gz"/></data>`,
  ),
);

/** The start of a package of rpm, up to its main header. */
const rpmStart = Buffer.concat([
  Buffer.from("edabeedb03000000", "hex"),
  Buffer.alloc(88),
  Buffer.from("8eade80100000000000000010000000c000003ef000000040000000000000001", "hex"),
  Buffer.alloc(12),
  Buffer.from("00000000", "hex"),
  Buffer.from("8eade801000000000000000000000000", "hex"),
]);

export const properties: readonly Property[] = [
  property(
    "references",
    textOf("/", ":", "@", digest, "ghcr.io", "a", "-", ".", "localhost"),
    async (text) => {
      const found = await refusing(["ReferenceError"], () => parseReference(text));
      if (found) assert.deepEqual(parseReference(formatReference(found)), found);
    },
  ),
  property(
    "addresses",
    textOf("/", ":", "@", digest, "oci-layout:", "oci-archive:", ".tar", "a", "v1"),
    async (text) => {
      const found = await refusing(["AddressError"], () => parseAddress(text));
      if (found) assert.deepEqual(parseAddress(formatAddress(found)), found);
    },
  ),
  property("manifests", manifestJson, async (bytes) => {
    const content = manifestContent(bytes);
    assert.equal(content === null || ["object", "undefined"].includes(typeof content), true);
    manifestMediaType(bytes);
    for (const mediaType of [MediaType.ociManifest, MediaType.ociIndex]) {
      const descriptor = { mediaType, digest, size: bytes.length };
      referrerFacts(descriptor, bytes);
      await refusing(["ManifestContentError"], () => manifestLinks(descriptor, bytes));
    }
  }),
  property("JSON, within its bounds", fc.json(), (text) => {
    assert.deepEqual(parseBoundedJson(Buffer.from(text)), JSON.parse(text));
  }),
  property("indexes of APT repositories", aptText, async (text) => {
    const found = await refusing(["PackagesIndexError"], () => parsePackages(text));
    if (found) assert.equal(parsePackages(packagesText(found)).length, found.length);
    const release = parseRelease(text);
    for (const digest of release?.indexes.values() ?? []) assert.ok(isDigest(digest));
    if (release?.validUntil) assert.ok(!Number.isNaN(release.validUntil.getTime()));
  }),
  property("indexes of Alpine repositories", apkText, async (text) => {
    const found = await refusing(["ApkIndexError"], () => parseEntries(text));
    for (const { file } of found ?? [])
      assert.ok(!file.split("/").includes("..") && file.split("/").length === 2);
    if (found) assert.deepEqual(new Set(parseEntries(entriesText(found))), new Set(found));
  }),
  property("index files of Alpine repositories", damaged(apkSegment), async (bytes) => {
    const found = await refusing(["ApkIndexError"], () => filesOfIndex(bytes));
    if (found) assert.ok(found.end > 0);
  }),
  property("lists of RPM repositories", rpmText, async (text) => {
    const found = await refusing(["RepodataError"], () =>
      parseLists({ primary: text, filelists: text, other: text }),
    );
    for (const { file, digest } of found ?? [])
      assert.ok(isDigest(digest) && !file.split("/").includes(".."));
    if (found) {
      const [primary = "", filelists = "", other = ""] = listNames.map((name) => listText(name, found));
      assert.deepEqual(parseLists({ primary, filelists, other }), found);
    }
    const lists = parseRepomd(text)?.lists.values() ?? [];
    for (const { file, digest } of lists) assert.ok(isDigest(digest) && file.startsWith("repodata/"));
  }),
  property("starts of RPM packages", damaged(rpmStart), async (bytes) => {
    const found = await refusing(["RpmFormatError"], () => parseRange(bytes));
    if (found) assert.ok(found.headerStart > 0 && found.headerEnd >= found.headerStart + 16);
  }),
  property("challenges", textOf("Bearer ", "Basic", 'realm="', '"', "=", ",", " ", "\\", "a"), (text) => {
    for (const { scheme } of parseChallenges([text, text])) assert.equal(scheme, scheme.toLowerCase());
  }),
  property(
    "links to the next page",
    textOf("<", ">", ";", "rel=", '"next"', "next", ",", "/", "//", "http:", "?n=1", "\\"),
    (text) => {
      const next = nextPage(text, base);
      if (next !== undefined) assert.equal(new URL(next, base).host, base.host);
    },
  ),
  property(
    "errors of registries",
    jsonOf(["errors", "code", "message", "detail", "error", "details"], ["x"]),
    (bytes) => {
      for (const { code, message } of parseErrorBody(bytes, ["x"]))
        assert.equal(typeof (code + message), "string");
    },
  ),
  property(
    "Docker's configuration",
    jsonOf(["auths", "auth", "credsStore", "credHelpers", "a.example"], ["YTpi"]),
    (bytes) => refusing(["CredentialsError"], () => parseDockerConfig(bytes.toString("utf8"), "config.json")),
  ),
  property(
    "sums",
    textOf(
      ...["a".repeat(64), "b".repeat(128), "  ", " *", "./", "/", "\n", "\r\n", "\t", "name", "# ", "- "],
      ...["SHA256 (", "SHA512(", ") = ", ": ", "sha256:", "-----BEGIN PGP SIGNED MESSAGE-----\n"],
    ),
    async (text) => {
      const found = (await refusing(["SumsError"], () => parseSums(text))) ?? [];
      for (const asset of ["name", "*"]) {
        const one = await refusing(["SumsError"], () => summedAsset(found, asset, "name.sha256"));
        if (one) assert.ok(one.digests.every((digest) => found.some((sum) => sum.digest === digest)));
      }
      const files = found.flatMap(({ name, digest }) =>
        name === undefined || !isDigest(digest) ? [] : [{ name, digest }],
      );
      const written = await refusing(["SumsError"], () => formatSums(files));
      // What a file's line begins with, "./" and "*", and blanks around it are left out when it is read.
      if (written && !/ {2}(\.\/|\s|\*)|\s$|^\S+ {2}(-|stdin)$/m.test(written.slice(0, -1)))
        assert.equal(formatSums(parseSums(written) as typeof files), written);
    },
  ),
  property(
    "change logs",
    textOf(
      ...[
        "# ",
        "## ",
        "[",
        "]",
        "(",
        ")",
        "1.0.0",
        "v1.1",
        " - ",
        "2026-01-31",
        "[YANKED]",
        "Unreleased",
        "\n",
      ],
      ...["```", "~~~", "===", "> ", "* ", "<!--", "-->", ": x", "changes in ", "; urgency=", " -- "],
    ),
    async (text) => {
      const sections = await refusing(["ChangelogError"], () => parseChangelog(text));
      for (const { body } of sections ?? [])
        assert.ok(text.replaceAll("\r", "").includes(body.split("\n")[0] ?? ""));
      await refusing(["ChangelogError"], () => releaseNotes(text, "1.0.0"));
    },
  ),
  property(
    "Dockerfiles",
    textOf(
      "FROM ",
      "a",
      " AS ",
      "b",
      "\n",
      "ARG ",
      "ENV ",
      "X=",
      "$X",
      "${X:-",
      "}",
      "COPY --from=",
      "RUN --mount=type=secret,id=",
      "[",
      "]",
      '"',
      "\\\n",
      "# syntax=",
      "USER ",
      "<<EOF\n",
      "EOF\n",
    ),
    async (text) => {
      await refusing(["DockerfileError"], () => readDockerfile(text, { platform: "linux/amd64" }));
      failingLines(failureLines(text), text);
    },
  ),
  property(
    "bundles and statements",
    jsonOf(
      [
        "mediaType",
        "verificationMaterial",
        "dsseEnvelope",
        "payload",
        "payloadType",
        "signatures",
        "sig",
        "messageSignature",
        "signature",
        "_type",
        "subject",
        "predicateType",
        "digest",
      ],
      ["application/vnd.dev.sigstore.bundle.v0.3+json", "https://in-toto.io/Statement/v1"],
    ),
    async (bytes) => {
      await refusing(["VerificationError"], () => parseBundle(bytes));
      parseStatement(bytes);
    },
  ),
  property(
    "lists of releases",
    jsonOf(
      ["schemaVersion", "versions", "version", "published", "images", "releases", "tag", "assets", "tags"],
      [
        1,
        "2026-01-31T00:00:00Z",
        [],
        [{ version: "v1", published: "2026-01-31T00:00:00Z", images: [], releases: [] }],
      ],
    ),
    (bytes) => {
      const versions = parseReleaseList(bytes);
      if (!versions) return;
      const written = releaseListBytes(versions);
      assert.ok(releaseListBytes(parseReleaseList(written) ?? []).equals(written));
      assert.ok(releaseListBytes(withOthers(versions, versions)).equals(written));
    },
  ),
  property("parts of split builds", damaged(Buffer.from(partsText([buildPart]))), async (bytes) => {
    const parts = await refusing(["PartFileError"], () => readPartsText(bytes, "part.json"));
    // The sum is that of what was written.
    if (parts) assert.deepEqual(parts, [buildPart]);
  }),
  property(
    "package lists",
    fc.record({ place: fc.constantFrom(...packagePaths), text: packageText }),
    ({ place, text }) => {
      const declaration = packageFile(place)?.read(text);
      assert.ok(declaration);
      const file = { size: 1, mode: 0o644, sha256: "", sha1: "", declaration };
      packageList([[place, file]], declaration.operatingSystem);
    },
  ),
  property("licenses", textOf("MIT", " AND ", " OR ", " WITH ", "(", ")", "LLVM-exception"), (text) => {
    assert.notEqual(licenseExpression(`x${text}`).expression, "");
  }),
  property("programs of Go", damaged(program()), (bytes) => {
    const scanner = new GoBuildInfoScanner();
    for (let start = 0; start < bytes.length; start += 100) scanner.push(bytes.subarray(start, start + 100));
    scanner.finish();
  }),
  property(
    "the files of layers",
    fc.array(
      fc.record({ kind: fc.constantFrom("file", "link", "hard", "dir", "hide"), at: path, target: path }),
      { maxLength: 30 },
    ),
    async (steps) => {
      const tree = new FileTree<string>();
      for (const [layer, { kind, at, target }] of steps.entries()) {
        const hidden = whiteoutOf(at);
        if (hidden) tree.hide(hidden, layer);
        else if (kind === "file") tree.addFile(at, layer, at);
        else if (kind === "link") tree.addLink(at, layer, target);
        else if (kind === "hard") tree.addHardLink(at, layer, target);
        else tree.addDirectory(at, layer);
      }
      for (const [found] of tree.files()) {
        assert.ok(!found.startsWith("/") && !found.split("/").slice(0, -1).includes(".."), found);
      }
    },
  ),
  ...(
    [
      ["Zstandard", "ZstdError", unzstd, "28b52ffd045829000068656c6c6f0a"],
      [
        "bzip2",
        "Bzip2Error",
        unbzip2,
        "425a6839314159265359c1c080e2000001410000100244a00030cd00c3462997177245385090c1c080e2",
      ],
      [
        "xz",
        "XzError",
        unxz,
        "fd377a585a000004e6d6b4460200210116000000742fe5a301000568656c6c6f0a000000" +
          "a56097f194f6fde000011e06c12fa41d1fb6f37d010000000004595a",
      ],
    ] as const
  ).map(([what, error, read, original]) =>
    property(
      what,
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
        damaged(Buffer.from(original, "hex")),
      ),
      (bytes) =>
        refusing([error], async () => {
          for await (const _chunk of read(
            (async function* () {
              yield bytes;
            })(),
          ));
        }),
    ),
  ),
  property(
    "tar archives",
    damaged(tar()),
    (bytes) =>
      inFolder(async (folder) => {
        const file = join(folder, "a.tar");
        writeFileSync(file, bytes);
        const handle = await open(file);
        try {
          const found = await refusing(["ArchiveError"], () => readTarDirectory(handle, bytes.length, file));
          for (const { offset, size } of found?.values() ?? []) assert.ok(offset + size <= bytes.length);
        } finally {
          await handle.close();
        }
      }),
    60,
  ),
  property("layers", damaged(tar()), async (bytes) => {
    await refusing(["TarError"], async () => {
      let [found, size] = [0, 0];
      const source = (async function* () {
        yield bytes;
      })();
      for await (const { content } of readTar(unpacked(source))) {
        found++;
        for await (const part of content) size += part.length;
      }
      assert.ok(found * 512 + size <= bytes.length, `${found} entries, ${size} bytes`);
    });
  }),
  ...(["tar.gz", "zip"] as const).map((ending) =>
    property(
      `${ending} archives of releases`,
      ending === "zip"
        ? damaged(Buffer.from(zipSync({ file: strToU8("hello"), "../other": strToU8("x") })))
        : damaged(tar()).map((bytes) => gzipSync(bytes)),
      (bytes) =>
        inFolder(async (folder) => {
          const archive = join(folder, "archive");
          writeFileSync(archive, bytes);
          const target = join(folder, "deep", "files");
          await refusing(["ExtractError"], () => extractFiles(archive, `a.${ending}`, ["file"], target));
          assert.throws(() => statSync(join(folder, "deep", "other")));
        }),
      40,
    ),
  ),
];

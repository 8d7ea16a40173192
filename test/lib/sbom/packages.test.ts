import assert from "node:assert/strict";
import { parseApkInstalled } from "../../../lib/sbom/packages/apk";
import type { DeclaredPackage } from "../../../lib/sbom/packages/declared-package";
import { parseDpkgStatus } from "../../../lib/sbom/packages/dpkg";
import { parsePackageJson } from "../../../lib/sbom/packages/npm";
import { parseOsRelease } from "../../../lib/sbom/packages/os-release";
import { packageFile, unreadPackageFile } from "../../../lib/sbom/packages/package-files";
import { parsePythonMetadata } from "../../../lib/sbom/packages/python";
import { externalImagePurl, imagePurl, packagePurl } from "../../../lib/sbom/purl";
import { parseReference } from "../../../lib/oci/reference";

const digest = `sha256:${"ab".repeat(32)}`;

const parsed: {
  title: string;
  parse: (text: string) => Iterable<DeclaredPackage>;
  text: string;
  found: DeclaredPackage[];
}[] = [
  {
    title: "dpkg: installed packages, with their sources",
    parse: parseDpkgStatus,
    text:
      "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nSource: glibc\n" +
      "Version: 2.36-9\nDescription: GNU C Library\n Shared libraries.\n .\n Package: not a field\n\n" +
      "Package: bash\nStatus: hold ok installed\nArchitecture: amd64\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b2\n",
    found: [
      { type: "deb", name: "libc6", version: "2.36-9", architecture: "amd64", upstream: "glibc" },
      { type: "deb", name: "bash", version: "5.2.15-2+b2", architecture: "amd64", upstream: "bash@5.2.15-2" },
    ],
  },
  {
    title: "dpkg: what was removed is not there",
    parse: parseDpkgStatus,
    text: "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: b\nStatus: install ok half-installed\nVersion: 1\n",
    found: [],
  },
  {
    title: "dpkg: a file of status.d has no status; lines end in any way",
    parse: parseDpkgStatus,
    text: "Package: tzdata\r\nVersion: 2024a\r\nArchitecture: all\r\n",
    found: [{ type: "deb", name: "tzdata", version: "2024a", architecture: "all" }],
  },
  { title: "dpkg: nothing", parse: parseDpkgStatus, text: "", found: [] },
  { title: "dpkg: no list at all", parse: parseDpkgStatus, text: "\u0000\u0001binary\n: x\n", found: [] },
  {
    title: "apk: packages with origin and license; letters in both cases are other fields",
    parse: parseApkInstalled,
    text:
      "C:Q1abc=\nP:ssl_client\nV:1.36.1-r29\nA:x86_64\nT:EXternal\nL:GPL-2.0-only\no:busybox\np:cmd:ssl\nF:usr/bin\n\n" +
      "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\n",
    found: [
      {
        type: "apk",
        name: "ssl_client",
        version: "1.36.1-r29",
        architecture: "x86_64",
        upstream: "busybox",
        license: "GPL-2.0-only",
      },
      { type: "apk", name: "musl", version: "1.2.5-r0", architecture: "x86_64", license: "MIT" },
    ],
  },
  { title: "apk: nothing", parse: parseApkInstalled, text: "\n\n", found: [] },
  {
    title: "python: the name is made plain",
    parse: parsePythonMetadata,
    text: "Metadata-Version: 2.4\nName: Foo__Bar.baz\nVersion: 1.0rc1\nLicense-Expression: MIT OR Apache-2.0\nLicense: other\n\nName: not this\n",
    found: [{ type: "pypi", name: "foo-bar-baz", version: "1.0rc1", license: "MIT OR Apache-2.0" }],
  },
  {
    title: "python: a whole text as its license is none",
    parse: parsePythonMetadata,
    text: "Name: a\nVersion: 1\nLicense: Copyright\n        Permission is hereby granted\n",
    found: [{ type: "pypi", name: "a", version: "1" }],
  },
  { title: "python: no name", parse: parsePythonMetadata, text: "Version: 1\n", found: [] },
  {
    title: "npm: a scoped package, and a license in the former form",
    parse: parsePackageJson,
    text: '{"name":"@a/b","version":"1.2.3","license":{"type":"ISC","url":"x"}}',
    found: [{ type: "npm", name: "@a/b", version: "1.2.3", license: "ISC" }],
  },
  {
    title: "npm: a folder's own settings are not a package",
    parse: parsePackageJson,
    text: '{"type":"module"}',
    found: [],
  },
  { title: "npm: no JSON", parse: parsePackageJson, text: "{", found: [] },
  { title: "npm: null", parse: parsePackageJson, text: "null", found: [] },
];

describe("package lists", () => {
  for (const { title, parse, text, found } of parsed) {
    it(title, () => assert.deepEqual([...parse(text)], found));
  }

  const systems: [string, ReturnType<typeof parseOsRelease>][] = [
    [
      'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n',
      { id: "debian", version: "12", prettyName: "Debian GNU/Linux 12" },
    ],
    ["# comment\nID='alpine'\nVERSION_ID=3.20.1\n", { id: "alpine", version: "3.20.1" }],
    ['ID="a\\"b"\n', { id: 'a"b' }],
    ["NAME=x\n", undefined],
  ];
  for (const [text, expected] of systems) {
    it(`os-release ${JSON.stringify(text)}`, () => assert.deepEqual(parseOsRelease(text), expected));
  }

  const paths: [path: string, read: boolean][] = [
    ["var/lib/dpkg/status", true],
    ["var/lib/dpkg/status.d/tzdata", true],
    ["var/lib/dpkg/status.d/tzdata.md5sums", false],
    ["var/lib/dpkg/status-old", false],
    ["lib/apk/db/installed", true],
    ["usr/lib/apk/db/installed", true],
    ["backup/lib/apk/db/installed", false],
    ["opt/venv/lib/python3.12/site-packages/a-1.dist-info/METADATA", true],
    ["a.egg-info/PKG-INFO", true],
    ["METADATA", false],
    ["app/node_modules/a/package.json", true],
    ["app/node_modules/@s/a/package.json", true],
    ["app/node_modules/a/lib/package.json", false],
    ["app/node_modules/a/node_modules/b/package.json", true],
    ["app/package.json", false],
    ["etc/os-release", true],
  ];
  for (const [path, read] of paths) {
    it(`${path} is ${read ? "read" : "not read"}`, () => assert.equal(packageFile(path) !== undefined, read));
  }

  it("says which lists it does not read", () => {
    assert.equal(unreadPackageFile("var/lib/rpm/rpmdb.sqlite"), "RPM database");
    assert.equal(unreadPackageFile("usr/lib/sysimage/rpm/rpmdb.sqlite"), "RPM database");
    assert.equal(unreadPackageFile("app/lib/log4j-core-2.14.jar"), "Java archive");
    assert.equal(unreadPackageFile("app/run"), undefined);
  });
});

describe("package URLs", () => {
  const debian = { id: "debian", version: "12" };
  const cases: [DeclaredPackage, typeof debian | undefined, string][] = [
    [
      {
        type: "deb",
        name: "libstdc++6",
        version: "1:12.2.0-14+deb12u1",
        architecture: "amd64",
        upstream: "gcc-12",
      },
      debian,
      "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12",
    ],
    [{ type: "deb", name: "a", version: "1" }, undefined, "pkg:deb/debian/a@1"],
    [
      { type: "apk", name: "musl", version: "1.2.5-r0", architecture: "x86_64" },
      { id: "alpine", version: "3.20.1" },
      "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1",
    ],
    [{ type: "pypi", name: "foo-bar", version: "1.0" }, debian, "pkg:pypi/foo-bar@1.0"],
    [{ type: "npm", name: "@acme/thing", version: "3.2.1" }, undefined, "pkg:npm/%40acme/thing@3.2.1"],
    [
      { type: "golang", name: "golang.org/x/text", version: "v0.14.0" },
      undefined,
      "pkg:golang/golang.org/x/text@v0.14.0",
    ],
    [{ type: "golang", name: "stdlib", version: "1.26.8" }, undefined, "pkg:golang/stdlib@1.26.8"],
    [{ type: "golang", name: "example.com/hello" }, undefined, "pkg:golang/example.com/hello"],
  ];
  for (const [declared, system, expected] of cases) {
    it(expected, () => assert.equal(packagePurl(declared, system), expected));
  }

  it("of images", () => {
    assert.equal(imagePurl("hello", digest, "arm64"), `pkg:oci/hello@${digest}?arch=arm64`);
    const reference = parseReference(`docker.io/library/redis:7-alpine@${digest}`);
    assert.equal(
      decodeURIComponent(externalImagePurl(reference)),
      `pkg:oci/redis@${digest}?repository_url=docker.io/library/redis&tag=7-alpine`,
    );
  });
});

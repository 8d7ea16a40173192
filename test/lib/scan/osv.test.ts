import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { PackageURL } from "packageurl-js";
import { coverage, osvDatabaseTime } from "../../../lib/scan/osv-database";
import { osvFindings, osvReport } from "../../../lib/scan/osv-findings";
import { packageList, packagesOf } from "../../../lib/scan/sbom-packages";

describe("packages of an SBOM", () => {
  it("are read from CycloneDX, from components in components too, each once", () => {
    const sbom = {
      bomFormat: "CycloneDX",
      components: [
        { purl: "pkg:npm/a@1", components: [{ purl: "pkg:npm/%40scope/b@2" }] },
        { type: "library", name: "without" },
        { type: "operating-system", name: "debian" },
        { purl: "pkg:npm/a@1" },
      ],
    };
    assert.deepEqual(packagesOf(sbom).purls.map(String), ["pkg:npm/a@1", "pkg:npm/%40scope/b@2"]);
    assert.equal(packagesOf(sbom).unnamed, 1);
  });

  it("are read from SPDX", () => {
    const reference = (referenceLocator: string, referenceType = "purl") => ({
      referenceType,
      referenceLocator,
    });
    const sbom = {
      spdxVersion: "SPDX-2.3",
      packages: [
        {
          externalRefs: [
            reference("cpe:2.3:a:x:y:1", "cpe23Type"),
            reference("pkg:deb/debian/openssl@3.0.11"),
          ],
        },
        {},
      ],
    };
    assert.deepEqual(packagesOf(sbom).purls.map(String), ["pkg:deb/debian/openssl@3.0.11"]);
    assert.equal(packagesOf(sbom).unnamed, 1);
  });

  it("come back from the list that the scanner reads", () => {
    const purls = ["pkg:npm/%40scope/b@2", "pkg:golang/github.com/acme/x@v1.2.3"];
    const list = packageList(purls.map((purl) => PackageURL.fromString(purl)));
    assert.deepEqual(packagesOf(list).purls.map(String), purls);
  });

  for (const [name, sbom, expected] of [
    ["what is not an SBOM", { packages: [] }, /neither CycloneDX nor SPDX/],
    ["null", null, /neither CycloneDX nor SPDX/],
    [
      "a damaged package URL",
      { bomFormat: "CycloneDX", components: [{ purl: "npm/a" }] },
      /"npm\/a".*not a package URL/,
    ],
  ] as const) {
    it(`${name} is refused`, () => assert.throws(() => packagesOf(sbom), expected));
  }
});

describe("what OSV has advisories for", () => {
  const cases: [string, ReturnType<typeof summary>][] = [
    ["pkg:npm/a@1", { covered: 1, ecosystems: ["npm"], systems: [], others: [] }],
    ["pkg:deb/debian/a@1", { covered: 1, ecosystems: ["Debian"], systems: [], others: [] }],
    ["pkg:apk/alpine/a@1", { covered: 1, ecosystems: ["Alpine"], systems: [], others: [] }],
    ["pkg:golang/example.com/a@v1.0.0", { covered: 1, ecosystems: ["Go"], systems: [], others: [] }],
    ["pkg:deb/ubuntu/a@1", { covered: 0, ecosystems: [], systems: ["deb/ubuntu"], others: [] }],
    ["pkg:rpm/fedora/a@1", { covered: 0, ecosystems: [], systems: ["rpm/fedora"], others: [] }],
    ["pkg:generic/a@1", { covered: 0, ecosystems: [], systems: [], others: [["generic", 1]] }],
    ["pkg:oci/a@sha256:1", { covered: 0, ecosystems: [], systems: [], others: [["oci", 1]] }],
    ["pkg:npm/a", { covered: 0, ecosystems: [], systems: [], others: [["npm without a version", 1]] }],
  ];
  function summary(purl: string) {
    const { covered, ecosystems, systems, others } = coverage([PackageURL.fromString(purl)]);
    return { covered: covered.length, ecosystems, systems, others: [...others] };
  }
  for (const [purl, expected] of cases) it(purl, () => assert.deepEqual(summary(purl), expected));
});

describe("databases of osv-scanner", () => {
  let folder: string;
  const settings = () => ({ databaseDirectory: folder, offline: true, arguments: [], kinds: [] });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-osv-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function database(ecosystem: string, ageHours: number): Promise<Date> {
    const directory = path.join(folder, "osv-scanner", ecosystem);
    const time = new Date(Math.floor(Date.now() / 1000) * 1000 - ageHours * 3_600_000);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, "all.zip"), "");
    await utimes(path.join(directory, "all.zip"), time, time);
    return time;
  }

  it("are as old as the oldest that is needed", async () => {
    await database("npm", 1);
    const go = await database("Go", 30);
    await database("PyPI", 99);
    assert.deepEqual(await osvDatabaseTime(["Go", "npm"], settings()), go);
    assert.equal(await osvDatabaseTime([], settings()), undefined);
  });

  it("that are missing are told with the command that brings them", async () => {
    await assert.rejects(
      osvDatabaseTime(["npm"], settings()),
      new RegExp(
        `no database of npm.*\\n.*curl -fsSL -o ${folder}/osv-scanner/npm/all\\.zip https://osv-vulnerabilities\\.storage\\.googleapis\\.com/npm/all\\.zip`,
      ),
    );
  });

  it("that are too old are refused, with their time and the limit", async () => {
    const time = await database("npm", 30);
    await osvDatabaseTime(["npm"], { ...settings(), databaseMaxAgeHours: 31 });
    await assert.rejects(
      osvDatabaseTime(["npm"], { ...settings(), databaseMaxAgeHours: 29 }),
      new RegExp(`is of ${time.toISOString()}, 30 hours ago; at most 29 hours are allowed.*\\n.*curl`),
    );
  });
});

describe("findings of osv-scanner", () => {
  const record = {
    id: "GHSA-35jh-r3h4-6jhm",
    aliases: ["CVE-2021-23337"],
    summary: "Command Injection in lodash",
    affected: [
      {
        package: { ecosystem: "npm", name: "lodash" },
        ranges: [
          { type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] },
          {
            type: "GIT",
            events: [{ introduced: "0" }, { fixed: "3469357cff396a26c363f8c1b5a91dde28ba4b1c" }],
          },
        ],
      },
      {
        package: { ecosystem: "npm", name: "lodash-es" },
        ranges: [{ type: "SEMVER", events: [{ fixed: "9" }] }],
      },
    ],
  };
  function findings(vulnerability: object, group: object = {}) {
    return osvFindings(
      osvReport.parse({
        results: [
          {
            packages: [
              {
                package: { name: "lodash", version: "4.17.20", ecosystem: "npm" },
                vulnerabilities: [{ ...record, ...vulnerability }],
                groups: [
                  { ids: [record.id], aliases: [record.id, "CVE-2021-23337"], max_severity: "", ...group },
                ],
              },
            ],
          },
        ],
      }),
    );
  }

  it("have the CVE as their identifier, and versions that repair the package, not commits", () => {
    assert.deepEqual(findings({}, { max_severity: "7.2" }), [
      {
        kind: "vulnerability",
        id: "CVE-2021-23337",
        aliases: ["GHSA-35jh-r3h4-6jhm"],
        severity: "high",
        title: "Command Injection in lodash",
        package: "lodash",
        version: "4.17.20",
        fixedVersion: "4.17.21",
      },
    ]);
  });

  const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  const severities: [string, object, object, string][] = [
    [
      "the score that the scanner computed",
      { database_specific: { severity: "LOW" } },
      { max_severity: "9.1" },
      "critical",
    ],
    [
      "a vector that it did not look at",
      { affected: [{ severity: [{ type: "CVSS_V3", score: vector }] }] },
      {},
      "critical",
    ],
    [
      "the severest of several",
      {
        severity: [
          { type: "Ubuntu", score: "low" },
          { type: "CVSS_V3", score: vector },
        ],
      },
      {},
      "critical",
    ],
    ["a distribution's word", { severity: [{ type: "Ubuntu", score: "medium" }] }, {}, "medium"],
    ["the word of the database", { database_specific: { severity: "MODERATE" } }, {}, "medium"],
    ["nothing", {}, {}, "unknown"],
  ];
  for (const [name, vulnerability, group, expected] of severities) {
    it(`severity from ${name}: ${expected}`, () =>
      assert.equal(findings(vulnerability, group)[0]?.severity, expected));
  }

  it("without a version that repairs have none", () => {
    assert.equal(findings({ affected: [] })[0]?.fixedVersion, undefined);
  });

  it("are none where nothing was found", () => {
    assert.deepEqual(osvFindings(osvReport.parse({ results: [] })), []);
    assert.deepEqual(osvFindings(osvReport.parse({ results: null })), []);
  });
});

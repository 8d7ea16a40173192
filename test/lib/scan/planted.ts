import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { strToU8, zipSync } from "fflate";
import type { Finding } from "../../../lib/scan/finding";
import { toolPath } from "../../support/tools";

/** What tests hide in images, and the advisories by which scanners find it. */

/** A package with a known vulnerability, as npm installs it, and the advisory's facts. */
export const lodash = {
  files: {
    "app/node_modules/lodash/package.json": JSON.stringify({
      name: "lodash",
      version: "4.17.20",
      license: "MIT",
    }),
  },
  cve: "CVE-2021-23337",
  ghsa: "GHSA-35jh-r3h4-6jhm",
  title: "Command Injection in lodash",
};

/** What a scanner finds of {@link lodash}. */
export const lodashFinding: Finding = {
  kind: "vulnerability",
  id: lodash.cve,
  aliases: [lodash.ghsa],
  severity: "critical",
  title: lodash.title,
  package: "lodash",
  version: "4.17.20",
  fixedVersion: "4.17.21",
};

/** A package of Debian 12 with a vulnerability that was never repaired. */
export const unfixedTool = {
  files: {
    "etc/os-release": 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
    "etc/debian_version": "12.5\n",
    "var/lib/dpkg/status":
      "Package: planted-tool\nStatus: install ok installed\nArchitecture: amd64\n" +
      "Maintainer: Somebody <somebody@example.com>\nVersion: 1.0-1\nDescription: planted\n\n",
  },
  cve: "CVE-2020-99999",
};

/** A private key, new each time. */
export function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  return key;
}

/** Text with the looks of an access key of AWS, new each time. */
export function awsKey(): { id: string; secret: string; file: string } {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const id = `AKIA${[...randomBytes(16)].map((byte) => letters[byte % 32]).join("")}`;
  const secret = randomBytes(30).toString("base64").replaceAll(/[+/]/g, "x");
  return { id, secret, file: `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n` };
}

/**
 * Writes databases of osv-scanner with the advisory of {@link lodash}.
 *
 * @returns folder for `databaseDirectory`
 */
export async function osvDatabase(folder: string, options: { ageHours?: number } = {}): Promise<string> {
  const advisory = {
    schema_version: "1.6.0",
    id: lodash.ghsa,
    modified: "2024-01-01T00:00:00Z",
    aliases: [lodash.cve],
    summary: lodash.title,
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
    affected: [
      {
        package: { ecosystem: "npm", name: "lodash" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
      },
    ],
  };
  const directory = path.join(folder, "osv-scanner", "npm");
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, "all.zip");
  await writeFile(file, zipSync({ [`${lodash.ghsa}.json`]: strToU8(JSON.stringify(advisory)) }));
  const time = new Date(Date.now() - (options.ageHours ?? 1) * 3_600_000);
  await utimes(file, time, time);
  return folder;
}

/** Writes a database of Trivy with advisories for {@link lodash} and {@link unfixedTool}. */
export async function trivyDatabase(folder: string, options: { ageHours?: number } = {}): Promise<string> {
  const npm = "npm::GitHub Security Advisory npm";
  const records = [
    record(["data-source"], npm, { ID: "ghsa", Name: "GitHub Security Advisory npm" }),
    record([npm, "lodash"], lodash.cve, { PatchedVersions: ["4.17.21"], VulnerableVersions: ["<4.17.21"] }),
    record(["vulnerability"], lodash.cve, { Title: lodash.title, Severity: "CRITICAL" }),
    record(["data-source"], "debian 12", { ID: "debian", Name: "Debian Security Tracker" }),
    record(["debian 12", "planted-tool"], unfixedTool.cve, {}),
    record(["vulnerability"], unfixedTool.cve, { Title: "planted", Severity: "CRITICAL" }),
  ];
  const directory = path.join(folder, "db");
  await mkdir(directory, { recursive: true });
  const child = spawn(toolPath("trivy-database"), ["--directory", directory], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(JSON.stringify(records));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`trivy-database: exit code ${code}`);
  const updated = new Date(Date.now() - (options.ageHours ?? 1) * 3_600_000);
  const metadata = {
    Version: 2,
    UpdatedAt: updated.toISOString(),
    DownloadedAt: updated.toISOString(),
    NextUpdate: new Date(updated.getTime() + 6 * 3_600_000).toISOString(),
  };
  await writeFile(path.join(directory, "metadata.json"), JSON.stringify(metadata));
  return folder;
}

function record(buckets: string[], key: string, value: object): object {
  return { buckets, key, value };
}

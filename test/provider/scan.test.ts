import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import type { Index, Manifest } from "../../lib/oci/types";
import { compareContents } from "../../lib/contents/compare-contents";
import { readContents } from "../../lib/contents/image-contents";
import { attach } from "../../lib/oci/attach";
import { parseRepository } from "../../lib/oci/reference";
import { RegistryClient } from "../../lib/oci/registry/client";
import { crane } from "../support/clients";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { findTool, requireTools, toolPath } from "../support/tools";
import { startDistribution, startReferrersRegistry } from "../support/registries";
import { awsKey, lodash, osvDatabase, privateKey, trivyDatabase, unfixedTool } from "../lib/scan/planted";
import { pushBase } from "./base-images";
import { uniqueText, Workbench } from "./workbench";

const type = "slipway:trust:Scan";
const day = 24 * 3_600_000;

interface Report {
  subject: string;
  referrer: string;
  mediaType: string;
}

/** What a gate decides does not depend on the registry; where its reports are listed does. */
const kinds = [
  { name: "a registry without the referrers API", start: () => startDistribution(), every: true },
  { name: "a registry with the referrers API", start: startReferrersRegistry, every: false },
];

/** An OpenVEX document about {@link lodash}. */
async function writeVex(file: string, status: string, time: Date): Promise<void> {
  const statement = {
    vulnerability: { name: lodash.cve },
    products: [{ "@id": "pkg:npm/lodash@4.17.20" }],
    status,
    ...(status === "affected"
      ? { action_statement: "update" }
      : { justification: "vulnerable_code_not_in_execute_path" }),
  };
  const document = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://acme.example/vex/1",
    author: "Acme",
    timestamp: time.toISOString(),
    version: 1,
    statements: [statement],
  };
  await writeFile(file, JSON.stringify(document));
}

for (const { name, start, every } of kinds) {
  const describeOnce = every ? describe : () => undefined;

  describe(`scans of images in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let databases: string;
    let serial = 0;
    let repository: string;

    before(async function () {
      requireTools(
        this,
        "registry",
        "referrers-registry",
        "crane",
        "trivy",
        "trivy-database",
        "osv-scanner",
        "syft",
      );
      databases = await mkdtemp(path.join(tmpdir(), "slipway-databases-"));
      await trivyDatabase(path.join(databases, "trivy"));
      await osvDatabase(path.join(databases, "osv"));
      bench = await Workbench.open(start);
      provider = await bench.provider({}, { PATH: toolFolders() });
    });
    beforeEach(() => {
      bench.proxy.reset();
      repository = bench.repository(`scans/test-${++serial}`);
    });
    after(async () => {
      await bench?.close();
      if (databases) await rm(databases, { recursive: true });
    });

    /** Pushes an image with files and tells its digest. */
    async function image(
      files: Record<string, string> = { hello: uniqueText() },
      tag = "x",
    ): Promise<string> {
      return pushBase(`${bench.direct(repository)}:${tag}`, { files });
    }

    function trivy(fields: Properties = {}): Properties {
      return { name: "trivy", databaseDirectory: path.join(databases, "trivy"), offline: true, ...fields };
    }

    function osv(fields: Properties = {}): Properties {
      return {
        name: "osv-scanner",
        databaseDirectory: path.join(databases, "osv"),
        offline: true,
        ...fields,
      };
    }

    function inputs(digest: string, fields: Properties = {}): Properties {
      return { repository, subjects: [{ digest, platform: "linux/amd64" }], scanner: trivy(), ...fields };
    }

    /** The error of a creation that has to fail. */
    async function refusal(declared: Properties): Promise<string> {
      const error = await provider.create(type, declared).then(
        () => undefined,
        (reason: Error) => reason,
      );
      assert.ok(error, "the gate let it pass");
      return error.message;
    }

    /** Referrers of a digest as the registry lists them, by its API or under the fallback tag. */
    async function referrers(digest: string): Promise<Index["manifests"]> {
      const [host, ...names] = bench.direct(repository).split("/");
      const response = await fetch(`http://${host}/v2/${names.join("/")}/referrers/${digest}`);
      assert.equal(response.ok, !every);
      if (response.ok) return ((await response.json()) as Index).manifests;
      if (!(await bench.tags(repository)).includes(digest.replace(":", "-"))) return [];
      const index = await crane(["manifest", `${bench.direct(repository)}:${digest.replace(":", "-")}`]);
      return (JSON.parse(index) as Index).manifests;
    }

    /** Attaches an SBOM and tells the referrer. */
    async function attachSbom(digest: string, sbom: object): Promise<string> {
      const client = new RegistryClient({ credentials: [] });
      try {
        const target = client.repository(parseRepository(bench.direct(repository)));
        const { descriptor } = await target.getManifest(digest);
        const mediaType = "application/vnd.cyclonedx+json";
        const bytes = Buffer.from(JSON.stringify(sbom));
        return (await attach(target, descriptor, { artifactType: mediaType, mediaType, bytes })).digest;
      } finally {
        await client.close();
      }
    }

    /** Evidence of an SBOM as an earlier run left it in the state. */
    async function givenEarlier(subject: string, referrer: string): Promise<Properties[]> {
      const evidence = [{ kind: "sbom", subject, result: "passed", by: "a test", referrer }];
      const declared = { repository, subjects: [{ digest: subject }] };
      const urn = "urn:pulumi:dev::test::slipway:trust:Sbom::it";
      const state = { ...declared, documents: [], files: [], missing: [], evidence };
      await provider.diff({ urn, id: repository, inputs: declared, state }, declared);
      return evidence;
    }

    /** What a report says, read by crane. */
    async function content(referrer: string): Promise<{ manifest: Manifest; text: string }> {
      const text = await crane(["manifest", `${bench.direct(repository)}@${referrer}`]);
      const manifest = JSON.parse(text) as Manifest;
      const blob = await crane(["blob", `${bench.direct(repository)}@${manifest.layers[0]?.digest ?? ""}`]);
      return { manifest, text: blob };
    }

    async function reportOf(held: Held, mediaType: string): Promise<string> {
      const report = (held.state.reports as Report[]).find((one) => one.mediaType === mediaType);
      assert.ok(report, `no report of ${mediaType}`);
      return (await content(report.referrer)).text;
    }

    /** How many vulnerabilities trivy itself finds, told what a VEX document says. */
    async function trivyFinds(digest: string, vex: string): Promise<number> {
      const layout = await mkdtemp(path.join(databases, "layout-"));
      await crane(["pull", "--format", "oci", `${bench.direct(repository)}@${digest}`, layout]);
      const { stdout } = await promisify(execFile)(
        toolPath("trivy"),
        [
          ...["image", "--quiet", "--input", layout, "--cache-dir", path.join(databases, "trivy")],
          ...["--skip-db-update", "--offline-scan", "--scanners", "vuln", "--format", "json"],
          ...["--vex", path.join(bench.project, vex)],
        ],
        { env: { ...process.env, HOME: databases } },
      );
      const { Results = [] } = JSON.parse(stdout) as { Results?: { Vulnerabilities?: unknown[] }[] };
      return Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities).length;
    }

    function warnings(from = 0): string[] {
      return provider.shown
        .slice(from)
        .flatMap(({ severity, text }) => (severity === "warning" ? [text] : []));
    }

    describeOnce("BLEU-32, MESH-28, TINY-26: the gate", () => {
      it("passes an image without findings, with a report for each platform", async () => {
        const digest = await pushBase(`${bench.direct(repository)}:v1`, {
          platforms: ["linux/amd64", "linux/arm64"],
        });
        const index = JSON.parse(await crane(["manifest", `${bench.direct(repository)}:v1`])) as Index;
        const subjects = [
          { digest },
          ...index.manifests.map((one, position) => ({
            digest: one.digest,
            platform: ["linux/amd64", "linux/arm64"][position],
          })),
        ];
        const policy = { failOn: "high", fixableOnly: false };
        const held = await provider.create(type, { repository, subjects, scanner: trivy(), ...policy });
        assert.deepEqual(
          (held.state.verdicts as Properties[]).map(({ platform, verdict, findings }) => [
            platform,
            verdict,
            findings,
          ]),
          [
            ["linux/amd64", "passed", []],
            ["linux/arm64", "passed", []],
          ],
        );
        assert.match(String(held.state.scannerVersion), /^trivy \d+\.\d+/);
        assert.ok(Math.abs(Date.now() - Date.parse(String(held.state.databaseTime)) - 3_600_000) < 600_000);
        assert.deepEqual(
          (held.state.evidence as Properties[]).map(({ kind, subject, result }) => [kind, subject, result]),
          [...index.manifests.map((one) => ["scan", one.digest, "passed"]), ["scan", digest, "passed"]],
        );
        const executable = createHash("sha256")
          .update(await readFile(toolPath("trivy")))
          .digest("hex");
        const declared = trivy();
        for (const { scanner } of held.state.evidence as Properties[]) {
          assert.deepEqual(scanner, {
            name: "trivy",
            version: String(held.state.scannerVersion).replace("trivy ", ""),
            digest: `sha256:${executable}`,
            kinds: ["secret", "vulnerability"],
            arguments: [],
            databaseDirectory: declared.databaseDirectory,
            ...policy,
            databaseTime: held.state.databaseTime,
          });
        }
        for (const { digest: subject } of index.manifests) {
          const listed = await referrers(subject);
          assert.deepEqual(listed.map(({ artifactType }) => artifactType).sort(), [
            "application/sarif+json",
            "application/vnd.aquasec.trivy.report+json",
          ]);
        }
      });

      it("stops a planted vulnerable package by trivy, by its name, version, CVE, fix and platform", async () => {
        const digest = await image(lodash.files);
        const text = await refusal(inputs(digest));
        assert.ok(text.startsWith(`1 finding stops ${repository} (trivy `), text);
        assert.match(
          text,
          /- linux\/amd64: CVE-2021-23337 \(critical\) in lodash 4\.17\.20, fixed in 4\.17\.21, \/app\/node_modules\/lodash\/package\.json: Command Injection in lodash/,
        );
        assert.match(text, /tags stay where they are/);
        assert.match(text, /exceptions: \[\{ id: "CVE-2021-23337", reason/);
        assert.equal((await referrers(digest)).length, 2, "the reports of a closed gate are attached");
      });

      it("stops the same package by osv-scanner, from an SBOM by syft, with a score from a vector", async () => {
        const digest = await image(lodash.files);
        const text = await refusal(inputs(digest, { scanner: osv() }));
        assert.match(
          text,
          /- linux\/amd64: CVE-2021-23337 \(critical\) in lodash 4\.17\.20, fixed in 4\.17\.21: Command Injection in lodash/,
        );
        assert.deepEqual((await referrers(digest)).map(({ artifactType }) => artifactType).sort(), [
          "application/sarif+json",
          "application/vnd.google.osv-scanner.report+json",
        ]);
      });

      it("reads the declared SBOM with osv-scanner, whatever syft would say", async () => {
        const digest = await image();
        const sbom = {
          bomFormat: "CycloneDX",
          specVersion: "1.6",
          components: [{ purl: "pkg:npm/lodash@4.17.20" }],
        };
        const referrer = await attachSbom(digest, sbom);
        const sboms = await givenEarlier(digest, referrer);
        const declared = inputs(digest, { scanner: osv(), sboms });
        assert.match(await refusal(declared), /CVE-2021-23337 \(critical\) in lodash 4\.17\.20/);
        const others = await givenEarlier(`sha256:${"0".repeat(64)}`, referrer);
        await provider.create(type, { ...declared, sboms: others });
      });

      it("is read back by who compares two images from the reports of each scanner", async () => {
        const [before, after] = [await image(), await image(lodash.files)];
        for (const scanner of [trivy(), osv()]) {
          await provider.create(type, inputs(before, { scanner }));
          await refusal(inputs(after, { scanner }));
        }
        const packages = (...purls: string[]) => ({
          bomFormat: "CycloneDX",
          specVersion: "1.6",
          components: purls.map((purl) => ({ purl })),
        });
        await attachSbom(before, packages());
        await attachSbom(after, packages("pkg:npm/lodash@4.17.20"));
        const client = new RegistryClient({ credentials: [] });
        try {
          const target = client.repository(parseRepository(bench.direct(repository)));
          const [old, now] = await Promise.all([before, after].map((digest) => readContents(target, digest)));
          const { notKnown, vulnerabilities, packages } = compareContents([
            { name: "it", before: old ?? [], after: now ?? [] },
          ]);
          assert.deepEqual(notKnown, []);
          assert.deepEqual(
            vulnerabilities.map(({ change, finding: { id, severity, version } }) => [
              change,
              id,
              severity,
              version,
            ]),
            [["new", lodash.cve, "critical", "4.17.20"]],
          );
          assert.deepEqual(
            packages.map(({ change, package: name, to }) => [change, name, to]),
            [["came", "npm/lodash", ["4.17.20"]]],
          );
        } finally {
          await client.close();
        }
      });

      it("stops a planted private key, whatever the threshold, without its text anywhere", async () => {
        const key = privateKey();
        const digest = await image({ "app/server.key": key });
        const text = await refusal(inputs(digest, { failOn: "critical" }));
        assert.match(text, /- linux\/amd64: secret private-key \(high\) in \/app\/server\.key:1/);
        assert.match(text, /Remove secrets from the image, and replace them/);
        const lines = key.split("\n").filter((line) => line.length > 40);
        const held = await provider.create(type, inputs(digest, { advisory: true }));
        const published = await Promise.all(
          (held.state.reports as Report[]).map(({ referrer }) => content(referrer)),
        );
        const everything = [text, JSON.stringify(held.state), ...provider.messages, ...provider.errorLines]
          .concat(published.map((report) => report.text))
          .join("\n");
        for (const line of lines) assert.ok(!everything.includes(line), "the key is told");
        assert.equal(published.length, 2);
      });

      it("stops a planted AWS key in a file and in the configuration; neighbors are not published either", async () => {
        const [inFile, inConfig] = [awsKey(), awsKey()];
        const plain = `hunter2-${uniqueText()}`;
        await image({ "app/credentials": `${inFile.file}password = ${plain}\n` });
        const tag = `${bench.direct(repository)}:x`;
        await crane(["mutate", tag, "--env", `AWS_SECRET_ACCESS_KEY=${inConfig.secret}`, "-t", tag]);
        await crane(["mutate", tag, "--env", `DATABASE=${plain}`, "-t", tag]);
        const digest = await crane(["digest", tag]);
        const text = await refusal(inputs(digest));
        assert.match(text, /secret aws-access-key-id \(critical\) in \/app\/credentials:1/);
        assert.match(text, /secret aws-secret-access-key \(critical\) in image configuration:\d+/);
        const reports = await referrers(digest);
        assert.equal(reports.length, 2);
        for (const { digest: referrer } of reports) {
          const { text: report } = await content(referrer);
          for (const hidden of [inFile.id, inFile.secret, inConfig.secret, plain]) {
            assert.ok(!report.includes(hidden), `${hidden} is in ${report}`);
            assert.ok(!text.includes(hidden));
          }
          assert.ok(report.includes("aws-access-key-id"), report);
        }
      });

      it("needs no database for secrets and misconfigurations", async () => {
        const digest = await image({ "app/server.key": privateKey() });
        const scanner = {
          name: "trivy",
          databaseDirectory: path.join(bench.project, "empty"),
          offline: true,
        };
        const text = await refusal(inputs(digest, { scanner, kinds: ["secret", "misconfiguration"] }));
        assert.match(text, /private-key/);
        const held = await provider.create(type, inputs(await image(), { scanner, kinds: ["secret"] }));
        assert.equal(held.state.databaseTime, undefined);
      });

      it("passes by default what cannot be repaired, and stops it where that is declared", async () => {
        const digest = await image(unfixedTool.files);
        const held = await provider.create(type, inputs(digest));
        const [verdict] = held.state.verdicts as { verdict: string; counts: Record<string, number> }[];
        assert.equal(verdict?.verdict, "passed");
        assert.equal(verdict?.counts.critical, 1);
        const text = await refusal(inputs(digest, { fixableOnly: false }));
        assert.match(text, /CVE-2020-99999 \(critical\) in planted-tool 1\.0-1, not fixed yet/);
      });

      it("scans each platform: one that does not pass closes the gate", async () => {
        const good = await image();
        const bad = await image(lodash.files, "bad");
        const subjects = [
          { digest: good, platform: "linux/amd64" },
          { digest: bad, platform: "linux/arm64" },
        ];
        const text = await refusal({ repository, subjects, scanner: trivy() });
        assert.match(text, /^1 finding stops.*\n- linux\/arm64: CVE/);
        assert.ok(!text.includes("linux/amd64"), text);
      });
    });

    describeOnce("G-32: exceptions", () => {
      const accepted = (expires: Date) => ({
        id: lodash.ghsa,
        package: "lodash",
        reason: "the template function is not called",
        expires: expires.toISOString().slice(0, 10),
      });

      it("lets pass with one that is valid, and says why and until when", async () => {
        const digest = await image(lodash.files);
        const exception = accepted(new Date(Date.now() + 30 * day));
        const from = provider.shown.length;
        const held = await provider.create(type, inputs(digest, { scanner: osv(), exceptions: [exception] }));
        const [verdict] = held.state.verdicts as Properties[];
        assert.equal(verdict?.verdict, "passed");
        assert.deepEqual(verdict?.excepted, [
          { id: exception.id, reason: exception.reason, expires: exception.expires },
        ]);
        const why = `CVE-2021-23337 in lodash 4.17.20 is accepted until ${exception.expires}: ${exception.reason}`;
        const [evidence] = held.state.evidence as Properties[];
        assert.equal(evidence?.result, "passed");
        assert.ok(String(evidence?.detail).includes(why), String(evidence?.detail));
        assert.ok(
          provider.shown.slice(from).some(({ text, severity }) => severity === "info" && text.includes(why)),
        );
      });

      it("does not count one that has expired, and says so", async () => {
        const digest = await image(lodash.files);
        const exception = accepted(new Date(Date.now() - 2 * day));
        const text = await refusal(inputs(digest, { scanner: osv(), exceptions: [exception] }));
        assert.match(text, /CVE-2021-23337 \(critical\) in lodash/);
        assert.ok(
          text.includes(
            `the exception for ${lodash.ghsa} (${exception.reason}) expired on ${exception.expires} and does not count`,
          ),
          text,
        );
      });

      it("scans again when one that was used has expired since, and the preview names it", async () => {
        const digest = await image(lodash.files);
        const exception = accepted(new Date(Date.now() + 30 * day));
        const held = await provider.create(type, inputs(digest, { scanner: osv(), exceptions: [exception] }));
        const past = accepted(new Date(Date.now() - 2 * day));
        const declared = inputs(digest, { scanner: osv(), exceptions: [past] });
        // The state of a run three days ago, when the exception counted.
        const then: Held = {
          ...held,
          inputs: declared,
          state: {
            ...held.state,
            exceptions: [past],
            scannedAt: new Date(Date.now() - 3 * day).toISOString(),
            verdicts: (held.state.verdicts as Properties[]).map((one) => ({
              ...one,
              excepted: [{ id: past.id, reason: past.reason, expires: past.expires }],
            })),
          },
        };
        const { changes } = await provider.diff(then, declared);
        assert.deepEqual(changes, ["exceptions"]);
        assert.ok(
          provider.messages.at(-1)?.includes(`the exception for ${lodash.ghsa} expired on ${past.expires}`),
        );
        await assert.rejects(provider.update(then, declared), /expired on .* and does not count/);
      });

      it("counts what a VEX document says, as trivy does with the same document", async () => {
        const digest = await image(lodash.files);
        const time = new Date(Date.now() - day);
        const write = (name: string, status: string) =>
          writeVex(path.join(bench.project, name), status, time);
        await write("safe.openvex.json", "not_affected");
        await write("unsafe.openvex.json", "affected");
        const declared = (file: string) => inputs(digest, { vex: { files: [file], maxAgeDays: 30 } });
        const held = await provider.create(type, declared("safe.openvex.json"));
        const [verdict] = held.state.verdicts as Properties[];
        assert.deepEqual(verdict?.excepted, [
          {
            id: lodash.cve,
            reason: "not_affected, vulnerable_code_not_in_execute_path (safe.openvex.json)",
            expires: new Date(time.getTime() + 30 * day).toISOString().slice(0, 10),
          },
        ]);
        assert.match(await refusal(declared("unsafe.openvex.json")), /CVE-2021-23337 \(critical\) in lodash/);
        assert.deepEqual(
          await Promise.all(["safe", "unsafe"].map((name) => trivyFinds(digest, `${name}.openvex.json`))),
          [0, 1],
        );
        // The file says something else, and the preview sees it.
        await write("safe.openvex.json", "affected");
        const { changes } = await provider.diff(held, declared("safe.openvex.json"));
        assert.deepEqual(changes.sort(), ["vexAccepts", "vexDigests"]);
        await assert.rejects(provider.update(held, declared("safe.openvex.json")), /CVE-2021-23337/);
      });

      it("does not read a VEX document that is none, and says which and why", async () => {
        const digest = `sha256:${"0".repeat(64)}`;
        const file = "broken.openvex.json";
        await assert.rejects(provider.create(type, inputs(digest, { vex: { files: [file] } })), (error) => {
          assert.ok(error instanceof CheckFailed);
          assert.match(error.message, /^vex\.files\[0\]: .*broken\.openvex\.json/);
          return true;
        });
      });

      for (const [what, change, property] of [
        ["without a reason", { reason: "  " }, "exceptions[0].reason"],
        ["without a day", { expires: undefined }, "exceptions[0].expires"],
        ["with a day that there is not", { expires: "2027-02-30" }, "exceptions[0].expires"],
        ["with a time that is no day", { expires: "next year" }, "exceptions[0].expires"],
        ["without an identifier", { id: "" }, "exceptions[0].id"],
      ] as const) {
        it(`refuses one ${what} before anything is done`, async () => {
          const { expires, ...rest } = { ...accepted(new Date()), ...change } as Properties;
          const exception = expires === undefined ? rest : { ...rest, expires };
          await assert.rejects(
            provider.check(type, inputs(`sha256:${"1".repeat(64)}`, { exceptions: [exception] })),
            (error: CheckFailed) => {
              assert.deepEqual(
                error.failures.map((failure) => failure.property),
                [property],
              );
              return true;
            },
          );
        });
      }
    });

    describeOnce("a scanner or a database that is missing", () => {
      it("closes the gate with the command that installs the scanner", async () => {
        const digest = await image();
        for (const [scanner, install] of [
          [trivy({ program: "./bin/trivy" }), /brew install trivy/],
          [{ name: "grype", program: "no-such-grype", offline: true }, /brew install grype/],
          [osv({ program: "no-such-osv-scanner" }), /go install github\.com\/google\/osv-scanner/],
        ] as [Properties, RegExp][]) {
          const text = await refusal(inputs(digest, { scanner }));
          assert.match(text, /linux\/amd64 not scanned: there is no program "/);
          assert.match(text, install);
        }
        assert.deepEqual(await referrers(digest), []);
      });

      it("closes the gate with the command that brings the database", async () => {
        const digest = await image(lodash.files);
        const empty = path.join(bench.project, "no-database");
        assert.match(
          await refusal(inputs(digest, { scanner: trivy({ databaseDirectory: "no-database" }) })),
          new RegExp(
            `no vulnerability database in ${empty}\\n.*trivy image --download-db-only --cache-dir ${empty}`,
          ),
        );
        assert.match(
          await refusal(inputs(digest, { scanner: osv({ databaseDirectory: "no-database" }) })),
          new RegExp(`no database of npm.*\\n.*curl -fsSL -o ${empty}/osv-scanner/npm/all\\.zip`),
        );
      });

      it("closes the gate where the database is too old", async () => {
        const digest = await image(lodash.files);
        const old = { ageHours: 200 };
        const folders = {
          trivy: await trivyDatabase(path.join(databases, `old-trivy-${serial}`), old),
          osv: await osvDatabase(path.join(databases, `old-osv-${serial}`), old),
        };
        const exceptions = [{ id: lodash.cve, reason: "for this test", expires: "2099-01-01" }];
        for (const scanner of [
          trivy({ databaseDirectory: folders.trivy }),
          osv({ databaseDirectory: folders.osv }),
        ]) {
          const text = await refusal(inputs(digest, { scanner, exceptions }));
          assert.match(text, /200 hours ago; at most 120 hours are allowed \(databaseMaxAgeHours\)/);
          await provider.create(type, inputs(digest, { scanner, exceptions, databaseMaxAgeHours: 201 }));
        }
      });

      it("closes the gate where the scanner fails, with its last lines", async () => {
        const digest = await image();
        const further = ["--no-such-option"];
        const text = await refusal(inputs(digest, { scanner: trivy({ arguments: further }) }));
        assert.match(
          text,
          /not scanned: \S*trivy image --no-such-option.*exit code 1; its last lines:\n.*unknown flag/s,
        );
      });

      it("closes the gate where a program does its work without a report", async () => {
        const digest = await image();
        const program = await script(
          `case "$1" in version) exec ${toolPath("trivy")} "$@";; *) exit 0;; esac`,
        );
        const text = await refusal(inputs(digest, { scanner: trivy({ program }) }));
        assert.match(text, /not scanned: trivy left no report/);
      });

      it("closes the gate where a scan takes too long", async () => {
        const digest = await image();
        const program = await script(
          `case "$1" in version) exec ${toolPath("trivy")} "$@";; *) sleep 60;; esac`,
        );
        const text = await refusal(inputs(digest, { scanner: trivy({ program }), timeoutSeconds: 1 }));
        assert.match(text, /ended after 1 s \(timeoutSeconds\)/);
      });

      it("closes the gate for packages that the scanner knows nothing of", async () => {
        const files = {
          "etc/os-release": 'NAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
          "var/lib/dpkg/status": unfixedTool.files["var/lib/dpkg/status"],
        };
        const text = await refusal(inputs(await image(files), { scanner: osv() }));
        assert.match(
          text,
          /osv-scanner knows no advisories for packages of deb\/ubuntu.*Use trivy or grype/s,
        );
      });

      it("is not made up for by a file of settings that hides findings", async () => {
        const digest = await image(lodash.files);
        await bench.write(".trivyignore", `${lodash.cve}\n`);
        await bench.write("trivy.yaml", "severity: [LOW]\n");
        const env = {
          PATH: toolFolders(),
          TRIVY_SEVERITY: "LOW",
          TRIVY_IGNOREFILE: `${bench.project}/.trivyignore`,
        };
        const other = await bench.provider({}, env);
        await assert.rejects(other.create(type, inputs(digest)), /CVE-2021-23337 \(critical\) in lodash/);
      });

      it("is told at preview, which scans nothing", async () => {
        const digest = await image(lodash.files);
        bench.forget();
        const from = provider.shown.length;
        const held = await provider.create(
          type,
          inputs(digest, { scanner: trivy({ program: "./bin/trivy" }) }),
          true,
        );
        assert.equal(held.state.verdicts, unknown);
        assert.match(warnings(from).join("\n"), /trivy or its database is not on this machine.*will fail/);
        assert.deepEqual(bench.proxy.requests, []);
      });
    });

    describeOnce("an advisory gate", () => {
      it("lets pass what fails, with a warning and evidence that says so", async () => {
        const digest = await image(lodash.files);
        const from = provider.shown.length;
        const held = await provider.create(type, inputs(digest, { advisory: true }));
        const [verdict] = held.state.verdicts as {
          verdict: string;
          findings: Properties[];
          findingCount: number;
        }[];
        assert.equal(verdict?.verdict, "failed");
        assert.equal(verdict?.findingCount, 1);
        assert.equal(verdict?.findings[0]?.fixedVersion, "4.17.21");
        const [evidence] = held.state.evidence as Properties[];
        assert.equal(evidence?.result, "failed");
        assert.match(warnings(from).join("\n"), /CVE-2021-23337.*The gate is advisory/s);
      });

      it("marks as not scanned what could not be, at every run, until it can be", async () => {
        const digest = await image();
        const program = path.join(bench.project, `late-${serial}`, "trivy");
        const declared = inputs(digest, { advisory: true, scanner: trivy({ program }) });
        const held = await provider.create(type, declared);
        const [verdict] = held.state.verdicts as Properties[];
        assert.equal(verdict?.verdict, "not scanned");
        assert.match(String(verdict?.reason), /there is no program/);
        assert.equal((held.state.evidence as Properties[])[0]?.result, "not executed");
        const from = provider.shown.length;
        assert.deepEqual((await provider.diff(held, declared)).changes, []);
        assert.match(warnings(from).join("\n"), /not scanned: .*there is no program/);
        await bench.write(`late-${serial}/trivy`, `#!/bin/sh\nexec ${toolPath("trivy")} "$@"\n`, 0o755);
        assert.deepEqual((await provider.diff(held, declared)).changes, ["verdicts"]);
        const scanned = await provider.update(held, declared);
        assert.equal((scanned.state.verdicts as Properties[])[0]?.verdict, "passed");
      });

      it("that becomes mandatory is closed for what it let pass", async () => {
        const digest = await image(lodash.files);
        const held = await provider.create(type, inputs(digest, { advisory: true }));
        assert.deepEqual((await provider.diff(held, inputs(digest))).changes, ["advisory"]);
        await assert.rejects(provider.update(held, inputs(digest)), /1 finding stops/);
      });
    });

    describe("runs after the first", () => {
      it("scan nothing where nothing has changed", async () => {
        const digest = await image();
        const log = path.join(bench.project, `runs-${serial}`);
        const program = await script(`echo "$1" >>${log}; exec ${toolPath("trivy")} "$@"`);
        const declared = inputs(digest, { scanner: trivy({ program }), rescanAfterHours: 24 });
        const held = await provider.create(type, declared);
        const before = await readFile(log, "utf8");
        assert.ok(before.includes("image"));
        bench.forget();
        const observed = await provider.read(held);
        assert.ok(observed);
        assert.deepEqual(observed.state, held.state);
        assert.deepEqual((await provider.diff(observed, declared)).changes, []);
        assert.equal(await readFile(log, "utf8"), before);
        assert.ok(bench.proxy.requests.length <= 5, `${bench.proxy.requests.length} requests`);
        assert.deepEqual(bench.writeLines(), []);
      });

      it("make the same reports from the same image", async () => {
        const digest = await image(lodash.files);
        for (const scanner of [trivy(), osv()]) {
          const first = await provider.create(type, inputs(digest, { advisory: true, scanner }));
          bench.forget();
          const second = await provider.create(type, inputs(digest, { advisory: true, scanner }));
          assert.deepEqual(second.state.reports, first.state.reports);
          assert.equal((second.state.reports as Report[]).length, 2);
        }
        assert.equal((await referrers(digest)).length, 4);
      });

      for (const [property, change] of [
        ["failOn", { failOn: "low" }],
        ["fixableOnly", { fixableOnly: false }],
        ["kinds", { kinds: ["secret"] }],
        ["exceptions", { exceptions: [{ id: "CVE-2020-1", reason: "a test", expires: "2099-01-01" }] }],
        ["scanner", { scanner: { name: "trivy", offline: false } }],
      ] as [string, Properties][]) {
        it(`scan again when ${property} changes`, async () => {
          const digest = await image();
          const held = await provider.create(type, inputs(digest));
          assert.deepEqual((await provider.diff(held, inputs(digest, change))).changes, [property]);
        });
      }

      it("scan again when the subjects change", async () => {
        const held = await provider.create(type, inputs(await image()));
        assert.deepEqual((await provider.diff(held, inputs(await image()))).changes, ["subjects"]);
      });

      it("scan again what is published after rescanAfterHours, and the preview says so", async () => {
        const digest = await image();
        const declared = inputs(digest, { rescanAfterHours: 24 });
        const held = await provider.create(type, declared);
        const old: Held = {
          ...held,
          state: { ...held.state, scannedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() },
        };
        assert.deepEqual((await provider.diff(old, declared)).changes, ["scannedAt"]);
        assert.match(String(provider.messages.at(-1)), /last scan was 25 hours ago.*rescanAfterHours: 24/);
        const scanned = await provider.update(old, declared);
        assert.ok(Date.now() - Date.parse(String(scanned.state.scannedAt)) < 120_000);
        assert.deepEqual((await provider.diff(scanned, declared)).changes, []);
      });

      it("see a deleted report as drift and bring it back", async () => {
        const digest = await image(lodash.files);
        const declared = inputs(digest, { advisory: true });
        const held = await provider.create(type, declared);
        const [report] = held.state.reports as Report[];
        await crane(["delete", `${bench.direct(repository)}@${report?.referrer}`]);
        const observed = await provider.read(held);
        assert.ok(observed);
        assert.match(String((observed.state.missing as string[])[0]), /^report sha256:.* is gone$/);
        assert.deepEqual((await provider.diff(observed, declared)).changes, ["missing"]);
        const repaired = await provider.update(observed, declared);
        assert.deepEqual(repaired.state.reports, held.state.reports);
        assert.deepEqual((await provider.read(repaired))?.state.missing, []);
        assert.equal((await referrers(digest)).length, 2);
        assert.ok((await content(String(report?.referrer))).text.includes(lodash.cve));
      });

      it("write nothing at preview, for what is there and for what is not", async () => {
        const held = await provider.create(type, inputs(await image()));
        bench.forget();
        const preview = await provider.create(type, inputs(`sha256:${"2".repeat(64)}`), true);
        assert.equal(preview.state.evidence, unknown);
        const next = await provider.update(held, inputs(await image()), true);
        assert.equal(next.state.evidence, unknown);
        await provider.create(type, inputs(unknown), true);
        assert.deepEqual(bench.writeLines(), []);
      });

      it("leave the reports when the scan leaves the program", async () => {
        const digest = await image();
        const held = await provider.create(type, inputs(digest));
        await provider.delete(held);
        assert.equal((await referrers(digest)).length, 2);
      });
    });

    describeOnce("inputs", () => {
      it("have to name what the scanner can look for", async () => {
        const declared = inputs(`sha256:${"1".repeat(64)}`, {
          scanner: osv(),
          kinds: ["vulnerability", "secret"],
        });
        await assert.rejects(provider.check(type, declared), (error: CheckFailed) => {
          assert.equal(error.failures[0]?.property, "kinds[1]");
          assert.match(error.message, /osv-scanner does not look for "secret", only for vulnerability/);
          return true;
        });
      });

      it("have to name a platform", async () => {
        const declared = { repository, subjects: [{ digest: `sha256:${"1".repeat(64)}` }] };
        await assert.rejects(provider.check(type, declared), /subjects: none of them has a platform/);
      });

      it("that name an index as an image are told", async () => {
        const digest = await pushBase(`${bench.direct(repository)}:v1`, {
          platforms: ["linux/amd64", "linux/arm64"],
        });
        assert.match(
          await refusal(inputs(digest)),
          /is an index; a scan looks at the manifest of one platform/,
        );
      });

      it("that name a digest that is not there are told by the registry", async () => {
        await image();
        const text = await refusal(inputs(`sha256:${"3".repeat(64)}`));
        assert.match(text, /@sha256:3{12,}.*404/);
      });
    });

    /** A program of the project that runs a text in sh. */
    async function script(text: string): Promise<string> {
      return `./${await bench.write(`bin/scanner-${++serial}`, `#!/bin/sh\n${text}\n`, 0o755)}`;
    }

    it("the SARIF report is one that names rule, level and place", async () => {
      const digest = await image(lodash.files);
      for (const scanner of [trivy(), osv()]) {
        const held = await provider.create(type, inputs(digest, { advisory: true, scanner }));
        const sarif = JSON.parse(await reportOf(held, "application/sarif+json")) as {
          version: string;
          runs: { results: { ruleId: string; level: string; locations: unknown[] }[] }[];
        };
        assert.equal(sarif.version, "2.1.0");
        const [result] = sarif.runs[0]?.results ?? [];
        assert.equal(result?.ruleId, lodash.cve);
        assert.ok(result?.locations.length);
        assert.ok(!JSON.stringify(sarif).includes(tmpdir() + "/slipway-scan"));
      }
    });
  });
}

/** Folders for PATH: those of the tools that tests use, before the machine's. */
function toolFolders(): string {
  const folders = ["syft", "osv-scanner"].flatMap((tool) => {
    const found = findTool(tool);
    return found === undefined ? [] : [path.dirname(found)];
  });
  return [...new Set(folders), process.env.PATH ?? ""].join(path.delimiter);
}

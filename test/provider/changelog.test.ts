import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, ProviderProcess } from "../support/provider-process";

const type = "slipway:release:Changelog";
const declared: Properties = {
  version: "v1.0.1",
  date: "2026-03-01",
  changes: { changed: ["Axon v1.5.1 (was v1.5.0)"] },
};
const body = "### Changed\n\n- Axon v1.5.1 (was v1.5.0)";
const section = `## [1.0.1] - 2026-03-01\n\n${body}`;
const log = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-31\n\n- First.\n";

describe("the change log as a resource", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-changelog-"));
    provider = await ProviderProcess.start(project);
  });
  beforeEach(() => rm(file(), { recursive: true, force: true }));
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const file = (name = "CHANGELOG.md") => path.join(project, name);
  const text = (name?: string) => readFile(file(name), "utf8");
  const changesOf = async (held: Parameters<typeof provider.read>[0], inputs: Properties) => {
    const read = await provider.read(held);
    assert.ok(read);
    return (await provider.diff(read, inputs)).changes;
  };

  it("DISTRO-18: is planned with its section, written once, and left alone after that", async () => {
    await writeFile(file(), log);
    const planned = await provider.create(type, declared, true);
    assert.deepEqual([planned.state.section, planned.state.notes], [section, body]);
    assert.equal(await text(), log);
    const held = await provider.create(type, declared);
    assert.deepEqual([held.state.section, held.state.notes], [section, body]);
    assert.equal(await text(), log.replace("## [1.0.0]", `${section}\n\n## [1.0.0]`));
    assert.deepEqual(await changesOf(held, declared), []);
    const before = await text();
    await provider.create(type, { ...declared, date: "2027-01-01" });
    assert.equal(await text(), before);
  });

  it("DISTRO-18: a new version is a diff of version and section, and another section", async () => {
    const held = await provider.create(type, declared);
    const next = { ...declared, version: "v1.1.0", changes: { added: ["SMI v1.0.0"] } };
    assert.deepEqual((await changesOf(held, next)).sort(), ["changes", "section", "version"]);
    const updated = await provider.update(held, next);
    assert.equal(updated.state.notes, "### Added\n\n- SMI v1.0.0");
    assert.ok((await text()).includes(section));
    assert.ok((await text()).indexOf("## [1.1.0]") < (await text()).indexOf("## [1.0.1]"));
  });

  it("drift: a declared entry that was taken away is put back, what somebody added stays", async () => {
    const held = await provider.create(type, declared);
    await writeFile(file(), (await text()).replace("- Axon v1.5.1 (was v1.5.0)", "- By hand."));
    assert.deepEqual(await changesOf(held, declared), ["section"]);
    await provider.update(held, declared);
    assert.match(await text(), /- By hand\.\n- Axon v1\.5\.1 \(was v1\.5\.0\)\n/);
    await writeFile(file(), (await text()).replace("- By hand.", "- By hand, and more."));
    assert.deepEqual(await changesOf(held, declared), []);
    await rm(file());
    assert.equal(await provider.read(held), undefined);
  });

  it("has the day of its first writing where no date is declared", async () => {
    const { date: _date, ...undated } = declared;
    const before = new Date().toISOString().slice(0, 10);
    const held = await provider.create(type, undated);
    const found = /^## \[1\.0\.1\] - (\S+)$/m.exec(await text())?.[1] ?? "";
    assert.ok([before, new Date().toISOString().slice(0, 10)].includes(found), found);
    assert.deepEqual(await changesOf(held, undated), []);
  });

  it("two sections of one file that are written at once are both there", async () => {
    const other = { ...declared, version: "v2.0.0" };
    await Promise.all([provider.create(type, declared), provider.create(type, other)]);
    assert.match(await text(), /^## \[1\.0\.1\]/m);
    assert.match(await text(), /^## \[2\.0\.0\]/m);
  });

  it("is planned while its entries are not known", async () => {
    const planned = await provider.create(type, { ...declared, changes: { changed: [unknown] } }, true);
    assert.deepEqual([planned.state.section, planned.state.notes], [unknown, unknown]);
    await assert.rejects(text(), /ENOENT/);
  });

  it("stays when it leaves the program", async () => {
    const held = await provider.create(type, { ...declared, path: "docs/CHANGELOG.md" });
    await provider.delete(held);
    assert.ok((await text("docs/CHANGELOG.md")).includes(section));
  });

  for (const [where, written, line] of [
    ["the section", `# Changelog\r\n\r\n${section.replaceAll("\n", "\r\n")} \u202e\r\n`, 7],
    ["what is unreleased", log.replace("## [1.0.0]", "- By\u001b[2J hand.\n\n## [1.0.0]"), 5],
  ] as const) {
    it(`refuses a control character in ${where}, names its line, and writes nothing`, async () => {
      await writeFile(file(), written);
      await assert.rejects(provider.create(type, declared), (error) => {
        assert.ok(error instanceof CheckFailed);
        const { property, reason } = error.failures[0] ?? {};
        assert.equal(property, "changes");
        assert.match(
          reason ?? "",
          new RegExp(`CHANGELOG\\.md: .* U\\+(202E|001B) in line ${line}, .*delete it`),
        );
        return true;
      });
      assert.equal(await text(), written);
    });
  }

  it("takes controls in sections that it does not use", async () => {
    await writeFile(file(), log.replace("First.", "First\u0007."));
    await provider.create(type, declared);
    assert.ok((await text()).includes("First\u0007."));
  });

  it("drift: reads what somebody wrote into the section, shown and not obeyed", async () => {
    await writeFile(file(), log);
    const held = await provider.create(type, declared);
    await writeFile(file(), (await text()).replace("- Axon", "- \u001b[2J\u202eAxon"));
    const read = await provider.read(held);
    const shown = "- <U+001B>[2J<U+202E>Axon v1.5.1";
    assert.ok(String(read?.state.section).includes(shown), String(read?.state.section));
    assert.ok(String(read?.state.notes).includes(shown));
  });

  it("says which path cannot be read", async () => {
    await mkdir(file());
    await assert.rejects(provider.create(type, declared), /CHANGELOG\.md cannot be read/);
  });

  for (const [what, more, property, reason] of [
    [
      "a version of which nothing is said",
      { changes: {} },
      "changes",
      /CHANGELOG\.md: no changes are listed for v1\.0\.1/,
    ],
    ["a version that is none", { version: "one" }, "version", /"one" is not a semantic version/],
    ["a date that is none", { date: "today" }, "date", /a date is expected .*2026-01-31/],
    [
      "an entry with a dash",
      { changes: { added: ["- A thing."] } },
      "changes.added[0]",
      /without a leading dash/,
    ],
    [
      "an entry with a control character",
      { changes: { added: ["One.", "A\n\u009b31mthing."] } },
      "changes.added[1]",
      /U\+009B in line 2/,
    ],
    ["a kind that is none", { changes: { improved: ["A thing."] } }, "changes.improved", /.+/],
    ["a path outside the project", { path: "../CHANGELOG.md" }, "path", /\.\.\/CHANGELOG\.md/],
  ] as [string, Properties, string, RegExp][]) {
    it(`PROD-10: refuses ${what}`, async () => {
      await assert.rejects(provider.create(type, { ...declared, ...more }), (error) => {
        assert.ok(error instanceof CheckFailed);
        assert.equal(error.failures[0]?.property, property, error.message);
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
      await assert.rejects(text(), /ENOENT/);
    });
  }
});

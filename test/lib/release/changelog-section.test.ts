import assert from "node:assert/strict";
import { ChangelogError, releaseNotes, sectionLines } from "../../../lib/release/changelog";
import { declareSection, type DeclaredChanges } from "../../../lib/release/changelog-section";

const changed = { changed: ["Axon v1.5.1 (was v1.5.0)"] };
const declare = (text: string | undefined, changes: DeclaredChanges, version = "v1.0.1") =>
  declareSection(text, { version, date: "2026-03-01", changes });

const log = `# Changelog

## [Unreleased]

### Added

- Written by hand.

## [1.0.0] - 2026-01-31

### Added

- First.

[1.0.0]: https://example.org/v1.0.0
`;

describe("a declared section of a change log", () => {
  for (const [what, text, changes, expected] of [
    [
      "is made with the file where there is none",
      undefined,
      changed,
      "# Changelog\n\nThe format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).\n\n## [Unreleased]\n\n" +
        "## [1.0.1] - 2026-03-01\n\n### Changed\n\n- Axon v1.5.1 (was v1.5.0)\n",
    ],
    [
      "is made of what is unreleased, and of the declared entries",
      log,
      { ...changed, added: ["A demo."] },
      log.replace(
        "## [Unreleased]\n\n### Added\n\n- Written by hand.\n",
        "## [Unreleased]\n\n## [1.0.1] - 2026-03-01\n\n### Added\n\n- Written by hand.\n- A demo.\n\n### Changed\n\n- Axon v1.5.1 (was v1.5.0)\n",
      ),
    ],
    [
      "is made of what is unreleased alone",
      log,
      {},
      log.replace("## [Unreleased]\n", "## [Unreleased]\n\n## [1.0.1] - 2026-03-01\n"),
    ],
    [
      "stands below an empty section of what is unreleased",
      "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-31\n\n- First.\n",
      changed,
      "# Changelog\n\n## [Unreleased]\n\n## [1.0.1] - 2026-03-01\n\n### Changed\n\n- Axon v1.5.1 (was v1.5.0)\n\n## [1.0.0] - 2026-01-31\n\n- First.\n",
    ],
    [
      "stands above the newest version where nothing is unreleased",
      "# Changelog\n\n## [1.0.0] - 2026-01-31\n\n- First.\n",
      changed,
      "# Changelog\n\n## [1.0.1] - 2026-03-01\n\n### Changed\n\n- Axon v1.5.1 (was v1.5.0)\n\n## [1.0.0] - 2026-01-31\n\n- First.\n",
    ],
    [
      "gets what it lacks, in the group of its kind, and keeps its date and the rest",
      "# Changelog\n\n## v1.0.1 - 2026-02-02\n\nIn short.\n\n### Changed\n- By hand.\n\n### Fixed\n- A bug.\n\n[x]: https://example.org\n",
      { ...changed, security: ["CVE-2026-1.\n\nSee the advisory."] },
      "# Changelog\n\n## v1.0.1 - 2026-02-02\n\nIn short.\n\n### Changed\n- By hand.\n- Axon v1.5.1 (was v1.5.0)\n\n### Fixed\n- A bug.\n\n### Security\n\n- CVE-2026-1.\n\n  See the advisory.\n\n[x]: https://example.org\n",
    ],
    [
      "is filled where it is empty",
      "# Changelog\n\n## [1.0.1] - 2026-02-02\n",
      changed,
      "# Changelog\n\n## [1.0.1] - 2026-02-02\n\n### Changed\n\n- Axon v1.5.1 (was v1.5.0)\n",
    ],
  ] as [string, string | undefined, DeclaredChanges, string][]) {
    it(`DISTRO-18: ${what}; a second time nothing changes`, () => {
      const made = declare(text, changes);
      assert.equal(made, expected);
      assert.equal(declareSection(made, { version: "1.0.1", date: "2027-01-01", changes }), made);
    });
  }

  it("knows an entry with another dash, and the line ends of the file", () => {
    const windows = "# Changelog\r\n\r\n## [1.0.1]\r\n\r\n* Axon v1.5.1 (was v1.5.0)\r\n";
    assert.equal(declare(windows, changed), windows);
    const more = declare(windows, { fixed: ["A bug."] });
    assert.doesNotMatch(more, /[^\r]\n/);
    assert.match(releaseNotes(more, "1.0.1"), /### Fixed\n\n- A bug\.$/);
  });

  it("leaves the sections of other versions as they are", () => {
    const second = declare(declare(undefined, changed), { fixed: ["A bug."] }, "v1.0.2");
    assert.equal(releaseNotes(second, "1.0.1"), "### Changed\n\n- Axon v1.5.1 (was v1.5.0)");
    assert.equal(releaseNotes(second, "1.0.2"), "### Fixed\n\n- A bug.");
    const [newer, older] = ["1.0.2", "1.0.1"].map((version) => sectionLines(second, version)?.heading ?? 0);
    assert.ok(newer !== undefined && older !== undefined && newer < older);
  });

  for (const [what, text, reason] of [
    [
      "of which nothing is said",
      undefined,
      /no changes are listed for v1\.0\.1: declare changes \(a valid example/,
    ],
    ["in a file with a version twice", "## [1.0.0]\n\n## [1.0.0]\n", /two sections "1\.0\.0"/],
  ] as const) {
    it(`is refused ${what}`, () => {
      assert.throws(
        () => declare(text, {}),
        (error: Error) => error instanceof ChangelogError && reason.test(error.message),
      );
    });
  }
});

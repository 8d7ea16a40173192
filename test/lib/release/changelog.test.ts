import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import {
  ChangelogError,
  parseChangelog,
  releaseNotes,
  releaseUnreleased,
} from "../../../lib/release/changelog";

const text = `# Changelog

Written as Keep a Changelog says.

## [Unreleased]

### Added

- Archives.

## [1.1.0] - 2026-02-01

### Fixed

- A thing.

\`\`\`md
## [9.9.9] - an example, not a heading
\`\`\`

## v1.0.1 - 2026-01-31 [YANKED]
- Withdrawn.

## [1.0.0]

[unreleased]: https://example.com/compare/v1.1.0...HEAD
[1.1.0]: https://example.com/v1.1.0
`;

describe("change logs", () => {
  it("CAP-20: are read section by section", () => {
    assert.deepEqual(
      parseChangelog(text).map(({ version, date, yanked }) => [version, date, yanked]),
      [
        [undefined, undefined, false],
        ["1.1.0", "2026-02-01", false],
        ["v1.0.1", "2026-01-31", true],
        ["1.0.0", undefined, false],
      ],
    );
  });

  for (const [version, expected] of [
    ["v1.1.0", "### Fixed\n\n- A thing.\n\n```md\n## [9.9.9] - an example, not a heading\n```"],
    ["1.1.0", "### Fixed\n\n- A thing.\n\n```md\n## [9.9.9] - an example, not a heading\n```"],
    ["1.0.1", "- Withdrawn."],
  ] as const) {
    it(`give the notes of ${version}`, () => assert.equal(releaseNotes(text, version), expected));
  }

  for (const [version, reason] of [
    ["v1.0.0", /section of v1\.0\.0 in the change log is empty/],
    ["2.0.0", /no section for 2\.0\.0 \(it has 1\.1\.0, v1\.0\.1, 1\.0\.0\).*"## \[2\.0\.0\] - 2026-01-31"/],
    ["9.9.9", /no section for 9\.9\.9/],
  ] as const) {
    it(`have no notes of ${version}, and say so`, () => {
      assert.throws(
        () => releaseNotes(text, version),
        (error: Error) => {
          assert.ok(error instanceof ChangelogError);
          assert.match(error.message, reason);
          return true;
        },
      );
    });
  }

  it("DISTRO-18: get a section for the version out of what is unreleased; a second time nothing changes", () => {
    const released = releaseUnreleased(text, "v1.2.0", "2026-03-01");
    assert.equal(
      released,
      text.replace("## [Unreleased]\n\n", "## [Unreleased]\n\n## [1.2.0] - 2026-03-01\n\n"),
    );
    assert.equal(releaseNotes(released, "1.2.0"), "### Added\n\n- Archives.");
    assert.equal(releaseUnreleased(released, "1.2.0", "2026-04-01"), released);
  });

  it("keep the line ends that they have", () => {
    const windows = text.replaceAll("\n", "\r\n");
    const released = releaseUnreleased(windows, "1.2.0", "2026-03-01");
    assert.doesNotMatch(released, /[^\r]\n/);
    assert.equal(releaseNotes(released, "1.2.0"), "### Added\n\n- Archives.");
  });

  for (const [what, changelog, date, reason] of [
    [
      "without anything unreleased",
      text.replace("### Added\n\n- Archives.\n", ""),
      "2026-03-01",
      /nothing under "Unreleased"/,
    ],
    [
      "without the section",
      text.replace("## [Unreleased]", "## Next"),
      "2026-03-01",
      /no section "## \[Unreleased\]"/,
    ],
    ["with a bad date", text, "tomorrow", /"tomorrow" is not a date/],
    [
      "with a version twice",
      text.replace("## [1.0.0]", "## [1.1.0]"),
      "2026-03-01",
      /two sections "1\.1\.0"/,
    ],
  ] as const) {
    it(`are refused ${what}`, () => {
      assert.throws(() => releaseUnreleased(changelog, "1.2.0", date), reason);
    });
  }

  it("of this repository is one", () => {
    const own = readFileSync(path.resolve(__dirname, "../../../CHANGELOG.md"), "utf8");
    assert.ok(parseChangelog(own).length > 0);
  });
});

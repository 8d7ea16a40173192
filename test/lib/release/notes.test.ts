import assert from "node:assert/strict";
import { NotesError, renderNotes } from "../../../lib/release/notes";

const sums = { name: "SHA256SUMS", digest: `sha256:${"b".repeat(64)}` };
const archive = { name: "hello_1.0.0_linux_amd64.tar.gz", digest: `sha256:${"a".repeat(64)}` };
const format = { program: "hello", check: "executable format", result: "passed" } as const;
const tests = [
  { ...format, platform: "linux/amd64" },
  { ...format, platform: "darwin/arm64" },
  { ...format, platform: "darwin/arm64", check: "hello |\n wc", result: "not executed" },
] as const;
const values = {
  version: "v1.0.0",
  tag: "hello-v1.0.0",
  changes: "- First.",
  artifacts: [archive, sums],
  tests,
};

describe("release notes from a template", () => {
  for (const [template, expected] of [
    ["{changes}", "- First."],
    ["# {tag}: {version}\n\n{changes}\n{changes}", "# hello-v1.0.0: v1.0.0\n\n- First.\n- First."],
    [
      "{artifacts}",
      `| File | SHA-256 |\n| --- | --- |\n| SHA256SUMS | \`${"b".repeat(64)}\` |\n| hello_1.0.0_linux_amd64.tar.gz | \`${"a".repeat(64)}\` |`,
    ],
    [
      "{verification}",
      "Download `SHA256SUMS` beside the files, and check them where they are:\n\n```sh\nsha256sum --check --ignore-missing " +
        "SHA256SUMS\n```\n\nOn macOS: `shasum -a 256 --check --ignore-missing SHA256SUMS`.",
    ],
    [
      "{tests}",
      "| Program | Platform | Check | Result |\n| --- | --- | --- | --- |\n" +
        "| hello | darwin/arm64 | executable format | passed |\n| hello | darwin/arm64 | hello \\| wc | not executed |\n" +
        "| hello | linux/amd64 | executable format | passed |",
    ],
    ["docker inspect -f '{{.Id}}' {name}", "docker inspect -f '{{.Id}}' {name}"],
  ] as const) {
    it(`fills in ${JSON.stringify(template)}`, () => assert.equal(renderNotes(template, values), expected));
  }

  it("lists files by name, whatever their order", () => {
    const other = { ...values, artifacts: [sums, archive] };
    assert.equal(renderNotes("{artifacts}", other), renderNotes("{artifacts}", values));
  });

  it("does not fill in what a change says", () => {
    assert.equal(
      renderNotes("{changes}", { ...values, changes: "{version} $& {changes}" }),
      "{version} $& {changes}",
    );
  });

  it("refuses a table of tests where nothing was tested", () => {
    for (const none of [[], undefined]) {
      assert.throws(
        () => renderNotes("{tests}", { ...values, tests: none }),
        (error) =>
          error instanceof NotesError &&
          /leave it out of the template, or declare binaries/.test(error.message),
      );
    }
  });

  it("refuses changes without a change log", () => {
    const { changes: _changes, ...rest } = values;
    assert.throws(
      () => renderNotes("{changes}", rest),
      (error) => error instanceof NotesError && /changelog: "CHANGELOG\.md"/.test(error.message),
    );
  });
});

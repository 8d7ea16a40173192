import assert from "node:assert/strict";
import { DeclarationError } from "../../components/declaration-error";
import { notesOf } from "../../components/release-notes";
import { directoryRelease, githubRelease } from "../../components";

describe("notes of a release target", () => {
  for (const [what, args, expected] of [
    ["none", {}, {}],
    ["a text", { notes: "First." }, { notes: "First." }],
    [
      "a change log",
      { changelog: "CHANGELOG.md" },
      { notesFrom: { changelog: "CHANGELOG.md", version: "v1.0.0" } },
    ],
    [
      "a template",
      { notesTemplate: "Version {version}." },
      { notesFrom: { template: "Version {version}.", version: "v1.0.0" } },
    ],
  ] as const) {
    it(`are ${what}`, () => assert.deepEqual(notesOf(args, "v1.0.0"), expected));
  }

  for (const [name, make] of [
    ["a folder", (more: object) => directoryRelease({ directory: "public", ...more })],
    ["GitHub", (more: object) => githubRelease({ repository: "acme/hello", ...more })],
  ] as const) {
    for (const more of [{ changelog: "CHANGES.md" }, { notesTemplate: "{version}" }]) {
      it(`PROD-10: are refused for ${name} where they are said twice, by ${Object.keys(more).join()}`, () => {
        assert.throws(
          () => make({ notes: "First.", ...more }),
          (error) =>
            error instanceof DeclarationError &&
            error.message.includes(
              `${Object.keys(more).join()}: ${JSON.stringify(Object.values(more)[0])}`,
            ) &&
            /a valid example: \{ changelog: "CHANGELOG\.md" \}/.test(error.message),
        );
      });
    }
  }
});

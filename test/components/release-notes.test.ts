import assert from "node:assert/strict";
import { DeclarationError } from "../../components/declaration/declaration-error";
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
    it(`are ${what}`, () => assert.deepEqual(notesOf(args, { version: "v1.0.0" }), expected));
  }

  it("MESH-12: get the results of tests where the template shows them, and only there", () => {
    const tests = [
      { program: "hello", platform: "linux/amd64", check: "hello --version", result: "passed" as const },
    ];
    const content = { version: "v1.0.0", tests };
    const told = (notesTemplate: string) => notesOf({ notesTemplate }, content).notesFrom;
    assert.deepEqual(told("Tested:\n{tests}"), { template: "Tested:\n{tests}", version: "v1.0.0", tests });
    assert.deepEqual(told("Tested."), { template: "Tested.", version: "v1.0.0" });
  });

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

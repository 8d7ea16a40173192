import * as z from "zod";
import { prose } from "./definition";
import { isNowCalled } from "./renamed-fields";

/** Check of a program for one platform, as notes list it. */
const programTest = z
  .strictObject({
    program: z
      .string()
      .min(1)
      .meta({ description: "Name of the program.", examples: ["hello"] }),
    platform: z
      .string()
      .min(1)
      .meta({ description: "What it is for.", examples: ["linux/amd64"] }),
    check: z
      .string()
      .min(1)
      .meta({ description: "The check, or the command that was run.", examples: ["hello --version"] }),
    result: z
      .enum(["passed", "failed", "not executed"])
      .meta({ description: "How it went.", examples: ["passed"] }),
  })
  .meta({ id: "ProgramTest", description: "Result of a check of a program for one platform." });

export type ProgramTest = z.infer<typeof programTest>;

/** Where the notes of a release come from. */
export const notesFrom = z
  .strictObject({
    changelog: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Change log in the format of Keep a Changelog, relative to the project's folder. The " +
          "section of the version becomes the notes.",
        examples: ["CHANGELOG.md"],
      }),
    version: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Version, with or without `v`. Default: the one in the tag.",
        examples: ["1.2.3"],
      }),
    template: prose(z.string().min(1))
      .refine((text) => !text.includes("{artefacts}"), {
        error: isNowCalled("{artefacts}", "{artifacts}"),
      })
      .optional()
      .meta({
        description:
          "Markdown in which `{version}`, `{tag}`, `{changes}` (the section of the " +
          "change log), `{artifacts}` (a table of the files with their SHA-256 sums, without " +
          "those that are replaceable), `{verification}` (how downloaded files are checked " +
          "with the sums file) and `{tests}` (a table of the checks of each program for each " +
          "platform) are replaced. Default: `{changes}`.",
        examples: ["{changes}\n\n## Files\n\n{artifacts}"],
      }),
    tests: z.array(programTest).optional().meta({ description: "The checks that `{tests}` lists." }),
  })
  .refine(({ changelog, template }) => changelog !== undefined || template !== undefined, {
    error: 'a change log or a template is expected (a valid example: {"changelog": "CHANGELOG.md"})',
  })
  .meta({ id: "NotesSource", description: "Where the notes of a release come from." });

export type NotesSource = z.infer<typeof notesFrom>;

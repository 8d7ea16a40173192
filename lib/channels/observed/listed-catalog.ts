import * as z from "zod";
import { checkDuration } from "../../text/declared-duration";
import { checkPattern, checkPointer, checkProbeUrl } from "./probe";
import { spellings } from "./spelling";
import { expectations } from "./verdict";

/** A text that a check does not throw for. */
const passing = (check: (text: string) => unknown) =>
  z.string().refine((text) => {
    try {
      check(text);
      return true;
    } catch {
      return false;
    }
  });

/** A catalog that others fill, as a list of releases has it: whoever reads the list can ask it. */
export const listedCatalog = z.strictObject({
  name: z.string().min(1).describe("Its name."),
  probe: z
    .strictObject({
      url: passing(checkProbeUrl).describe("Address that is asked."),
      version: passing(checkPointer)
        .optional()
        .describe("JSON pointer to the version; below each entry of the list, where there is one."),
      list: passing(checkPointer).optional().describe("JSON pointer to a list of entries."),
      where: z.record(z.string(), z.string()).optional().describe("What entries have to have, by field."),
      pattern: passing(checkPattern)
        .optional()
        .describe("Regular expression whose first group is the version, for an answer that is no JSON."),
      prefix: z.string().min(1).optional().describe("What stands before each version there."),
      spelled: z.enum(spellings).optional().describe("What packages add to versions there."),
    })
    .describe("Where it says which version it has."),
  expect: z.enum(expectations).optional().describe("What is right. Default: `live`."),
  grace: passing(checkDuration)
    .optional()
    .describe("For how long it may have an earlier version. Default: `7d`."),
});

export type ListedCatalog = z.infer<typeof listedCatalog>;

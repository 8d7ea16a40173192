import * as z from "zod";
import { entryScript as render } from "../../lib/workflows/entry-script";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentRelease, DocumentTarget } from "../declaration/document";

/** What a script starts. */
export interface EntryScriptArgs {
  /**
   * What its runs do: `publish`; `load`, which gives images to the Docker engine of the machine; or `build`. The last two are
   * for programs that read the mode with `configuredMode()`. Default: `publish`.
   */
  mode?: "publish" | "load" | "build";
  /** `programs` builds those of the distribution alone, and puts them in their places. Needs `mode: "build"`. */
  only?: "programs";
  /** Stack of its runs, unless `PULUMI_STACK` names another one. Default: `prod`. */
  stack?: string;
  /**
   * Whether programs read the version with `gitFacts()` or with `configured()`: then the script takes one. Default: `git`.
   */
  versionFrom?: "git" | "configuration";
  /** Words that the script takes in place of a version, for a build without one, e.g. `["dev"]`. */
  withoutVersion?: readonly string[];
  /** Configuration of the policy pack that its runs use. Default: they run without the pack. */
  policies?: string;
}

const entryScriptArguments = z
  .strictObject({
    path: z
      .string()
      .regex(/^(?!\.\.\/)/, "a path in the project's folder is expected")
      .meta({ examples: ["scripts/publish.sh"] }),
    mode: z.enum(["publish", "load", "build"]).optional(),
    only: z.literal("programs").optional(),
    stack: z
      .string()
      .regex(/^[\w.-]+$/, "the name of a stack is expected")
      .meta({ examples: ["prod"] })
      .optional(),
    versionFrom: z.enum(["git", "configuration"]).optional(),
    withoutVersion: z
      .array(
        z
          .string()
          .regex(/^(?!latest$)[A-Za-z][\w.]*$/, "a word other than latest is expected")
          .meta({ examples: ["dev"] }),
      )
      .optional(),
    policies: z
      .string()
      .min(1)
      .meta({ examples: ["policies.json"] })
      .optional(),
  })
  .refine(({ mode, only }) => only === undefined || mode === "build", {
    path: ["only"],
    message: 'it is for mode: "build"',
  })
  .refine(
    ({ withoutVersion, versionFrom }) => withoutVersion === undefined || versionFrom === "configuration",
    {
      path: ["withoutVersion"],
      message: 'a script takes a version with versionFrom: "configuration"',
    },
  );

/**
 * Returns a script that carries the declaration out, for people and for CI of any kind: it finds the project from where
 * it stands itself, and needs npx and Pulumi's CLI. It is in the language of POSIX shells.
 *
 * @param path relative to the project's folder and in it
 * @example entryScript("scripts/publish.sh", { versionFrom: "configuration" })
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function entryScript(path: string, args: EntryScriptArgs = {}): DocumentTarget {
  checkArguments("entryScript()", entryScriptArguments, { path, ...args });
  const { mode = "publish", only, stack = "prod", versionFrom = "git", withoutVersion = [], policies } = args;
  return {
    kind: "script",
    path,
    mode: "0755",
    follows: "declaration",
    findings: ({ programs }: DocumentRelease): Finding[] =>
      only !== undefined && Object.keys(programs).length === 0
        ? [{ property: "only", reason: "the distribution has no binaries, and nothing else would be built" }]
        : [],
    edits: ({ distribution, programs }) => {
      const built = only === undefined ? undefined : Object.keys(programs);
      const takesVersion = versionFrom === "configuration";
      const text = render({
        ...{ path, distribution, mode, programs: built, stack, takesVersion, withoutVersion, policies },
      });
      return [{ whole: { text } }];
    },
  };
}

import * as z from "zod";
import { tag } from "./shapes";

/** Shapes of a tag and of how it may move, which every resource that sets tags shares. */

export const moves = z.enum(["never", "always", "highest"]).meta({
  description:
    "`never`: a version tag, refused where it exists with another digest. `always`: " +
    "follows the program. `highest`: an alias of the highest stable version in `within`; " +
    "it stays where a higher one is published.",
  examples: ["never"],
});

export const taggedVersion = z
  .string()
  .optional()
  .meta({
    description:
      "Semantic or calendar version of the digest, for `highest`. A number after it is its revision, e.g. the " +
      "date of a rebuild.",
    examples: ["v1.2.3"],
  });

export const within = z
  .string()
  .regex(/^(\d+(\.\d+)?)?$/, "an empty text, a major version or major.minor is expected")
  .optional()
  .meta({
    description: "Versions the alias is for: all (default), those of a major version, or of a minor one.",
    examples: ["1.2"],
  });

export const component = z
  .string()
  .min(1, "what stands before the versions is expected")
  .optional()
  .meta({
    description:
      "For `highest`: what stands before the versions that are compared, where the repository has those of several " +
      "components; no others are compared. Default: nothing, or a `v`.",
    examples: ["cli-"],
  });

export const revisions = z
  .boolean()
  .optional()
  .describe(
    "For `highest`: a number after a version is its revision, `1.2.3-2` newer than `1.2.3`. Default: " +
      "it is a pre-release, but the date of a rebuild that has an alias.",
  );

export const calendar = z
  .boolean()
  .optional()
  .describe(
    "For `highest`: versions are calendar versions, such as `2022.04.1`, and no others are compared. Default: they are " +
      "semantic versions.",
  );

export const except = z
  .array(z.string().min(1, "a pattern is expected"))
  .optional()
  .meta({
    description: "For `highest`: tags that are not compared, by pattern; `*` stands for any characters.",
    examples: ["v9.*"],
  });

/** A tag in a list of tags. */
export const declaredTag = z
  .strictObject({ tag, moves, version: taggedVersion, within, component, revisions, calendar, except })
  .meta({ id: "DeclaredTag", description: "A tag and how it may move." });

export type DeclaredTag = z.infer<typeof declaredTag>;

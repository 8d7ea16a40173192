import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";
import type { PlannedTag } from "../declaration/tag-rules";
import { unknownImages } from "./install-section";
import { markdownTable } from "../../lib/text/markdown-table";
import type { Section } from "./section";

/** Arguments of {@link imagesTable}. */
export interface ImagesTableArgs {
  /** Images that are listed. Default: all. */
  images?: string[];
  /** Whether it has their digests, which a preview may not know yet. Default: true. */
  digests?: boolean;
}

const tableArguments = z.strictObject({
  images: z
    .array(z.string().min(1))
    .min(1)
    .meta({ examples: [["hello"]] })
    .optional(),
  digests: z.boolean().optional(),
});

/**
 * A table of the released images in Markdown: name and tag, platforms, digest.
 *
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function imagesTable(args: ImagesTableArgs = {}): Section {
  checkArguments("imagesTable()", tableArguments, args);
  const { digests = true } = args;
  return {
    findings: ({ images }: DocumentRelease) => unknownImages("images", args.images, images),
    text(facts: DocumentFacts) {
      const names = args.images ?? Object.keys(facts.images);
      const known = digests ? pulumi.all(names.map((name) => facts.digestOf(name))) : names.map(() => "");
      return pulumi.output(known).apply((found: readonly string[]) =>
        markdownTable(
          ["Image", "Platforms", ...(digests ? ["Digest"] : [])],
          names.map((name, index) => {
            const { repositories, tag, platforms = [] } = facts.images[name] ?? { repositories: [] };
            const reference = `${repositories[0] ?? name}${tag === undefined ? "" : `:${tag}`}`;
            return [`\`${reference}\``, platforms.join(", "), ...(digests ? [`\`${found[index]}\``] : [])];
          }),
        ),
      );
    },
  };
}

/** A table of the tags that the release gives, in Markdown: which stay, and which move. */
export function tagsTable(): Section {
  return {
    text: ({ plannedTags }: DocumentFacts) =>
      markdownTable(
        ["Tag", "What it is"],
        plannedTags.map((planned) => [`\`${planned.tag}\``, inWords(planned)]),
      ),
  };
}

function inWords({ moves, within = "" }: PlannedTag): string {
  if (moves === "never") return "this version; it never moves";
  if (moves === "always") return "the last one that was built";
  return within === "" ? "the latest stable version" : `the latest stable version of ${within}`;
}

/**
 * A table of the external images of the distribution, in Markdown, with the digests that their names had
 * when they were looked up.
 */
export function externalImagesTable(): Section {
  return {
    findings: ({ declaredExternalImages }: DocumentRelease) =>
      Object.keys(declaredExternalImages).length > 0
        ? []
        : [{ property: "", reason: "the distribution declares no externalImages, which the table is of" }],
    text: (facts: DocumentFacts) =>
      facts.externalImages.apply((references) =>
        markdownTable(
          ["Image", "Digest"],
          Object.entries(facts.declaredExternalImages).map(([name, declared]) => [
            `\`${declared}\``,
            `\`${references[name]?.split("@")[1] ?? ""}\``,
          ]),
        ),
      ),
  };
}

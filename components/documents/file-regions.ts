import * as z from "zod";
import { commentStyle } from "../../lib/documents/comments";
import { regionName } from "../../lib/documents/regions";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import { documentRepository, type DocumentRepository } from "../declaration/document-repository";
import type { DocumentEdits, DocumentFacts, DocumentRelease, DocumentTarget } from "../declaration/document";
import { isSectionText, sectionFindings, textOfSection, type SectionText } from "./section";

/** How documents of a release are written. */
export interface DocumentOptions {
  /**
   * `release` is written when everything can be downloaded, `declaration` always. Default: `release`.
   */
  follows?: "release" | "declaration";
  /** Whether pre-releases are written too. Default: false, they change nothing. */
  prereleases?: boolean;
  /**
   * Another git repository that the path is in, such as that of a website: the document is applied to the file that its branch
   * has, and committed there when everything can be downloaded. Default: the repository of the project.
   */
  into?: DocumentRepository;
}

/** Their shapes. */
export const documentOptions = {
  follows: z.enum(["release", "declaration"]).optional(),
  prereleases: z.boolean().optional(),
  into: documentRepository.optional(),
} as const;

const fileRegionsArguments = z.strictObject({
  path: z.string(),
  regions: z
    .record(
      z.string().regex(regionName, "a name of letters, digits and ._- is expected"),
      z.custom<SectionText>(isSectionText, "a text, or a section such as installSection() is expected"),
    )
    .refine((regions) => Object.keys(regions).length > 0, "at least one region is expected")
    .meta({ examples: [{ version: "The latest version is {version}." }] }),
  ...documentOptions,
});

/**
 * Parts of a file of one's own: what stands between the markers `slipway:begin NAME` and `slipway:end NAME`, each a comment
 * in a line of its own, such as `<!-- slipway:begin install -->` in Markdown. Everything else in the file stays as it is.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 * @param regions what stands in them, by name
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function fileRegions(
  path: string,
  regions: Readonly<Record<string, SectionText>>,
  options: DocumentOptions = {},
): DocumentTarget {
  checkArguments("fileRegions()", fileRegionsArguments, { path, regions, ...options });
  return new FileRegions(path, regions, options);
}

class FileRegions implements DocumentTarget {
  readonly kind = "regions of a file";
  readonly follows: DocumentOptions["follows"];
  readonly prereleases: boolean | undefined;
  readonly into: DocumentRepository | undefined;

  constructor(
    readonly path: string,
    private readonly regions: Readonly<Record<string, SectionText>>,
    options: DocumentOptions,
  ) {
    this.follows = options.follows;
    this.prereleases = options.prereleases;
    this.into = options.into;
  }

  findings(release: DocumentRelease): Finding[] {
    if (commentStyle(this.path) === undefined) {
      const reason =
        `${JSON.stringify(this.path)} can have no regions: their markers are comments, and how such a file has them is ` +
        'not known (a valid example: "README.md")';
      return [{ property: "path", reason }];
    }
    return Object.entries(this.regions).flatMap(([name, section]) =>
      sectionFindings(`regions.${name}`, section, release),
    );
  }

  edits(facts: DocumentFacts): DocumentEdits {
    return Object.entries(this.regions).map(([name, section]) => ({
      region: { name, text: textOfSection(section, facts) },
    }));
  }
}

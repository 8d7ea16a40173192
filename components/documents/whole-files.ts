import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentEdits, DocumentFacts, DocumentRelease, DocumentTarget } from "../declaration/document";
import { documentOptions, type DocumentOptions } from "./file-regions";
import { documentValues, isSectionText, sectionFindings, textOfSection, type SectionText } from "./section";

/** How whole files are written. */
export interface WholeFileOptions extends DocumentOptions {
  /** Permission bits as octal digits. Default: those that the file has, and 0644. */
  mode?: string;
  /** Whether a file that somebody else has put there is replaced. Default: false, it is refused. */
  takeOver?: boolean;
  /** Whether a comment says that Slipway writes it. Default: true, where such a file can have one. */
  mark?: boolean;
}

/** Arguments of {@link fileTemplate}. */
export interface FileTemplateArgs extends WholeFileOptions {
  /** The template, relative to the project's folder and inside it. */
  from: string;
  /** What further names stand for. */
  values?: Readonly<Record<string, SectionText>>;
  /** Most characters, as people count them, that what is made may have. Default: any number. */
  longest?: number;
}

const wholeFileOptions = {
  ...documentOptions,
  mode: z
    .string()
    .regex(/^0?[0-7]{3,4}$/, "permission bits as octal digits are expected")
    .meta({ examples: ["0755"] })
    .optional(),
  takeOver: z.boolean().optional(),
  mark: z.boolean().optional(),
} as const;

const sectionText = z.custom<SectionText>(
  isSectionText,
  "a text, or a section such as installSection() is expected",
);

const wholeFileArguments = z.strictObject({ path: z.string(), content: sectionText, ...wholeFileOptions });

const templateArguments = z.strictObject({
  path: z.string(),
  from: z
    .string()
    .min(1)
    .meta({ examples: ["templates/DOCKER_HUB.md"] }),
  values: z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, "a name of letters, digits and _ is expected"),
      sectionText,
    )
    .meta({ examples: [{ install: "npm install hello" }] })
    .optional(),
  longest: z.int().positive().optional(),
  ...wholeFileOptions,
});

/**
 * A file that is written whole, of a text with `{version}` and the like, or of a section.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function wholeFile(
  path: string,
  content: SectionText,
  options: WholeFileOptions = {},
): DocumentTarget {
  checkArguments("wholeFile()", wholeFileArguments, { path, content, ...options });
  const { mark, ...rest } = options;
  return {
    kind: "whole file",
    path,
    ...rest,
    findings: (release: DocumentRelease) => sectionFindings("content", content, release),
    edits: (facts: DocumentFacts): DocumentEdits => [
      { whole: { text: textOfSection(content, facts), mark } },
    ],
  };
}

/**
 * A file that is written whole, of a template of one's own in which names in braces stand for what is released: `{version}`, `{semver}`,
 * `{tag}`, `{name}` of the distribution, and of each image `{images.NAME.repository}`, `.tag`, `.latest` and
 * `.digest`; and those of `values`.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function fileTemplate(path: string, args: FileTemplateArgs): DocumentTarget {
  checkArguments("fileTemplate()", templateArguments, { path, ...args });
  const { from, values = {}, longest, mark, ...rest } = args;
  return {
    kind: "file of a template",
    path,
    ...rest,
    findings(release: DocumentRelease): Finding[] {
      const known = [...Object.keys(documentValues(release)), "name"];
      return Object.entries(values).flatMap(([name, section]) =>
        known.includes(name)
          ? [{ property: `values.${name}`, reason: `{${name}} is that of the release: take another name` }]
          : sectionFindings(`values.${name}`, section, release),
      );
    },
    edits: (facts: DocumentFacts): DocumentEdits => [
      { template: { from, values: { ...releasedValues(facts), ...textsOf(values, facts) }, mark, longest } },
    ],
  };
}

function textsOf(
  values: Readonly<Record<string, SectionText>>,
  facts: DocumentFacts,
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, section]) => [name, textOfSection(section, facts)]),
  );
}

/** What every template knows; what there is not has no name. */
function releasedValues(facts: DocumentFacts): Record<string, pulumi.Input<string>> {
  const ofImages = Object.entries(facts.images).flatMap(([name, { repositories, tag, latest }]) => {
    const known: [string, pulumi.Input<string> | undefined][] = [
      ["repository", repositories[0]],
      ["tag", tag],
      ["latest", latest],
      ["digest", facts.digestOf(name)],
    ];
    return known.flatMap(([field, value]) =>
      value === undefined ? [] : [[`images.${name}.${field}`, value] as const],
    );
  });
  return { ...documentValues(facts), name: facts.distribution, ...Object.fromEntries(ofImages) };
}

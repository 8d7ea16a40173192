import * as pulumi from "@pulumi/pulumi";
import { fillPlaceholders, unknownPlaceholder } from "../../lib/documents/placeholders";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";
import { versionValues } from "../declaration/templates";

/** A part of a document that follows from what is released. */
export interface Section {
  /** Returns what it cannot say; looked at before any resource is registered. Default: nothing. */
  findings?(release: DocumentRelease): Finding[];
  /** Its text, in the language of the file. */
  text(facts: DocumentFacts): pulumi.Input<string>;
}

/** A section, or a text with `{version}`, `{semver}` and `{tag}`. */
export type SectionText = Section | string;

/** Returns whether a value is a section or a text. */
export function isSectionText(value: unknown): value is SectionText {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null) return false;
  const { text, findings } = value as Partial<Record<keyof Section, unknown>>;
  return typeof text === "function" && (findings === undefined || typeof findings === "function");
}

/** Names that texts of documents can have. */
export function documentValues({ version }: DocumentRelease): Readonly<Record<string, string>> {
  return version === undefined ? {} : versionValues(version);
}

/** Returns what a section cannot say. */
export function sectionFindings(property: string, section: SectionText, release: DocumentRelease): Finding[] {
  if (typeof section !== "string") {
    return (section.findings?.(release) ?? []).map((found) => ({
      property: found.property === "" ? property : `${property}.${found.property}`,
      reason: found.reason,
    }));
  }
  const problem = unknownPlaceholder(section, Object.keys(documentValues(release)));
  return problem === undefined ? [] : [{ property, reason: problem }];
}

/** The text of a section. */
export function textOfSection(section: SectionText, facts: DocumentFacts): pulumi.Input<string> {
  return typeof section === "string"
    ? fillPlaceholders("the text", section, documentValues(facts))
    : section.text(facts);
}

import { deprecationList } from "../../lib/retention/deprecation-list";
import { markdownTable } from "../../lib/text/markdown-table";
import type { DocumentEdits, DocumentFacts, DocumentTarget } from "../declaration/document";
import type { Section } from "./section";

/**
 * A table of the versions that users are told to leave, in Markdown: since when, when they go, why, and what to use instead.
 * A sentence where there are none.
 */
export function deprecationsTable(): Section {
  return {
    text: ({ deprecated }: DocumentFacts) =>
      deprecated.length === 0
        ? "No version is deprecated."
        : markdownTable(
            ["Versions", "Deprecated since", "Removed from", "Why", "Use instead"],
            deprecated.map(({ versions, since, removal = "", reason = "", instead = "" }) => [
              versions,
              since,
              removal,
              reason,
              instead,
            ]),
          ),
  };
}

/**
 * A file for machines with the same, JSON of a fixed form: `deprecated.json`. It follows the declaration, so that a notice
 * needs no release.
 *
 * @param path relative to the project's folder, in it or elsewhere in its git repository
 */
export function deprecatedFile(path = "deprecated.json"): DocumentTarget {
  return {
    kind: "list of deprecated versions",
    path,
    follows: "declaration",
    edits: ({ distribution, deprecated }: DocumentFacts): DocumentEdits => [
      { whole: { text: deprecationList(distribution, deprecated), mark: false } },
    ],
  };
}

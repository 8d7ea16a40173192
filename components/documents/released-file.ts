import { nearest } from "../../lib/text/nearest";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DocumentFacts, DocumentRelease } from "../declaration/document";
import type { Section } from "./section";

/**
 * An installer, or what a channel with `asset: true` adds to the release, such as Homebrew's formula, as a file of the
 * project too.
 *
 * @param name of the file in the release, e.g. `install.sh`
 */
export function releasedFile(name: string): Section {
  return {
    findings: ({ textFiles }: DocumentRelease): Finding[] => {
      if (textFiles === undefined) {
        const reason =
          'this run releases nothing, and the file is one of the release: leave out follows: "declaration"';
        return [{ property: "", reason }];
      }
      if (textFiles.includes(name)) return [];
      const meant = nearest(name, textFiles);
      const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
      const known = textFiles.length === 0 ? "none of either" : textFiles.join(", ");
      const reason =
        `${JSON.stringify(name)} is neither an installer nor a file of a channel: the release has ${known}${hint}. A channel ` +
        "in a git repository adds its files with asset: true";
      return [{ property: "", reason }];
    },
    text: (facts: DocumentFacts) => facts.textOfFile(name),
  };
}

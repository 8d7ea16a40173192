import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A word or phrase that is not written here. */
export interface Misspelling {
  /** Line in the text, from 1. */
  line: number;
  /** As it stands there. */
  found: string;
  /** How it is written here. */
  instead: string;
}

/**
 * British spellings, wherever in a name they stand, and what is written in their place. The API has
 * American names, as those of its peers do: one spelling for both, and for names in the code.
 */
const spellings: [written: string, instead: string][] = [
  ["artefact", "artifact"],
  ["behaviour", "behavior"],
  ["catalogue", "catalog"],
  ["colour", "color"],
  ["defence", "defense"],
  ["favour", "favor"],
  ["fulfilment", "fulfillment"],
  ["honour", "honor"],
  ["judgement", "judgment"],
  ["labelled", "labeled"],
  ["learnt", "learned"],
  ["licence", "license"],
  ["misspelt", "misspelled"],
  ["neighbour", "neighbor"],
  ...[
    "authori",
    "categori",
    "customi",
    "initiali",
    "minimi",
    "normali",
    "optimi",
    "organi",
    "prioriti",
    "recogni",
    "saniti",
    "seriali",
    "standardi",
    "summari",
    "synchroni",
    "utili",
  ].flatMap((stem): [string, string][] =>
    ["se", "sed", "ses", "sing", "sation"].map((end) => [stem + end, `${stem}z${end.slice(1)}`]),
  ),
];

/** Phrases that readers stop at, with what is written in their place. */
const phrases: [written: RegExp, instead: string][] = [
  [/\bthat which\b/, "what"],
  [/\bis there twice\b/, "is listed twice"],
  [/\bsays not\b/, "does not say"],
  [/\bone of both\b/, "one of them"],
  [
    /"?\$\{[^}]*\} is no (?=date|digest|directory|file|index|JSON|key|name|reference|semantic|tag|text|URL)/,
    "is not a",
  ],
];

const british = new RegExp(spellings.map(([written]) => written).join("|"), "gi");
const american = new Map(spellings);

/** Returns what of a text is not in the English of this project. */
export function misspellings(text: string): Misspelling[] {
  return text.split("\n").flatMap((content, index) => {
    const line = index + 1;
    const words = [...content.matchAll(british)].map(([found]) => ({
      line,
      found,
      instead: american.get(found.toLowerCase()) ?? "",
    }));
    const idioms = phrases.flatMap(([written, instead]) => {
      const found = written.exec(content)?.[0];
      return found === undefined ? [] : [{ line, found, instead }];
    });
    return [...words, ...idioms];
  });
}

/** The check itself, and former names that the provider refuses with the new one. */
const exempt = new Set([
  "resources/definitions/archive.ts",
  "resources/definitions/checksums.ts",
  "resources/definitions/release-notes.ts",
  "test/end-to-end/former-names.test.ts",
  "test/provider/former-names.test.ts",
  "test/provider/release-notes.test.ts",
  "test/resources/renamed-fields.test.ts",
  "test/tools/spelling.test.ts",
  "tools/commands/spelling.ts",
]);

/** Findings in the sources and the documentation of a checkout, a line each. */
export function spellingFindings(repository: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "*.ts", "*.cjs", "*.cts", "*.md", "*.go", "*.py"], {
    cwd: repository,
    encoding: "utf8",
  });
  return listed
    .split("\0")
    .filter((file) => file !== "" && !exempt.has(file))
    .flatMap((file) =>
      misspellings(readFileSync(join(repository, file), "utf8")).map(
        ({ line, found, instead }) => `${file}:${line}: ${JSON.stringify(found)}: write "${instead}"`,
      ),
    );
}

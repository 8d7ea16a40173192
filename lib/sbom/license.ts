import { createHash } from "node:crypto";

import parse from "spdx-expression-parse";
import licenseList from "spdx-license-ids/index.json";

/**
 * Licenses in the words of package managers, as the documents want them: identifiers of the SPDX
 * license list where they are some, and a reference to the words themselves where they are not.
 */

const identifiers: ReadonlySet<string> = new Set(licenseList);

/**
 * Characters over which words are referred to as a whole: the time that the parser takes grows with
 * the square of their length, and packages decide what they say.
 */
const longestExpression = 4096;

/** Words that are not identifiers, to be printed beside a document. */
export interface LicenseReference {
  /** `LicenseRef-…`, the same for the same words. */
  readonly id: string;
  readonly words: string;
}

/** A license for a document. */
export interface LicenseExpression {
  /** A license expression (SPDX 2.3, annex D). */
  readonly expression: string;
  /** The identifier, where the expression is a single one of the license list. */
  readonly identifier?: string;
  /** References of the expression outside the license list. */
  readonly references: readonly LicenseReference[];
}

/**
 * The expression for a license in a declaration's own words. What is not of the grammar becomes one
 * reference as a whole; a name that is not on the list becomes a reference where it stands.
 */
export function licenseExpression(words: string): LicenseExpression {
  const text = words.trim().replace(/\s+/g, " ");
  if (identifiers.has(text)) return { expression: text, identifier: text, references: [] };
  if (text.length > longestExpression) return referredTo(text);
  const tokens = text.match(/\(|\)|[^\s()]+/g) ?? [];
  const references: LicenseReference[] = [];
  const written = tokens.map((token, index) => {
    if (/^(\(|\)|AND|OR|WITH)$/.test(token) || tokens[index - 1] === "WITH") return token;
    if (identifiers.has(token.replace(/\+$/, ""))) return token;
    const reference = referenceTo(token);
    references.push(reference);
    return reference.id;
  });
  const expression = written.join(" ").replace(/\( /g, "(").replace(/ \)/g, ")");
  if (isExpression(expression)) return { expression, references };
  return referredTo(text);
}

function referredTo(words: string): LicenseExpression {
  const reference = referenceTo(words);
  return { expression: reference.id, references: [reference] };
}

function isExpression(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function referenceTo(words: string): LicenseReference {
  const readable = words
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);
  const hash = createHash("sha256").update(words).digest("hex").slice(0, 12);
  return { id: `LicenseRef-${readable ? `${readable}-` : ""}${hash}`, words };
}

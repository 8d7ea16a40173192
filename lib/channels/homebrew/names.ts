import { ChannelError } from "../artifact";

const namePattern = /^[a-z0-9][a-z0-9+._-]*(@[0-9][0-9.]*)?$/;

/** Most characters of a description (Homebrew's rule for `desc`). */
const longestDescription = 80;

/**
 * Class of a formula, which Homebrew derives from the file's name: `mcp-mesh` is `McpMesh`,
 * `hello@1.2` is `HelloAT12`.
 *
 * @throws ChannelError where it is no name of a formula
 */
export function formulaClass(name: string): string {
  const refuse = (why: string): never => {
    throw new ChannelError("name", `${JSON.stringify(name)} ${why} (a valid example: "mcp-mesh")`);
  };
  if (!namePattern.test(name)) {
    refuse("is no name of a Homebrew formula: small letters, digits and + - . _ are expected");
  }
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  const joined = capital.replace(/[-_.]([a-z0-9])/g, (_, next: string) => next.toUpperCase());
  const result = joined.replaceAll("+", "x").replace(/(.)@(\d)/, "$1AT$2");
  // A class has a letter at its beginning, and no other sign than letters, digits and `_`.
  if (!/^[A-Z]\w*$/.test(result)) refuse(`would be the class ${result}, which Ruby does not take`);
  return result;
}

/**
 * Checks a description by Homebrew's rules, which `brew audit` enforces.
 *
 * @throws ChannelError with the rule
 */
export function checkDescription(description: string, name: string): void {
  const refuse = (rule: string): never => {
    const given = JSON.stringify(description);
    throw new ChannelError(
      "description",
      `${given}: Homebrew's rule: ${rule} (a valid example: "Greets the world")`,
    );
  };
  const [first = ""] = description.split(/\s/);
  if (description.trim() !== description || description === "")
    refuse("no space at the beginning or the end");
  if (/^(the|an?)\s/i.test(description)) refuse("it does not start with an article");
  if (/^[a-z]/.test(description) && !["iOS", "iPhone", "macOS"].includes(first)) {
    refuse("it starts with a capital letter");
  }
  const spelled = name.replaceAll("-", "").split("").map(escaped).join("[\\s-]?");
  if (new RegExp(`^${spelled}\\b`, "i").test(description))
    refuse("it does not start with the formula's name");
  if (/\.$/.test(description) && !description.endsWith("etc.")) refuse("it does not end with a full stop");
  if (/command ?line/i.test(description)) refuse('it says "command-line"');
  if (/\p{So}/u.test(description)) refuse("it has no symbols");
  if (description.length > longestDescription) {
    refuse(`it has at most ${longestDescription} characters, not ${description.length}`);
  }
}

/**
 * The license as a formula says it, of an SPDX expression.
 *
 * @throws ChannelError for an expression of several levels
 */
export function rubyLicense(expression: string): string {
  const parts = expression.trim().split(/\s+(AND|OR)\s+/);
  const licenses = parts.filter((_, index) => index % 2 === 0);
  const operators = new Set(parts.filter((_, index) => index % 2 === 1));
  if (operators.size > 1 || licenses.some((license) => !/^[\w.+-]+(\s+WITH\s+[\w.-]+)?$/.test(license))) {
    throw new ChannelError(
      "license",
      `${JSON.stringify(expression)}: a formula is given one license, or licenses that are joined by AND or by OR ` +
        '(a valid example: "MIT OR Apache-2.0")',
    );
  }
  const terms = licenses.map((license) => {
    const [name = "", exception] = license.split(/\s+WITH\s+/);
    return exception === undefined ? `"${name}"` : `{ "${name}" => { with: "${exception}" } }`;
  });
  const [only = ""] = terms;
  if (terms.length === 1) return only.startsWith("{") ? only.slice(2, -2) : only;
  return `${operators.has("OR") ? "any_of" : "all_of"}: [${terms.join(", ")}]`;
}

function escaped(sign: string): string {
  return sign.replace(/[.+]/, "\\$&");
}

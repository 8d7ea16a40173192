/** One challenge of a `WWW-Authenticate` header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Scheme in lower case, e.g. `bearer` or `basic`. */
  scheme: string;
  /** Parameters, names in lower case, quotes and escapes removed. */
  parameters: Readonly<Record<string, string>>;
}

const whitespaceAndCommas = /[\s,]*/y;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const spaces = /[ \t]*/y;
const token68 = /[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/y;
const equals = /[ \t]*=[ \t]*/y;
const quoted = /"((?:[^"\\]|\\.)*)"/y;
const bareValue = /[^\s,"]+/y;

/**
 * Reads the challenges of a `WWW-Authenticate` header, given as one value or as one value a header
 * line. One line can hold several challenges, and a comma separates challenges as well as
 * parameters. What cannot be read ends the list: the challenges before it are returned.
 */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  const lines = header === undefined ? [] : typeof header === "string" ? [header] : header;
  return lines.flatMap(parseLine);
}

function parseLine(line: string): Challenge[] {
  const challenges: Challenge[] = [];
  let parameters: Record<string, string> | undefined;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match;
  };

  for (;;) {
    take(whitespaceAndCommas);
    const name = take(token)?.[0].toLowerCase();
    if (name === undefined) return challenges;
    if (parameters !== undefined && take(equals)) {
      const value = take(quoted)?.[1]?.replace(/\\(.)/g, "$1") ?? take(bareValue)?.[0];
      if (value === undefined) return challenges;
      parameters[name] = value;
      continue;
    }
    parameters = {};
    challenges.push({ scheme: name, parameters });
    take(spaces);
    take(token68);
  }
}

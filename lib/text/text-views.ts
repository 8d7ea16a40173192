/** A text as a reader would decode it, and where in the original each of its characters stands. */
export interface TextView {
  readonly text: string;
  /**
   * Start of each character in the original text, and its end as the last entry. Undefined: they
   * are the same.
   */
  readonly starts: readonly number[] | undefined;
  /** Whether ends of lines were taken out. */
  readonly joined: boolean;
}

interface Decoding {
  /** Without it in a text there is nothing to decode. */
  readonly mark: RegExp;
  readonly pattern: RegExp;
  readonly decode: (escape: string) => string;
  readonly joins?: boolean;
}

const shortEscapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Escapes of strings: RFC 8259 section 7, and `\x41` and `\'` of other languages. */
const stringEscapes: Decoding = {
  mark: /\\/,
  pattern: /\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|["'\\/bfnrt])/g,
  decode: (escape) => {
    const kind = escape[1] ?? "";
    if (escape.length > 2) return String.fromCharCode(parseInt(escape.slice(2), 16));
    return shortEscapes[kind] ?? kind;
  },
};

/** One character of UTF-8 in percent-encoding (RFC 3986 section 2.1). */
const percentEncoding: Decoding = {
  mark: /%/,
  pattern:
    /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi,
  decode: (escape) => Buffer.from(escape.replaceAll("%", ""), "hex").toString("utf8"),
};

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Character references of HTML and XML for what has a meaning there. */
const characterReferences: Decoding = {
  mark: /&/,
  pattern: /&(?:amp|lt|gt|quot|apos|#3[49]|#x2[27]);/g,
  decode: (escape) => {
    const name = escape.slice(1, -1);
    return entities[name] ?? (name === "#34" || name === "#x22" ? '"' : "'");
  },
};

/** A quote inside of a quoted word, as shells print it with `set -x`. */
const shellQuotes: Decoding = {
  mark: /'/,
  pattern: /'(?:\\'|"'")'/g,
  decode: () => "'",
};

/**
 * The end of a line and the indentation of the next: long texts are wrapped, and quoted with an
 * indentation.
 */
const lineEnds: Decoding = {
  mark: /\n/,
  pattern: /\r?\n[ \t]*/g,
  decode: () => "",
  joins: true,
};

/**
 * One after the other, for they are found inside of each other: JSON in JSON, a query in a string
 * of JSON.
 */
const nested = [stringEscapes, stringEscapes, percentEncoding, characterReferences, lineEnds];

/** Each alone too, for a secret may hold what looks like an escape of another kind. */
const single = [percentEncoding, characterReferences, shellQuotes, lineEnds];

/** A text as it is, and as it reads once its escapes are decoded and its lines joined. */
export function textViews(text: string): TextView[] {
  const whole: TextView = { text, starts: undefined, joined: false };
  const views = [whole];
  let last = whole;
  for (const decoding of nested) {
    const next = decoded(last, decoding);
    if (!next) continue;
    views.push(next);
    last = next;
  }
  for (const decoding of single) {
    const next = decoded(whole, decoding);
    if (next) views.push(next);
  }
  return views;
}

/** A view with something decoded; undefined where there is nothing to decode. */
function decoded(view: TextView, { mark, pattern, decode, joins }: Decoding): TextView | undefined {
  const { text, starts: known } = view;
  if (!mark.test(text)) return undefined;
  const start = (index: number) => (known ? (known[index] ?? 0) : index);
  const parts: string[] = [];
  const starts: number[] = [];
  let position = 0;
  const keep = (end: number) => {
    parts.push(text.slice(position, end));
    for (; position < end; position++) starts.push(start(position));
  };
  for (const match of text.matchAll(pattern)) {
    keep(match.index);
    const plain = decode(match[0]);
    parts.push(plain);
    for (let unit = 0; unit < plain.length; unit++) starts.push(start(position));
    position += match[0].length;
  }
  if (parts.length === 0) return undefined;
  keep(text.length);
  starts.push(start(text.length));
  return { text: parts.join(""), starts, joined: view.joined || joins === true };
}

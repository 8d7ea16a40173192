/** A text in which a secret can stand. */
export interface SecretForm {
  readonly text: string;
  /**
   * Characters on each side that hold bits of the secret too, and bits of what stands beside it.
   */
  readonly shared: { readonly before: 0 | 1; readonly after: 0 | 1 };
  /**
   * Whether it can stand across the ends of lines: a short one would be found where two words meet.
   */
  readonly wraps: boolean;
}

/**
 * Shorter secrets are looked for as they are only: of their encodings too little is left to be told
 * from other text.
 */
const shortestEncoded = 4;

/** Shortest form that is looked for across the end of a line, in characters. */
const shortestWrapped = 8;

/** Bits of a character of base64. */
const base64Bits = 6;

/**
 * Returns what a secret looks like where it is printed as it is, as base64 or base64url (RFC 4648
 * sections 4 and 5) with anything before and after it, and in hexadecimal. Escapes are not among
 * them: see text-views.
 */
export function secretForms(secret: string): SecretForm[] {
  const plain = [secret, secret.replaceAll(" ", "+"), secret.replace(/\r?\n[ \t]*/g, "")];
  const bytes = Buffer.from(secret, "utf8");
  const encoded = bytes.length < shortestEncoded ? [] : [...base64Forms(bytes), ...hexForms(bytes)];
  return [...new Set(plain)].map((text) => form(text)).concat(encoded);
}

function form(text: string, shared: SecretForm["shared"] = { before: 0, after: 0 }): SecretForm {
  return { text, shared, wraps: text.length >= shortestWrapped };
}

function hexForms(bytes: Buffer): SecretForm[] {
  const hex = bytes.toString("hex");
  return [form(hex), form(hex.toUpperCase())];
}

/** A group of base64 has three bytes, so a secret stands in one of three places in it. */
function base64Forms(bytes: Buffer): SecretForm[] {
  return [0, 1, 2].flatMap((offset) => {
    const bits = (offset + bytes.length) * 8;
    const first = Math.ceil((offset * 8) / base64Bits);
    const end = Math.floor(bits / base64Bits);
    const core = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(first, end);
    const shared = { before: offset === 0 ? 0 : 1, after: bits % base64Bits === 0 ? 0 : 1 } as const;
    const safe = core.replaceAll("+", "-").replaceAll("/", "_");
    return [...new Set([core, safe])].map((text) => form(text, shared));
  });
}

import { isDigest } from "../oci/digest";
import { formatRepository, parseRepository, ReferenceError } from "../oci/reference";

/** A reference of an image as a file has it, with variables that compose or a shell replaces. */
export interface ReferenceText {
  /** Repository, as it is written: `ui`, `tinyolly/ui`, `${ORG:-tinyolly}/ui`. */
  readonly written: string;
  /** The same as `host/path`, with the defaults of its variables. */
  readonly repository: string;
  /** Tag as it is written, without the colon. */
  readonly tag: string | undefined;
  /** Digest, without the `@`. */
  readonly digest: string | undefined;
}

/** `${NAME}`, `${NAME:-default}` or `${NAME-default}`; defaults that have variables are not read. */
const variable = /\$\{[A-Za-z_][A-Za-z0-9_]*(?::?-([^${}]*))?\}/g;
const whole = /^\$\{[A-Za-z_][A-Za-z0-9_]*:?-[^${}]*\}$/;

/**
 * Reads the text of a reference; undefined where it is none, or its repository is known to nobody
 * before variables have their values.
 *
 * Source: the grammar of Docker's reference package; compose-spec, "Interpolation".
 */
export function readReference(text: string): ReferenceText | undefined {
  const { repository, tag, digest } = parts(text);
  const expanded = withDefaults(repository);
  if (expanded === undefined) return undefined;
  if (digest !== undefined && !isDigest(digest) && !digest.includes("$")) return undefined;
  try {
    return { written: repository, repository: formatRepository(parseRepository(expanded)), tag, digest };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return undefined;
  }
}

/** The text cut at the signs that are in no variable. */
function parts(text: string): { repository: string; tag: string | undefined; digest: string | undefined } {
  // What is in a variable has no sign of its own.
  const signs = text.replace(variable, (found) => "_".repeat(found.length));
  const at = signs.indexOf("@");
  const named = at < 0 ? signs : signs.slice(0, at);
  const colon = named.lastIndexOf(":");
  const end = colon > named.lastIndexOf("/") ? colon : named.length;
  return {
    repository: text.slice(0, end),
    tag: end < named.length ? text.slice(end + 1, named.length) : undefined,
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}

function withDefaults(text: string): string | undefined {
  let isKnown = true;
  const expanded = text.replace(variable, (_found, value: string | undefined) => {
    isKnown &&= value !== undefined;
    return value ?? "";
  });
  return isKnown && !expanded.includes("$") ? expanded : undefined;
}

/**
 * Another tag in place of a written one: the default of a variable, where it is one; undefined where
 * a variable without a default decides.
 */
export function replacedTag(written: string | undefined, tag: string): string | undefined {
  if (written === undefined || !written.includes("$")) return tag;
  return whole.test(written) ? written.replace(/(:?-)[^${}]*\}$/, `$1${tag}}`) : undefined;
}

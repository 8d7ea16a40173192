import { isSecretName } from "../machine/secret-names";

/** Shorter parts are words more often than secrets, in characters. */
const shortestPart = 8;
/**
 * A word with a letter and a digit in it, as identifiers and tokens are and most others are not.
 */
const likeToken = /^(?=.*[0-9])(?=.*[A-Za-z])(?:\w{8,}|[\w-]{20,})$/;

/**
 * The parts of a secret that are secrets alone: a program composes addresses, headers and arguments
 * with them, and what the provider gets is the composed text. Of addresses the password, values of
 * the query and tokens in the path; what follows the name of an argument, a variable or a header,
 * and the scheme of an authorization; the password of Basic.
 *
 * @param alone whether the text is all of a secret; a line of a file has settings in it too, which
 * are words
 */
export function secretParts(text: string, alone: boolean): string[] {
  if (/^[a-z][a-z0-9+.-]{0,30}:\/\//i.test(text) && URL.canParse(text)) return partsOfAddress(new URL(text));
  const [, name = "", value = ""] = /^([\w.-]+)(?:=|: )\s*(?=\S)(.+)$/.exec(text) ?? [];
  const named = alone || isSecretName(name) || likeToken.test(value) ? value : undefined;
  const authorization = /^(?:Bearer|Basic|token) +(\S+)$/i.exec(text)?.[1];
  const password = /^Basic /i.test(text) ? passwordOf(authorization ?? "") : undefined;
  return [named, authorization, password].filter(isLong);
}

/** The password in `user:password` in base64 (RFC 7617, and `auth` of Docker's configuration). */
export function passwordOf(encoded: string): string | undefined {
  const [, password] = /^[^:]+:(.+)$/.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return password;
}

function partsOfAddress({ password, searchParams, pathname, hash }: URL): string[] {
  const segments = `${pathname}/${hash.slice(1)}`.split("/").filter((part) => likeToken.test(part));
  return [password, decoded(password), ...searchParams.values(), ...segments].filter(isLong);
}

function isLong(part: string | undefined): part is string {
  return part !== undefined && part.length >= shortestPart;
}

/** A part of an address without its percent encoding; as it is, where that is damaged. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import { DocumentError } from "./document-error";

/**
 * Reads the values of a list in JSON.
 *
 * @throws DocumentError
 */
export function jsonList(text: string): unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (Array.isArray(list) && list.length > 0) return list as unknown[];
  throw new DocumentError('no list in JSON with at least one value (a valid example: "[{}]")');
}

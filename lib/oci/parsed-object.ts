/** Parses JSON that has to be an object. @param name of the text, for messages @throws Error */
export function parsedObject(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${name} is not a JSON object (a valid example: {"reviewer": "alice"})`);
  }
  return value as Record<string, unknown>;
}

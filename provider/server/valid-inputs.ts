import type * as z from "zod";
import type { ResourceDefinition } from "../../resources/definitions/definition";
import { findingsOf, InputError } from "../../resources/definitions/input-findings";
import type { DecodedProperties, Properties } from "../base/properties";
import { hasUnknown, Unknown } from "../base/unknown";
import { refuseSecretArguments } from "./process-arguments";

/**
 * Refuses inputs that are not what a resource type takes; what is not known yet is not looked at.
 *
 * @throws InputError; no finding repeats a secret
 */
export function refuseInvalid({ inputs, token }: ResourceDefinition, news: DecodedProperties): void {
  const isSecret = (path: readonly PropertyKey[]) => underSecret(news, path);
  const result = inputs.safeParse(news.values);
  if (!result.success) {
    const issues = result.error.issues.filter((issue) => !isOfUnknown(news.values, issue));
    if (issues.length > 0) throw new InputError(findingsOf(inputs, { issues }, news.values, isSecret));
  }
  refuseSecretArguments(token, news.secrets);
}

/** Returns whether an issue is only that a value is not known yet. */
function isOfUnknown(values: Properties, issue: z.core.$ZodIssue): boolean {
  let value: unknown = values;
  for (const key of issue.path) {
    if (value instanceof Unknown) return true;
    value =
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  // A union is told as a whole, wherever in it the unknown is.
  return value instanceof Unknown || (issue.code === "invalid_union" && hasUnknown(value));
}

function underSecret(properties: DecodedProperties, path: readonly PropertyKey[]): boolean {
  return path.some((_, index) =>
    properties.secrets.has(JSON.stringify(path.slice(0, index + 1).map(String))),
  );
}

import type * as z from "zod";
import { isSecretName } from "../../lib/machine/secret-names";
import { nearest } from "../../lib/text/nearest";
import { formerNamesOf, isNowCalled, type FormerNames } from "./renamed-fields";
import { definitionOf, schemaAt, unwrap, wrapped } from "./schema-walk";

/** One thing that is wrong with an input: where, and what to write instead. */
export interface Finding {
  /** Path of the field, e.g. `layers[0].files[2].source`. */
  property: string;
  reason: string;
  /** Whether its value is a secret, although nothing marks it as one: then nobody is shown it. */
  isSecret?: boolean;
}

/** Bad input, refused before any side effect. */
export class InputError extends Error {
  override readonly name = "InputError";
  constructor(readonly findings: readonly Finding[]) {
    super(
      findings
        .map((finding) => (finding.property ? `${finding.property}: ${finding.reason}` : finding.reason))
        .join("\n"),
    );
  }
}

/** Writes a path of keys as a property path. */
export function propertyPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) =>
      typeof key === "number" ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`,
    )
    .join("");
}

/** The value at a path, or undefined. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

/** Longest value that is repeated in a message, in characters. */
const longestQuotedValue = 120;

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > longestQuotedValue ? `${text.slice(0, longestQuotedValue)}…` : text;
}

/** A value as it may be quoted: what is secret in it is left out. */
function shown(value: unknown, path: readonly PropertyKey[], isSecret: IsSecret): unknown {
  if (isSecret(path)) return "[secret]";
  if (Array.isArray(value)) return value.map((item, index) => shown(item, [...path, index], isSecret));
  // What is not plain, such as an output of Pulumi, says itself how it is written.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shown(item, [...path, key], isSecret)]),
  );
}

/** Whether what is at a path must not be repeated. */
type IsSecret = (path: readonly PropertyKey[]) => boolean;

/** Returns whether a name in a path is that of a secret, for values that nobody marked as such. */
function namedSecret(path: readonly PropertyKey[]): boolean {
  return path.some((key) => typeof key === "string" && isSecretName(key));
}

/**
 * Findings of a failed validation. Each names the field, the value (never that of a secret: the
 * caller says which paths are, else their names do), and what is expected.
 */
export function findingsOf(
  schema: z.ZodType,
  error: Pick<z.ZodError, "issues">,
  input: unknown,
  isSecret: IsSecret = namedSecret,
): Finding[] {
  const missedByName = presentNamesOf(schema, error.issues);
  return error.issues.flatMap((issue): Finding[] => {
    if (missedByName.has(propertyPath(issue.path))) return [];
    if (issue.code === "unrecognized_keys") {
      const known = fieldsAt(schema, issue.path);
      const former = formerNamesAt(schema, issue.path);
      const fields = known.length > 0 ? `; the fields here are ${known.join(", ")}` : "";
      return issue.keys.map((key) => {
        const present = Object.hasOwn(former, key) ? former[key] : undefined;
        if (present !== undefined) {
          return { property: propertyPath([...issue.path, key]), reason: isNowCalled(key, present) };
        }
        const match = nearest(key, known);
        const hint = match ? `; did you mean "${match}"?` : "";
        // In what is secret as a whole, a key that is not a misspelled field may be the secret.
        return issue.path.length > 0 && isSecret(issue.path) && hint === ""
          ? { property: propertyPath(issue.path), reason: `has an unknown field${fields}` }
          : { property: propertyPath([...issue.path, key]), reason: `unknown field${hint}${fields}` };
      });
    }
    const value = valueAt(input, issue.path);
    const property = propertyPath(issue.path);
    if (issue.code === "custom") {
      return [{ property, reason: isSecret(issue.path) ? blotted(issue.message, value) : issue.message }];
    }
    if (issue.code === "invalid_key") {
      return issue.issues.map((inner) => ({ property, reason: `the name is not valid: ${inner.message}` }));
    }
    const example = exampleAt(schema, issue.path);
    const given =
      value === undefined
        ? "is missing"
        : isSecret(issue.path)
          ? "is not valid"
          : `${quote(shown(value, issue.path, isSecret))} is not valid`;
    const hint = isSecret(issue.path) ? "" : meant(issue, value);
    return [
      {
        property,
        reason: `${given}: ${issue.message}${hint}${example ? ` (a valid example: ${example})` : ""}`,
      },
    ];
  });
}

/** The one of several words that was most likely meant. */
function meant(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== "invalid_value" || typeof value !== "string" || value === "") return "";
  const match = nearest(
    value,
    issue.values.filter((one): one is string => typeof one === "string" && one !== ""),
  );
  return match === undefined ? "" : `; did you mean ${JSON.stringify(match)}?`;
}

/** Paths of fields that are there, by their former names: that they are missing is not said too. */
function presentNamesOf(schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): ReadonlySet<string> {
  return new Set(
    issues.flatMap((issue) => {
      if (issue.code !== "unrecognized_keys") return [];
      const former = formerNamesAt(schema, issue.path);
      return issue.keys.flatMap((key) => {
        const present = Object.hasOwn(former, key) ? former[key] : undefined;
        return present === undefined ? [] : [propertyPath([...issue.path, present])];
      });
    }),
  );
}

function formerNamesAt(schema: z.ZodType, path: readonly PropertyKey[]): FormerNames {
  const found = schemaAt(schema, path);
  return found ? formerNamesOf(found) : {};
}

/** A message without the value that it is about. */
function blotted(message: string, value: unknown): string {
  if (value === "") return message;
  const text = typeof value === "string" ? value : "";
  const rest = message.replaceAll(JSON.stringify(text), "[secret]");
  // A message may have a part of the value, or another form of it.
  return text === "" || rest.toLowerCase().includes(text.toLowerCase()) ? "is not valid" : rest;
}

function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = schemaAt(schema, path);
  return Object.keys((found && definitionOf(unwrap(found)).shape) ?? {});
}

function exampleAt(schema: z.ZodType, path: readonly PropertyKey[]): string | undefined {
  // What is declared of a field can stand on either side of its wrapper.
  for (let found = schemaAt(schema, path); found; found = wrapped(found)) {
    const examples = found.meta()?.examples as unknown[] | undefined;
    if (examples?.[0] !== undefined) return quote(examples[0]);
  }
  return undefined;
}

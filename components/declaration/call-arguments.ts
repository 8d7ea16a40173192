import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { findingsOf } from "../../resources/definitions/input-findings";
import { DeclarationError } from "./declaration-error";

/**
 * Arguments of the functions that a declaration calls, for a program that no compiler has checked:
 * a misspelled word would otherwise leave something out in silence.
 */

/** A text, a secret, or one that is only known later. */
export const inputText = z.custom<pulumi.Input<string>>(
  (value) => typeof value === "string" || pulumi.Output.isInstance(value) || value instanceof Promise,
  "a text is expected",
);

/**
 * @param call as the program has it, e.g. `semverTags()`
 * @throws DeclarationError with everything that is wrong, each finding naming the argument
 */
export function checkArguments(call: string, schema: z.ZodType, given: unknown): void {
  const { error } = schema.safeParse(given);
  if (error) throw new DeclarationError(call, findingsOf(schema, error, given));
}

import type * as z from "zod";

/**
 * A refinement: of some fields, exactly one is there.
 *
 * @param nothing what is said where there is none, e.g. `declares no check`
 * @param example a valid example, as it is written
 */
export function exactlyOne<K extends string>(names: readonly K[], nothing: string, example: string) {
  const expected = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return (value: { readonly [name in K]?: unknown }, context: z.RefinementCtx): void => {
    const found = names.filter((name) => value[name] !== undefined);
    if (found.length === 1) return;
    context.addIssue({
      code: "custom",
      message:
        `${found.length === 0 ? nothing : `has ${found.join(" and ")}`}: exactly one of ` +
        `${expected} is expected (a valid example: ${example})`,
    });
  };
}

import type { Step } from "./engine-event";

/** Steps that change a resource, and what a line of one begins with. */
export const stepSigns: Readonly<Record<string, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  import: "=",
  "import-replacement": "=",
  "discard-replaced": "-",
};

/**
 * Whether a step makes, changes or removes something of the program. Components and providers are
 * no such thing: what they have made or connected is. Nor is a stage, which holds a release together.
 */
export function isMadeStep({ op, type }: Pick<Step, "op" | "type">): boolean {
  return (
    op in stepSigns &&
    type !== "pulumi:pulumi:Stack" &&
    type !== "slipway:release:Stage" &&
    !type.startsWith("slipway:components:") &&
    !type.startsWith("pulumi:providers:")
  );
}

/** Type without `slipway:`. */
export function kindOfStep({ type }: Pick<Step, "type">): string {
  return type.replace(/^slipway:/, "");
}

/** The name in `urn:pulumi:stack::project::type::name`. */
export function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

// What the entries of the package have in common, as one bundle: a class is the same through each
// of them.
export * from "./index";
export * from "./versions";
// Both entries have these types, of a resource's properties and of what computes them; here neither matters.
export type { BumpRules, CompatibilityResult, MatrixRow } from "./versions";

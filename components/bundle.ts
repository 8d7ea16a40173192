// What the entries of the package have in common, as one bundle: a class is the same through each of them.
export * from "./index";
export * from "./versions";

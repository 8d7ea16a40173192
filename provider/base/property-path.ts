import type { Properties } from "./properties";

/** Path of an entry of a map, as the engine writes property paths. */
export function entryPath(property: string, key: string): string {
  return `${property}["${key}"]`;
}

/** The value at a property path such as `digest` or `pointers["v1.0"]`, or undefined. */
export function valueAtPath(values: Properties, path: string): unknown {
  const keys = [...path.matchAll(/"([^"]*)"|([^.[\]"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  return keys.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Properties)[key] : undefined),
    values,
  );
}

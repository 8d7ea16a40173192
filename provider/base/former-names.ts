import type { ResourceDefinition } from "../../resources/definitions/definition";
import { renamesIn, type Renames } from "../../resources/definitions/renamed-fields";
import type { DecodedProperties, Properties } from "./properties";
import { Unknown } from "./unknown";

/**
 * Properties of a state with the present names of fields: an earlier version may have written it
 * with former ones. A resource is the same by either, so nothing is made, pushed or signed again;
 * and what is secret by its path stays so.
 */
export function withPresentNames(
  { inputs, outputs }: ResourceDefinition,
  { values, secrets }: DecodedProperties,
): DecodedProperties {
  const renames = [renamesIn(inputs), renamesIn(outputs)].flatMap((one) => one ?? []);
  return renames.reduce<DecodedProperties>(
    (properties, one) => ({
      values: renamed(properties.values, one) as Properties,
      secrets: new Set([...properties.secrets].map((path) => renamedPath(path, one))),
    }),
    { values, secrets },
  );
}

function renamed(value: unknown, renames: Renames | undefined): unknown {
  if (!renames || typeof value !== "object" || value === null || value instanceof Unknown) return value;
  const { names, fields, items } = renames;
  if (Array.isArray(value)) return value.map((item) => renamed(item, items));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = presentName(names, key);
      return [name, renamed(item, items ?? fields.get(name))];
    }),
  );
}

/** @param path as in {@link DecodedProperties}: a JSON array of keys */
function renamedPath(path: string, renames: Renames): string {
  let inside: Renames | undefined = renames;
  const keys = (JSON.parse(path) as string[]).map((key) => {
    const name = inside ? presentName(inside.names, key) : key;
    inside = inside?.items ?? inside?.fields.get(name);
    return name;
  });
  return JSON.stringify(keys);
}

function presentName(names: Renames["names"], key: string): string {
  return Object.hasOwn(names, key) ? (names[key] ?? key) : key;
}

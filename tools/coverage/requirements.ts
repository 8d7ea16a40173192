import { readFileSync } from "node:fs";
import * as z from "zod";

/** The requirements of the five systems and of the product, and what their tests leave open. */

const requirement = z.strictObject({
  /** The requirement, in a sentence. */
  text: z.string().min(1),
  /** The part that the tests naming it do not check. */
  open: z.string().min(1).optional(),
  /** Why it cannot be proven on a machine without accounts and users. */
  unprovable: z.string().min(1).optional(),
});

/** A requirement, as `test/requirements/requirements.json` has it. */
export type Requirement = z.infer<typeof requirement>;

/** Systems by the beginning of their IDs, and how many requirements each has. */
export const systems: readonly { prefix: string; name: string; count: number }[] = [
  { prefix: "CORE", name: "MLOS Core", count: 27 },
  { prefix: "DISTRO", name: "MLOS Distro", count: 34 },
  { prefix: "BLEU", name: "Bleu OS", count: 35 },
  { prefix: "MESH", name: "MCP Mesh", count: 32 },
  { prefix: "TINY", name: "TinyOlly", count: 42 },
  { prefix: "PROD", name: "The product", count: 10 },
];

/** IDs of all requirements, in the order of the page. */
export const requirementIds: readonly string[] = systems.flatMap(({ prefix, count }) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(2, "0")}`),
);

/**
 * Reads the requirements by ID.
 *
 * @throws if the file lacks an ID, has an unknown one, or has an unknown field
 */
export function readRequirements(file: string): ReadonlyMap<string, Requirement> {
  const found = z.record(z.string(), requirement).parse(JSON.parse(readFileSync(file, "utf8")));
  const missing = requirementIds.filter((id) => !Object.hasOwn(found, id));
  const unknown = Object.keys(found).filter((id) => !requirementIds.includes(id));
  if (missing.length > 0) throw new Error(`${file} lacks ${missing.join(", ")}`);
  if (unknown.length > 0) throw new Error(`${file} has ${unknown.join(", ")}, which are not requirements`);
  return new Map(requirementIds.map((id) => [id, found[id] as Requirement]));
}

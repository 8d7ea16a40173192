import type { ResourceDefinition } from "../../resources/definitions/definition";
import type { Properties } from "../base/properties";
import { takenEvidence } from "../evidence/guard";

/**
 * Evidence that a resource takes is kept among its inputs, and who gave it has it among its outputs:
 * a third copy would be most of the state of what publishes. So it is with what a definition says is
 * stated once.
 */
function keptAmongInputs(definition: ResourceDefinition): readonly string[] {
  const taken = takenEvidence(definition);
  return [...definition.statedOnce, ...taken, ...(taken.length === 0 ? [] : ["evidenceDigest"])];
}

/** Outputs as the engine keeps them: without what it keeps among the inputs. */
export function storedOutputs(definition: ResourceDefinition, outputs: Properties): Properties {
  const left = keptAmongInputs(definition);
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => !left.includes(name)));
}

/** Outputs as handlers see them: whole. Those of former versions are. */
export function wholeOutputs(
  definition: ResourceDefinition,
  inputs: Properties,
  stored: Properties,
): Properties {
  const names = keptAmongInputs(definition).filter((name) => !(name in stored) && name in inputs);
  return { ...stored, ...Object.fromEntries(names.map((name) => [name, inputs[name]])) };
}

import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../base/properties";
import type { Changes } from "./resource";

/** Changes of the inputs that name another resource rather than another state of the same. */
export function replaceChanges(
  replaceOn: readonly string[],
  desired: Properties,
  oldInputs: Properties,
): Changes {
  return Object.fromEntries(
    replaceOn
      .filter((property) => !isDeepStrictEqual(desired[property], oldInputs[property]))
      .map((property) => [property, { kind: "update-replace", inputDiff: true }]),
  );
}

/** Changed inputs, to say why a digest is another. */
export function inputChanges(properties: readonly string[], desired: object, oldInputs: object): Changes {
  const news = desired as Properties;
  const olds = oldInputs as Properties;
  return Object.fromEntries(
    properties
      .filter((property) => !isDeepStrictEqual(news[property], olds[property]))
      .map((property) => [
        property,
        {
          kind: olds[property] === undefined ? "add" : news[property] === undefined ? "delete" : "update",
          inputDiff: true,
        },
      ]),
  );
}

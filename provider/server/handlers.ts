import type { Token } from "../../resources/definitions/definitions";
import type { ResourceHandler } from "../run/resource";
import { loaders } from "./handler-loaders";

/** Tokens of the resource types that have a handler. */
export const handledTypes: readonly string[] = Object.keys(loaders);

/** The handler of a resource type; undefined where there is no such type. */
export function handlerFor(token: string): ResourceHandler | undefined {
  return isToken(token) ? loaders[token]() : undefined;
}

function isToken(token: string): token is Token {
  return Object.hasOwn(loaders, token);
}

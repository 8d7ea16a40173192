import { readdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRequire } from "../../lib/machine/repository";
import type { ResourceDefinition } from "../../resources/definitions/definition";

/** A definition, and where it is. */
export interface FoundDefinition {
  readonly definition: ResourceDefinition;
  /** Name of the constant, e.g. `tagDefinition`. */
  readonly constant: string;
  /** Name of the class, and of the handler without its ending: that of the constant, e.g. `Tag`. */
  readonly className: string;
  /** Name of the file, without its ending, e.g. `tag`. */
  readonly file: string;
}

/** Folder of the definitions, relative to the repository. */
export const definitionsFolder = "resources/definitions";

const ending = "Definition";

/**
 * Every definition that the sources export, by token. They are read as they are now, not as they
 * were when these tools were bundled: what is made from them is to be made in one run.
 */
export function foundDefinitions(repository: string): FoundDefinition[] {
  readSources();
  const files = readdirSync(join(repository, definitionsFolder)).filter((name) => name.endsWith(".ts"));
  return files
    .flatMap((name) => {
      const exported = repositoryRequire(join(repository, definitionsFolder, name)) as Record<
        string,
        unknown
      >;
      return Object.entries(exported).flatMap(([constant, value]): FoundDefinition[] => {
        if (!constant.endsWith(ending) || !isDefinition(value)) return [];
        const stem = constant.slice(0, -ending.length);
        const className = `${stem.charAt(0).toUpperCase()}${stem.slice(1)}`;
        return [{ definition: value, constant, className, file: name.replace(/\.ts$/, "") }];
      });
    })
    .sort((a, b) => (a.definition.token < b.definition.token ? -1 : 1));
}

/** Makes `require` read TypeScript, as tests do. */
export function readSources(): void {
  repositoryRequire("./lib/machine/typescript.cjs");
}

function isDefinition(value: unknown): value is ResourceDefinition {
  return typeof value === "object" && value !== null && "token" in value && "inputs" in value;
}

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { header } from "./class-files";
import type { FoundDefinition } from "./definition-exports";

/** The list of all definitions, and the table of their handlers, by file. */
export function indexFiles(repository: string, found: readonly FoundDefinition[]): Record<string, string> {
  return {
    "resources/definitions/definitions.ts": definitionsFile(found),
    "provider/server/handler-loaders.ts": loadersFile(repository, found),
  };
}

function definitionsFile(found: readonly FoundDefinition[]): string {
  return [
    header,
    `import type { ResourceDefinition } from "./definition";`,
    ...found.map(({ constant, file }) => `import { ${constant} } from "./${file}";`).sort(),
    "",
    `const all = [${found.map(({ constant }) => constant).join(", ")}] as const;`,
    "",
    "/** Every resource type of the provider, by token. */",
    "export const definitions: readonly ResourceDefinition[] = all;",
    "",
    "/** Tokens of all of them. */",
    `export type Token = (typeof all)[number]["token"];`,
    "",
  ].join("\n");
}

function loadersFile(repository: string, found: readonly FoundDefinition[]): string {
  const handlers = handlerFiles(join(repository, "provider"));
  const entries = found.flatMap(({ definition, constant }) => {
    const handler = handlers.get(constant);
    if (!handler) return [];
    const file = `../${relative(join(repository, "provider"), handler.file).split(sep).join("/")}`.replace(
      /\.ts$/,
      "",
    );
    return [
      `"${definition.token}": () => (require("${file}") as typeof import("${file}")).${handler.constant},`,
    ];
  });
  return [
    header,
    "/* eslint-disable @typescript-eslint/no-require-imports -- a bundle keeps a `require` where it stands */",
    `import type { Token } from "../../resources/definitions/definitions";`,
    `import type { ResourceHandler } from "../run/resource";`,
    "",
    "/**",
    " * Loads the handler of each resource type. What a type needs is loaded when a resource of that type is met: the engine",
    " * starts this process twice in every run, and a program uses a few of the types. The compiler proves that each type has",
    " * a handler, and that it is its own.",
    " */",
    "export const loaders: {",
    "readonly [T in Token]: () => ResourceHandler & { readonly definition: { readonly token: T } };",
    "} = {",
    ...entries,
    "};",
    "",
  ].join("\n");
}

/** A handler as its file declares it, with the definition that it is for. */
const declaration = /^export const (\w+) = resourceHandler\((\w+),/gm;

/** Returns where the handler for each definition is, by the definition's constant. */
function handlerFiles(provider: string): Map<string, { file: string; constant: string }> {
  const files = readdirSync(provider, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return new Map(
    files.sort().flatMap((name) => {
      const file = join(provider, name);
      const matches = [...readFileSync(file, "utf8").matchAll(declaration)];
      return matches.map(([, constant = "", definition = ""]) => [definition, { file, constant }] as const);
    }),
  );
}

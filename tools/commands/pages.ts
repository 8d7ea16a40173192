import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as PrettierModule from "prettier";

import type * as FieldTablesModule from "../../lib/init/field-tables";
import type * as PageDataModule from "../../lib/page/page-data";
import type * as ReleaseListModule from "../../lib/release/release-list";
import type * as ServedHistoryModule from "../../lib/served/history";
import type * as ConfigurationSchemaModule from "../../policies/pack/configuration-schema";
import type * as PoliciesPageModule from "../../policies/pack/policies-page";
import type * as RulesModule from "../../policies/rules";
import type * as ReferencePageModule from "../../resources/definitions/reference-page";
import { checkIndex } from "../contract/check-index";
import { classFiles, header } from "../contract/class-files";
import { foundDefinitions, readSources } from "../contract/definition-exports";
import { indexFiles } from "../contract/index-files";
import { ruleIndex } from "../contract/rule-index";
import type * as CoveragePageModule from "../coverage/coverage-page";
import type * as DeclarationPageModule from "../declaration/declaration-page";
import { REPOSITORY, repositoryRequire } from "../../lib/machine/repository";

/** Files that are made from the source, relative to the repository. */
type MadeFiles = Record<string, string>;

/**
 * The sources that are made from the definitions of resource types and from the rules of the policy
 * pack, formatted as all sources are.
 */
async function madeSources(): Promise<MadeFiles> {
  const prettier = repositoryRequire("prettier") as typeof PrettierModule;
  const found = foundDefinitions(REPOSITORY);
  const files = Object.entries({
    ...indexFiles(REPOSITORY, found),
    ...classFiles(found),
    ...ruleIndex(REPOSITORY),
    ...checkIndex(REPOSITORY),
  });
  const options = {
    ...(await prettier.resolveConfig(join(REPOSITORY, "package.json"))),
    parser: "typescript",
  };
  return Object.fromEntries(
    await Promise.all(
      files.map(async ([file, text]) => [file, await prettier.format(text, options)] as const),
    ),
  );
}

/** Classes that were made from definitions which are no more. */
function leftSources(made: MadeFiles): string[] {
  return readdirSync(join(REPOSITORY, "resources"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `resources/${name}`)
    .filter((file) => !Object.hasOwn(made, file))
    .filter((file) => readFileSync(join(REPOSITORY, file), "utf8").startsWith(header));
}

/** Pages of the documentation. The lists of definitions and rules have to be up to date. */
function madePages(): MadeFiles {
  readSources();
  /* eslint-disable @typescript-eslint/no-require-imports -- the compiler would slow commands down */
  const { coveragePage } = require("../coverage/coverage-page") as typeof CoveragePageModule;
  const { declarationPage } = require("../declaration/declaration-page") as typeof DeclarationPageModule;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { referencePage } = repositoryRequire(
    "./resources/definitions/reference-page.ts",
  ) as typeof ReferencePageModule;
  const { policiesPage } = repositoryRequire("./policies/pack/policies-page.ts") as typeof PoliciesPageModule;
  const { configurationSchema } = repositoryRequire(
    "./policies/pack/configuration-schema.ts",
  ) as typeof ConfigurationSchemaModule;
  const { rules } = repositoryRequire("./policies/rules/index.ts") as typeof RulesModule;
  const { releaseListSchema } = repositoryRequire(
    "./lib/release/release-list.ts",
  ) as typeof ReleaseListModule;
  const { pageSchema } = repositoryRequire("./lib/page/page-data.ts") as typeof PageDataModule;
  const { servedHistorySchema } = repositoryRequire("./lib/served/history.ts") as typeof ServedHistoryModule;
  const { withFieldTables } = repositoryRequire("./lib/init/field-tables.ts") as typeof FieldTablesModule;
  return {
    "lib/page/page.schema.json": `${JSON.stringify(pageSchema(), undefined, 2)}\n`,
    "lib/served/history.schema.json": `${JSON.stringify(servedHistorySchema(), undefined, 2)}\n`,
    "lib/release/releases.schema.json": `${JSON.stringify(releaseListSchema(), undefined, 2)}\n`,
    "policies/schema.json": `${JSON.stringify(configurationSchema(rules), undefined, 2)}\n`,
    "docs/reference.md": `${referencePage()}\n`,
    "docs/declaration.md": `${declarationPage(REPOSITORY)}\n`,
    "docs/init.md": withFieldTables(readFileSync(join(REPOSITORY, "docs/init.md"), "utf8")),
    "docs/policies.md": `${policiesPage()}\n`,
    "test/requirements/coverage.md": `${coveragePage(REPOSITORY)}\n`,
  };
}

/** Writes the sources and pages that are made from other sources. */
export async function writePages(): Promise<void> {
  const sources = await madeSources();
  await writeAll(sources);
  for (const file of leftSources(sources)) await rm(join(REPOSITORY, file));
  await writeAll(madePages());
}

/** Made sources and pages that are not what the source makes. */
export async function stalePages(): Promise<string[]> {
  const sources = await madeSources();
  const stale = leftSources(sources);
  for (const [file, text] of Object.entries({ ...sources, ...madePages() })) {
    if ((await readFile(join(REPOSITORY, file), "utf8").catch(() => "")) !== text) stale.push(file);
  }
  return stale;
}

/** A file that is as it should be is left alone: what is built from it stays fresh. */
async function writeAll(files: MadeFiles): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(REPOSITORY, name);
    if (!existsSync(file) || (await readFile(file, "utf8")) !== text) await writeFile(file, text);
  }
}

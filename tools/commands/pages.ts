import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { policiesPage } from "../../policies/pack/policies-page";
import { referencePage } from "../../resources/definitions/reference-page";
import type * as CoveragePageModule from "../coverage/coverage-page";
import type * as DeclarationPageModule from "../declaration/declaration-page";
import { REPOSITORY } from "../../lib/machine/repository";

/** Pages that are made from the source, relative to the repository. */
function madePages(): Record<string, string> {
  /* eslint-disable @typescript-eslint/no-require-imports -- the compiler would slow down every command */
  const { coveragePage } = require("../coverage/coverage-page") as typeof CoveragePageModule;
  const { declarationPage } = require("../declaration/declaration-page") as typeof DeclarationPageModule;
  /* eslint-enable @typescript-eslint/no-require-imports */
  return {
    "docs/reference.md": `${referencePage()}\n`,
    "docs/declaration.md": `${declarationPage(REPOSITORY)}\n`,
    "docs/policies.md": `${policiesPage()}\n`,
    "test/requirements/coverage.md": `${coveragePage(REPOSITORY)}\n`,
  };
}

/** Writes the pages. */
export async function writePages(): Promise<void> {
  for (const [page, text] of Object.entries(madePages())) await writeFile(join(REPOSITORY, page), text);
}

/** Pages that are not what the source makes. */
export async function stalePages(): Promise<string[]> {
  const stale: string[] = [];
  for (const [page, text] of Object.entries(madePages())) {
    if ((await readFile(join(REPOSITORY, page), "utf8").catch(() => "")) !== text) stale.push(page);
  }
  return stale;
}

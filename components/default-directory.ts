import * as pulumi from "@pulumi/pulumi";
import type { DistributionDeclaration } from "./declaration/declaration";

/**
 * Folder of archives, sums and what belongs to them where none is declared, relative to the
 * project's: one for each version, so that a folder holds one release, and for each stack, so that
 * two of them, which may sign with different keys, can run at once.
 */
export function defaultDirectory({ version }: Pick<DistributionDeclaration, "version">): string {
  return ["dist", pulumi.getStack(), version].filter(Boolean).join("/");
}

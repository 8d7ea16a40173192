import { createHash } from "node:crypto";
import { join } from "node:path";

import { embeddedFolder, embeddedHome } from "./home";

/** Name by which programs and stack configurations mean the embedded builder. */
export const EMBEDDED_BUILDER = "embedded";

/**
 * Name of a project's embedded builder in buildx, which has one list of builders for all projects
 * of a user.
 */
export function embeddedBuilderName(projectDir: string): string {
  return `slipway-${createHash("sha256").update(embeddedHome(projectDir)).digest("hex").slice(0, 12)}`;
}

/** The folder of a project's embedded builder: its cache, configuration, log and process id. */
export function builderDirectory(projectDir: string): string {
  return join(embeddedFolder(projectDir), "builder");
}

import { mkdir, rm, symlink } from "node:fs/promises";
import * as path from "node:path";
import { repository } from "./engine";

/** What `npm ci` leaves of the package in a project: its folder, and its program for npx. */
export async function installPackage(project: string): Promise<void> {
  const packages = path.join(project, "node_modules");
  // The projects of tests have a link to the folder of this repository.
  await rm(packages, { recursive: true, force: true });
  await mkdir(path.join(packages, ".bin"), { recursive: true });
  await symlink(repository, path.join(packages, "slipway"));
  await symlink(path.join(repository, "node_modules", "@pulumi"), path.join(packages, "@pulumi"));
  await symlink(path.join(repository, "cli", "slipway.cjs"), path.join(packages, ".bin", "slipway"));
}

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { stop } from "../../lib/embedded/registry";
import { withLock } from "../../lib/machine/lock.cjs";
import { cacheDirectory } from "../../lib/machine/cache-directory.cjs";
import { EXAMPLES } from "../../tools/examples";
import { runClient } from "../support/clients";
import { ExampleProject } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";

/**
 * The data of a registry that examples/bases has published to, made once for a machine and state of
 * that example.
 *
 * @returns its folder, to be copied
 */
export async function basesData(): Promise<string> {
  const folder = path.join(cacheDirectory(), "test-bases", await key());
  if (existsSync(folder)) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, {}, async () => {
    if (!existsSync(folder)) await publish(folder);
    return folder;
  });
}

async function publish(folder: string): Promise<void> {
  const workspace = await ExampleWorkspace.create({ bases: false });
  try {
    const project = await ExampleProject.copyOf("bases", { workspace });
    await project.upWithoutPreview();
    await stop(workspace.examples);
    const next = `${folder}.next`;
    await rm(next, { recursive: true, force: true });
    await cp(path.join(workspace.examples, ".slipway", "registry", "data"), next, { recursive: true });
    await rename(next, folder);
  } finally {
    await workspace.remove();
  }
}

async function key(): Promise<string> {
  const hash = createHash("sha256").update(await runClient("go", ["env", "GOVERSION"]).catch(() => "no Go"));
  const folder = path.join(EXAMPLES, "bases");
  const files = readdirSync(folder).filter((name) => /\.(ts|sh|yaml)$/.test(name));
  for (const name of files.sort()) hash.update(`\0${name}\0`).update(readFileSync(path.join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}

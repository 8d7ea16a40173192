import { mkdir, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import * as path from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { freePort, startServer, type ServerProcess } from "./processes";
import { requireTools, toolPath } from "./tools";

/** A registry of npm packages that is not ours, and npm as its client. */

/** Goes on if the registry is installed; else the test or suite is not executed. */
export function requireVerdaccio(context: Context): void {
  requireTools(context, "verdaccio", "npm");
}

/** A registry of npm packages in a folder. */
export interface PackageRegistry extends ServerProcess {
  readonly url: string;
  /** Token of an account that may publish. */
  readonly token: string;
}

/** Starts verdaccio, which asks no other registry. */
export async function startVerdaccio(folder: string): Promise<PackageRegistry> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const rule = { access: "$all", publish: "$authenticated", unpublish: "$authenticated" };
  const settings = {
    storage: path.join(folder, "storage"),
    auth: { htpasswd: { file: path.join(folder, "htpasswd"), max_users: 10 } },
    uplinks: {},
    packages: { "@*/*": rule, "**": rule },
    log: { type: "stdout", format: "json", level: "http" },
  };
  // YAML takes JSON as it is.
  const file = path.join(folder, "config.yaml");
  await writeFile(file, JSON.stringify(settings));
  const program = realpathSync(toolPath("verdaccio"));
  const server = await startServer(process.execPath, [program, "-c", file, "-l", `127.0.0.1:${port}`], port);
  const url = `http://127.0.0.1:${port}`;
  const response = await fetch(`${url}/-/user/org.couchdb.user:ci`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "ci", password: "of-a-test-only" }),
  });
  const { token } = (await response.json()) as { token: string };
  return { ...server, url, token };
}

/** Runs npm in a folder with a registry and nothing else. @throws Error with what it printed */
export async function npm(
  folder: string,
  { url }: Pick<PackageRegistry, "url">,
  ...args: string[]
): Promise<string> {
  await mkdir(folder, { recursive: true });
  return runClient("npm", ["--prefix", folder, "--no-audit", "--no-fund", ...args], {
    npm_config_registry: url,
    npm_config_cache: path.join(folder, ".cache"),
    npm_config_userconfig: path.join(folder, ".npmrc"),
    npm_config_update_notifier: "false",
  });
}

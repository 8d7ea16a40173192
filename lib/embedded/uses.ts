import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../machine/process-identity.cjs";
import { privateFolder } from "../machine/private-folder.cjs";
import { registryDirectory } from "./address";
import { builderDirectory } from "./builder-name";
import { embeddedFolder } from "./home";

/**
 * Who uses the embedded registry and builder of a folder, and since when nobody does. A process that
 * uses them says so in a file, before it looks whether they run; nothing ends them while it lives.
 */

/** Processes of another machine cannot be seen from here: what they note holds this long. */
const ELSEWHERE_MS = 24 * 60 * 60 * 1000;
/** Files of processes that have ended are taken away above this number. */
const MANY_FILES = 50;

const noted = new Set<string>();

/** Notes that this process uses what is embedded in a folder, until it ends. */
export function noteUse(projectDir: string): void {
  const folder = usesFolder(projectDir);
  if (noted.has(folder) && existsSync(join(folder, String(process.pid)))) return;
  privateFolder(embeddedFolder(projectDir));
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > MANY_FILES) usersOf(projectDir);
  writeFileSync(join(folder, String(process.pid)), JSON.stringify(identityOf(process.pid)));
  noted.add(folder);
}

/** Processes that use what is embedded. Those that have ended are forgotten: it was used until now. */
export function usersOf(projectDir: string): ProcessIdentity[] {
  const folder = usesFolder(projectDir);
  return filesIn(folder).flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const file = join(folder, name);
    const user = identityIn(file);
    const isOfOther = user !== undefined && user.host !== hostname();
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const isAlive = user !== undefined && isSameProcessAlive(user);
    if (user !== undefined && isAlive && !(isOfOther && Date.now() - written > ELSEWHERE_MS)) return [user];
    rmSync(file, { force: true });
    touch(join(folder, LAST));
    return [];
  });
}

/** When what is embedded was last used, in milliseconds since 1970; now, while a process uses it. */
export function lastUse(projectDir: string): number {
  if (usersOf(projectDir).length > 0) return Date.now();
  const registry = registryDirectory(projectDir);
  const root = join(builderDirectory(projectDir), "root");
  const files = [
    join(usesFolder(projectDir), LAST),
    // Whoever pulls leaves a line in the log, and whoever builds changes the databases.
    join(registry, "registry.log"),
    join(registry, "pid"),
    join(builderDirectory(projectDir), "pid"),
    ...filesIn(root)
      .filter((name) => name.endsWith(".db"))
      .map((name) => join(root, name)),
  ];
  return Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

/**
 * Runs `work`, which ends what is embedded, unless a process uses it. One that begins to use it
 * meanwhile finds the mark, and waits for the lock of what it needs.
 *
 * @returns whether it ran
 */
export async function whileUnused(projectDir: string, work: () => Promise<void>): Promise<boolean> {
  const mark = join(usesFolder(projectDir), ENDING);
  mkdirSync(usesFolder(projectDir), { recursive: true });
  writeFileSync(mark, JSON.stringify(identityOf(process.pid)));
  try {
    if (usersOf(projectDir).length > 0) return false;
    await work();
    return true;
  } finally {
    rmSync(mark, { force: true });
  }
}

/** Returns whether somebody is about to end what is embedded: what answers now may soon not. */
export function isBeingEnded(projectDir: string): boolean {
  const user = identityIn(join(usesFolder(projectDir), ENDING));
  return user !== undefined && isSameProcessAlive(user);
}

const LAST = "last";
const ENDING = "ending";

function usesFolder(projectDir: string): string {
  return join(embeddedFolder(projectDir), "uses");
}

function identityIn(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    writeFileSync(file, "");
  }
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { SetupError } from "../lib/machine/setup-error";
import { optionValue, privateDirectory, type Project } from "./project";
import { plainName } from "./stack-name";

/**
 * Passphrase of the throw-away stacks of this repository. It is public, as their state and its
 * secrets are protected by the mode of `.slipway` alone.
 */
export const PUBLIC_PASSPHRASE = "public";

/** The `encryptionsalt` by which a stack file says that its stack has that passphrase. */
export const PUBLIC_SALT = "v1:hdImxzVyWyI=:v1:wSBfImnI/nYxmZDG:VxnEqtDfzg2SOG7kjgXoVeOQCfesgg==";

/** Whether the file of a stack (Pulumi.STACK.yaml) says that its passphrase is the public one. */
export function isPublicStack(project: Project, stack: string): boolean {
  const file = stackFile(project, stack);
  return existsSync(file) && saltIn(readFileSync(file, "utf8")) === PUBLIC_SALT;
}

/**
 * Refuses to write a secret into the file of a public stack, where everybody could read it.
 * @param args the CLI's arguments
 * @param stack the stack that they are about
 * @throws SetupError that says what to do instead; it repeats no value
 */
export function refusePublicSecrets(
  project: Project,
  args: readonly string[],
  stack: string | undefined,
): void {
  const target = stackOfSecrets(project, args, stack);
  if (target === undefined || !isPublicStack(project, target)) return;
  const name = `Pulumi.${target}.yaml`;
  throw new SetupError(
    `${name} takes no secrets: the passphrase of the stack ${target} is public, so whoever has the file could read them.`,
    "Use a stack of your own, which asks for a passphrase of its own: `npm run pulumi -- stack init mine`, then " +
      "`npm run pulumi -- config set --secret KEY --stack mine`. " +
      `Copy the configuration of ${name} to Pulumi.mine.yaml, without the line \`encryptionsalt\`.`,
  );
}

/**
 * Says so where the state of a public stack was written under another passphrase: earlier versions
 * of this repository made one for each checkout.
 * @throws SetupError if it was
 */
export function requirePublicState(project: Project, stack: string): void {
  const own = privateDirectory(project.directory);
  if (!existsSync(join(own, "passphrase")) || !isPublicStack(project, stack)) return;
  const stacks = join(own, "state", ".pulumi", "stacks");
  const file = [join(stacks, project.name, `${stack}.json`), join(stacks, `${stack}.json`)].find(existsSync);
  if (file === undefined || readFileSync(file, "utf8").includes(JSON.stringify(PUBLIC_SALT))) return;
  throw new SetupError(
    `The state of the stack ${stack} in ${own} was encrypted by an earlier version, with the passphrase in ${own}/passphrase.`,
    "It is a throw-away stack: remove it with `npm run clean`, then run the command again.",
  );
}

/** The stack whose file would get secrets, if the arguments write any. */
function stackOfSecrets(
  project: Project,
  args: readonly string[],
  stack: string | undefined,
): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const command = words.slice(words.indexOf("config") + 1)[0];
  if (!words.includes("config")) return undefined;
  if (command === "set" || command === "set-all")
    return args.some((arg) => /^--secret(=true)?$/.test(arg)) ? stack : undefined;
  if (command !== "cp") return undefined;
  const source = stack === undefined ? "" : stackFile(project, stack);
  const copied = existsSync(source) && holdsSecrets(readFileSync(source, "utf8"));
  const destination = optionValue(args, ["--dest", "-d"]);
  return copied && destination !== undefined ? plainName(destination) : undefined;
}

function stackFile(project: Project, stack: string): string {
  return join(project.directory, `Pulumi.${stack}.yaml`);
}

function saltIn(content: string): string | undefined {
  return /^encryptionsalt:[ \t]*["']?([^\s"']+)/m.exec(content)?.[1];
}

/** True if the stack file has an encrypted value (`secure: …`). */
function holdsSecrets(content: string): boolean {
  return content.split("\n").some((line) => /^[^#]*(^|[\s{,-])["']?secure["']?[ \t]*:/.test(line));
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { freePort, startServer, type ServerProcess } from "./processes";
import { requireTools, toolPath } from "./tools";

/** Goes on if OpenSSH's server and rsync are installed; else the test or suite is not executed. */
export function requireRsync(context: Context): void {
  requireTools(context, "rsync", "ssh", "ssh-keygen", "sshd");
}

/** OpenSSH's server on a port of this machine, with its own configuration, for one key. */
export interface SshServer extends ServerProcess {
  /** User and machine, as rsync takes them. */
  readonly login: string;
  readonly privateKey: string;
  readonly knownHosts: string;
}

/** @param folder that is made, for its keys and configuration */
export async function startSshServer(folder: string): Promise<SshServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Of a server that root starts, sshd wants its folder for the separation of privileges.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const file = (name: string) => path.join(folder, name);
  for (const name of ["host", "user"]) {
    await runClient("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file(name)]);
  }
  const port = await freePort();
  const settings = [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${file("host")}`,
    `AuthorizedKeysFile ${file("user.pub")}`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "PidFile none",
  ];
  await writeFile(file("config"), `${settings.join("\n")}\n`);
  const server = await startServer(toolPath("sshd"), ["-D", "-e", "-f", file("config")], port);
  const [kind = "", key = ""] = (await readFile(file("host.pub"), "utf8")).split(" ");
  return {
    ...server,
    login: `${os.userInfo().username}@127.0.0.1`,
    privateKey: await readFile(file("user"), "utf8"),
    knownHosts: `[127.0.0.1]:${port} ${kind} ${key}\n`,
  };
}

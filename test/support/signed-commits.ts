import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Context } from "mocha";
import { hasProgram } from "./clients";
import { requirement } from "./requirement";

/** Keys of people, and git as the judge of whether they have signed commits. */

/** Address of all signers of these tests. */
export const signer = "releases@acme.example";

/** Without gpg and ssh-keygen, tests of signatures are not executed. */
export function requireSigners(context: Context): void {
  for (const [name, packaged] of [
    ["git", "git"],
    ["gpg", "gpg"],
    ["ssh-keygen", "openssh-client"],
  ] as const) {
    requirement(context, hasProgram(name), `${name} is not installed (apt-get install ${packaged})`);
  }
}

/** A new key of SSH, as ssh-keygen makes it. */
export function sshKey(
  folder: string,
  kind: readonly string[],
  passphrase = "",
): { file: string; privateKey: string; publicKey: string } {
  const file = path.join(folder, `key-${kind.join("")}-${passphrase.length}`);
  rmSync(file, { force: true });
  execFileSync("ssh-keygen", ["-q", "-N", passphrase, "-C", signer, "-f", file, "-t", ...kind]);
  return { file, privateKey: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8") };
}

/**
 * Runs `git verify-commit` for somebody who trusts keys, and nobody else's.
 *
 * @param trusted armored public keys of OpenPGP, and public keys of SSH
 * @returns whether it takes the signature, and what it said
 */
export function verifyCommit(
  repository: string,
  commit: string,
  trusted: { openPgp?: readonly string[]; ssh?: readonly string[] },
): { ok: boolean; said: string } {
  // Short, for the socket of gpg's agent; in the repository, which is removed.
  const home = path.join(repository, "verifier");
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: home, LC_ALL: "C" };
  for (const key of trusted.openPgp ?? []) {
    execFileSync("gpg", ["--batch", "--quiet", "--no-autostart", "--import"], {
      env,
      input: key,
      stdio: ["pipe", "ignore", "ignore"],
    });
  }
  const allowed = path.join(home, "allowed");
  const lines = (trusted.ssh ?? []).map((key) => `${signer} namespaces="git" ${key}`);
  writeFileSync(allowed, lines.join(""));
  try {
    const args = ["-c", `gpg.ssh.allowedSignersFile=${allowed}`, "verify-commit", "--raw", commit];
    execFileSync("git", args, { cwd: repository, env, stdio: ["ignore", "pipe", "pipe"] });
    return { ok: true, said: "" };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    return { ok: false, said: `${stdout.toString()}${stderr.toString()}` };
  }
}

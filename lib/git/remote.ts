import * as path from "node:path";
import { isInTheClear } from "../oci/transport/in-the-clear";

/** `user@host:path`, as ssh and git write it. */
const scpPattern = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+:(?!\/\/)[^\s]+$/;

const examples =
  '"https://github.com/acme/homebrew-tap.git", "git@github.com:acme/homebrew-tap.git" or "../tap.git"';

/**
 * Checks where a git repository is: an https or ssh address, or a folder.
 *
 * @throws Error for what is none, for credentials in an address, and for plain HTTP to another machine
 */
export function checkGitRemote(remote: string): void {
  if (remote === "" || remote.startsWith("-") || /[\s\0]/.test(remote)) {
    throw new Error(`is no address of a git repository (valid examples: ${examples})`);
  }
  if (!/^[a-z+]+:\/\//i.test(remote)) return;
  if (!URL.canParse(remote) || !/^(https?|ssh|file):$/.test(new URL(remote).protocol)) {
    throw new Error(`is no address that files are pushed to (valid examples: ${examples})`);
  }
  const { password, username, protocol } = new URL(remote);
  if (password !== "" || (username !== "" && protocol !== "ssh:")) {
    throw new Error(
      "has credentials in the address, which would be in the state and in messages: use `token`",
    );
  }
  if (isInTheClear(remote)) throw new Error("is plain HTTP to another machine: an https address is expected");
}

/**
 * Checks the name of a branch (git-check-ref-format(1)).
 *
 * @throws Error for what git does not take
 */
export function checkGitBranch(branch: string): void {
  const isRefused =
    branch === "" ||
    /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^[-/]|^@$/.test(branch) ||
    branch.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock"));
  if (isRefused) throw new Error('is no name of a branch (a valid example: "main")');
}

/** Returns the address as git takes it: folders are relative to the project's. */
export function gitAddress(remote: string, project: string): string {
  if (/^[a-z+]+:\/\//i.test(remote) || scpPattern.test(remote)) return remote;
  return path.resolve(project, remote);
}

/** Owner and name of a repository as hosts such as GitHub have them, at the end of an address. */
const ownerAndName = /([^/:]+)\/([^/]+?)(\.git)?\/?$/;

/**
 * Returns which repository of a host an address means, e.g. `acme/homebrew-tap`; undefined where it is
 * of another host, or a folder.
 *
 * @param host e.g. `github.com`, with the port where there is one
 */
export function repositoryAt(remote: string, host: string): { owner: string; name: string } | undefined {
  const isUrl = URL.canParse(remote) && /^[a-z+]+:\/\//i.test(remote);
  if (!isUrl && !scpPattern.test(remote)) return undefined;
  const named = isUrl ? new URL(remote).host : (/^(?:[^@/]*@)?([^:/]+):/.exec(remote)?.[1] ?? "");
  // ssh has a port of its own, and GitHub takes it at another name too.
  const bare = isUrl && /^ssh:/i.test(remote) ? new URL(remote).hostname : named;
  if (bare !== host && bare !== `ssh.${host}`) return undefined;
  const [, owner, name] = ownerAndName.exec(remote) ?? [];
  return owner === undefined || name === undefined ? undefined : { owner, name };
}

/** The address of another repository beside one, by its owner and name. */
export function addressBeside(remote: string, { owner, name }: { owner: string; name: string }): string {
  return remote.replace(ownerAndName, (_all, _owner, _name, ending = "") => `${owner}/${name}${ending}`);
}

/** Whether a token is sent to it: it is reached by HTTP. */
export function takesToken(remote: string): boolean {
  return /^https?:\/\//i.test(remote);
}

/** Whether it is a repository of this checkout's own, which is made where it is not there. */
export function isEmbeddedRemote(remote: string): boolean {
  return remote.startsWith(".slipway/") && !remote.split("/").includes("..");
}

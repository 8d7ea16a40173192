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

/** Whether a token is sent to it: it is reached by HTTP. */
export function takesToken(remote: string): boolean {
  return /^https?:\/\//i.test(remote);
}

/** Whether it is a repository of this checkout's own, which is made where it is not there. */
export function isEmbeddedRemote(remote: string): boolean {
  return remote.startsWith(".slipway/") && !remote.split("/").includes("..");
}

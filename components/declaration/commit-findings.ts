import { recordedAddress } from "../../lib/embedded/address";
import { gitText } from "../../lib/machine/git-text";
import { publicAddress } from "../../lib/provenance/git-source";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { publishes } from "./mode";

/**
 * Returns whether the declared commit is another one than that of the checkouts which the program
 * and its sources are in: labels, tags and provenance would name files that were not built. Nothing
 * is said of sources that are in no checkout, and of those of another repository, which `source`
 * names.
 */
export function commitFindings(args: DistributionDeclaration): Finding[] {
  const { commit } = args;
  if (commit === undefined) return [];
  const here = headOf(".");
  if (here === commit) return [];
  const others = sourceFolders(args).map(headOf);
  const head = [here, ...others].find((known) => known !== undefined);
  if (head === undefined || others.includes(commit) || isOfAnotherRepository(args)) return [];
  return [
    {
      property: "commit",
      reason:
        `${JSON.stringify(commit)} is not the commit that is built: the git checkout is at ${head}. Leave the field ` +
        "out, take it from gitFacts(), or check that commit out; the address of another repository, whose sources " +
        "are built, belongs in source",
    },
  ];
}

/** Folders that programs and images are built in, which can be checkouts of their own. */
function sourceFolders({ binaries = {}, images }: DistributionDeclaration): string[] {
  const folders = [
    ...Object.values(binaries).map(({ directory }) => directory),
    ...Object.values(images).map(({ context }) => context),
  ];
  return [...new Set(folders)].filter((folder): folder is string => folder !== undefined && folder !== ".");
}

/** Undefined outside of a checkout, before its first commit, and where git does not tell. */
function headOf(directory: string): string | undefined {
  return said(directory, ["rev-parse", "--verify", "--quiet", "HEAD"])[0];
}

/**
 * A checkout that came from nowhere does not say whose it is: there `source` is believed of what
 * stays on this machine.
 */
function isOfAnotherRepository(args: DistributionDeclaration): boolean {
  if (args.source === undefined) return false;
  const source = pathOf(args.source);
  const remotes = said(".", ["config", "--get-regexp", String.raw`^remote\..*\.url$`]).flatMap((line) => {
    const address = publicAddress(line.slice(line.indexOf(" ") + 1));
    return address === undefined ? [] : [pathOf(address)];
  });
  if (remotes.length === 0) return isEmbedded(args);
  return !remotes.some((remote) => source.includes(remote) || remote.includes(source));
}

/**
 * Owner and name, between slashes. Hosts are not compared: the same repository is called otherwise
 * by ssh and in mirrors.
 */
function pathOf(address: string): string {
  const segments = new URL(address).pathname
    .toLowerCase()
    .replace(/\.git\/*$/, "")
    .split("/")
    .filter((segment) => segment !== "");
  return `/${segments.join("/")}/`;
}

function isEmbedded(args: DistributionDeclaration): boolean {
  return !publishes(args) || args.registries.every(({ host }) => host === recordedAddress(process.cwd()));
}

/** Lines of git's answer; none where it fails. */
function said(directory: string, words: readonly string[]): string[] {
  try {
    return gitText(directory, words)
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}

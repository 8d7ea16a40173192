import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { repositoryAt } from "../git/remote";
import { plainEnvironment } from "../machine/child-environment";
import { gitText } from "../machine/git-text";
import { parseVersion, type Version } from "../version/version";
import type { Surroundings } from "./found";

/** Folders whose content is made, or is others'. */
const skipped = new Set([
  ".git",
  ".slipway",
  ".venv",
  "__pycache__",
  "bower_components",
  "node_modules",
  "target",
  "third_party",
  "vendor",
]);

/** Files that are looked at by name; a walk ends there. */
const mostFiles = 500_000;

/** Bytes of a file that is read: what people write by hand is far below. */
const largestText = 1024 * 1024;

/** Time that git is given to list files, in milliseconds. */
const listTimeoutMs = 30_000;

/** A folder that somebody wants to ship something of. */
export interface Project extends Surroundings {
  /** Absolute path. */
  readonly folder: string;
  /** Address of the repository, as git has it. */
  readonly remote: string | undefined;
  /** Versions that git has tags of, the highest first. */
  readonly versions: readonly Version[];
}

/** Lists the files of a folder, by git where it is there, and reads what git says of it. */
export function readProject(folder: string): Project {
  const files = new Set(listedByGit(folder) ?? walked(folder));
  const git = (...words: string[]) => {
    try {
      return gitText(folder, words);
    } catch {
      // A repository that git cannot read says nothing.
      return "";
    }
  };
  const remote = git("config", "--get", "remote.origin.url") || undefined;
  const repository = remote === undefined ? undefined : repositoryAt(remote, "github.com");
  const versions = git("tag", "--list", "--sort=-version:refname")
    .split("\n")
    .slice(0, 1000)
    .flatMap((tag) => parseVersion(tag) ?? []);
  return {
    folder,
    files,
    remote,
    versions,
    versionPrefix: versions[0] === undefined || versions[0].text.startsWith("v") ? "v" : "",
    ...(repository !== undefined && { github: `${repository.owner}/${repository.name}` }),
    textOf: (file) => (files.has(file) ? textOf(path.join(folder, file)) : undefined),
  };
}

/** Files that git has or would take; undefined where there is no git, or no repository of it. */
function listedByGit(folder: string): string[] | undefined {
  const { status, stdout } = spawnSync(
    "git",
    ["-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      encoding: "utf8",
      env: { ...plainEnvironment(process.env), LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: listTimeoutMs,
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) return undefined;
  return stdout
    .split("\0")
    .filter((file) => file !== "" && !file.split("/").some((part) => skipped.has(part)));
}

function walked(top: string): string[] {
  const files: string[] = [];
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of entriesOf(path.join(top, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // A link may lead out of the project, or in a circle.
      if (entry.isFile()) files.push(name);
      else if (entry.isDirectory() && !skipped.has(entry.name)) pending.push(name);
    }
    if (files.length > mostFiles) break;
  }
  return files;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // What cannot be read is not there for a build either.
    return [];
  }
}

function textOf(file: string): string | undefined {
  try {
    return statSync(file).size > largestText ? undefined : readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

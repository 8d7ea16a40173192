import { repositoryAt } from "../../lib/git/remote";

/** A git repository that users can reach: by https. */
export interface PublicRepository {
  /** Address without `.git`. */
  readonly url: string;
  /** Who has it, as the address says. */
  readonly owner: string;
  /** Owner and name at GitHub; undefined where it is elsewhere. */
  readonly github?: { readonly owner: string; readonly name: string } | undefined;
}

/** What users type of a repository; undefined where it is a folder, or reached by ssh alone. */
export function publicRepository(remote: string): PublicRepository | undefined {
  const github = repositoryAt(remote, "github.com");
  if (github !== undefined)
    return { url: `https://github.com/${github.owner}/${github.name}`, owner: github.owner, github };
  if (!/^https:\/\//i.test(remote)) return undefined;
  const url = remote.replace(/\/$/, "").replace(/\.git$/, "");
  const owner = new URL(url).pathname.split("/").find((part) => part !== "");
  return owner === undefined ? undefined : { url, owner };
}

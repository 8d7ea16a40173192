import { parseGitHubRepository } from "../../lib/github/names";
import type { ObservedRelease } from "../../lib/github/releases";
import type { ResourceContext } from "../run/context";

/** All releases of a repository of GitHub: one list a run. */
export function gitHubReleases(context: ResourceContext, name: string): Promise<ObservedRelease[]> {
  return context.run.once(`releases of github.com/${name}`, async () => {
    const { Releases } = await import("../../lib/github/releases.js");
    const releases = new Releases(
      await context.services.github.client(context.signal),
      parseGitHubRepository(name),
    );
    return releases.list();
  });
}

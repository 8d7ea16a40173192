import { readContents, type ImageContents } from "../contents/image-contents";
import type { Repository } from "../oci/repository";
import { withoutPatience } from "../oci/transport/retry";
import type { ListedVersion } from "../release/release-list";
import { contentsKey, type FoundContents } from "./page-facts";

/** Opens a repository, `host/path`, for some reading. */
export type Reading = <T>(repository: string, work: (opened: Repository) => Promise<T>) => Promise<T>;

/**
 * What registries tell of the images of versions. What several of them have is read from the first that answers; where none
 * does, the reason is what it says, and everything else is told all the same.
 */
export async function readAllContents(
  versions: readonly ListedVersion[],
  read: Reading,
): Promise<Map<string, FoundContents>> {
  const repositories = new Map<string, string[]>();
  for (const { repository, digest } of versions.flatMap(({ images }) => images)) {
    const known = repositories.get(digest) ?? [];
    if (!known.includes(repository)) repositories.set(digest, [...known, repository]);
  }
  const found = await Promise.all(
    [...repositories].map(async ([digest, places]) => {
      const contents = await firstOf(places, (place) =>
        read(place, (opened) => withoutPatience(() => readContents(opened, digest))),
      );
      return places.map((repository) => [contentsKey({ repository, digest }), contents] as const);
    }),
  );
  return new Map(found.flat());
}

async function firstOf(
  places: readonly string[],
  read: (place: string) => Promise<ImageContents[]>,
): Promise<FoundContents> {
  const reasons: string[] = [];
  for (const place of places) {
    try {
      return { images: await read(place) };
    } catch (error) {
      // Whatever a registry of others says or is: the page is about everything else too.
      if (!(error instanceof Error)) throw error;
      reasons.push(error.message.split("\n")[0] ?? "");
    }
  }
  return { notAvailable: reasons.join("; ") };
}

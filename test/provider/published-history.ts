import { parseRepository } from "../../lib/oci/reference";
import type { Repository } from "../../lib/oci/repository";
import { absences, publishImage, type PublishedImage } from "../lib/oci/mirror/fixtures";
import { TestClients } from "../lib/oci/registry/fixtures";

export type { PublishedImage };

/** A repository that a test fills past the provider, with a client of its own. */
export interface TestRepository {
  readonly repository: Repository;
  /** Publishes an index with platforms and what refers to them, under tags. */
  publish(...tags: string[]): Promise<PublishedImage>;
  /** What is not there of an image. */
  absences(image: PublishedImage): Promise<string[]>;
  /** The manifests of an image that are there. */
  manifestsOf(image: PublishedImage): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens `host/path`. */
export function openRepository(name: string): TestRepository {
  const clients = new TestClients();
  const repository = clients.open().repository(parseRepository(name));
  return {
    repository,
    publish: (...tags) => publishImage(repository, { tags, ownLayerBytes: [500] }),
    absences: (image) => absences(repository, image),
    async manifestsOf({ manifests }) {
      const found = await Promise.all(manifests.map((digest) => repository.headManifest(digest)));
      return found.flatMap((descriptor) => descriptor?.digest ?? []);
    },
    close: () => clients.close(),
  };
}

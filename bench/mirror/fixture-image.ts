/** Tag of every image of the fixture. */
export const fixtureTag = "v1";

/** An image of the fixture as it has to be in every target. */
export interface FixtureImage {
  /** Path of its repository. */
  repository: string;
  /** Digest of its index. */
  digest: string;
  /** Digests of all its manifests. */
  manifests: string[];
  /** Blobs by digest, with their sizes in bytes. */
  blobs: Map<string, number>;
}

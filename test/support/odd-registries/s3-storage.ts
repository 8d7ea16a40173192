import { refusal } from "./exchange";
import type { Vendor } from "./vendor";

/**
 * Distribution on S3 storage whose role may not list the bucket: S3 says 403 for what does not exist,
 * and so does the registry when it is asked whether a blob is there.
 * https://github.com/distribution/distribution/issues/1217
 */
export const s3Storage: Vendor = {
  name: "s3-storage",
  behavior: "answers 403 where it is asked whether a blob is there that is not",
  source: "https://github.com/distribution/distribution/issues/1217",
  signedIn: true,
  behave:
    () =>
    async ({ kind, reads, pass }) => {
      const answer = await pass();
      return kind === "blobs" && reads && answer.status === 404
        ? refusal(403, "DENIED", "Forbidden")
        : answer;
    },
};

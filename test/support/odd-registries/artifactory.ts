import { refusal } from "./exchange";
import type { Vendor } from "./vendor";

/**
 * JFrog Artifactory: no referrers API, and 406 for its path.
 * https://github.com/google/go-containerregistry/issues/1962
 */
export const artifactory: Vendor = {
  name: "artifactory",
  behavior: "answers 406 where the referrers API would be",
  source: "https://github.com/google/go-containerregistry/issues/1962",
  registry: "debian",
  behave: () => (exchange) =>
    exchange.kind === "referrers" ? refusal(406, "UNSUPPORTED", "Not Acceptable") : exchange.pass(),
};

/**
 * JFrog Artifactory: a user who has signed in is told 403 for a tag that does not exist.
 * https://github.com/sigstore/cosign/issues/2973
 */
export const artifactorySignedIn: Vendor = {
  name: "artifactory-signed-in",
  behavior: "answers a signed-in user 403 for a tag that does not exist",
  source: "https://github.com/sigstore/cosign/issues/2973",
  registry: "debian",
  signedIn: true,
  behave: () => async (exchange) => {
    const { kind, reads, byDigest, signedIn, pass } = exchange;
    if (kind === "referrers" && signedIn) return refusal(406, "UNSUPPORTED", "Not Acceptable");
    const answer = await pass();
    const absent = answer.status === 404 && kind === "manifests" && reads && !byDigest && signedIn;
    return absent ? refusal(403, "UNAUTHORIZED", "authentication required") : answer;
  },
};

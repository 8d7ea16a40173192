import { indexAnswer } from "./exchange";
import type { Vendor } from "./vendor";

/** Google Artifact Registry: for hours referrers are listed that were deleted. */
export const google: Vendor = {
  name: "google",
  behavior: "lists referrers that are gone",
  source: "https://github.com/chainguard-dev/terraform-provider-cosign/pull/581",
  registry: "referrers",
  behave: () => async (exchange) => {
    const answer = await exchange.pass();
    if (exchange.kind !== "referrers" || answer.status !== 200) return answer;
    const { manifests } = JSON.parse(String(answer.body)) as { manifests: object[] };
    const gone = {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: `sha256:${"0".repeat(64)}`,
      size: 700,
      artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    };
    return indexAnswer([gone, ...(manifests ?? [])]);
  },
};

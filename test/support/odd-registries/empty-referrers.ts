import { indexAnswer } from "./exchange";
import type { Vendor } from "./vendor";

/** Registries and proxies that answer where the referrers API would be with a list of none. */
export const emptyReferrers: Vendor = {
  name: "empty-referrers",
  behavior: "answers the referrers API with an empty list for ever",
  source: "https://github.com/sigstore/sigstore-js/pull/1187",
  behave:
    () =>
    ({ kind, pass }) =>
      kind === "referrers" ? indexAnswer([]) : pass(),
};

/** How long a referrer is not listed after it was pushed, in milliseconds. */
const lateMs = 500;

/** Registries that list what was pushed some time later. */
export const lateReferrers: Vendor = {
  name: "late-referrers",
  behavior: "lists referrers half a second after they were pushed",
  source: "https://github.com/chainguard-dev/terraform-provider-cosign/pull/581",
  registry: "referrers",
  behave: () => {
    const pushedAt = new Map<string, number>();
    return async ({ kind, method, reference, pass }) => {
      const answer = await pass();
      if (kind === "manifests" && method === "PUT" && !pushedAt.has(reference)) {
        pushedAt.set(reference, Date.now());
      }
      if (kind !== "referrers" || answer.status !== 200) return answer;
      const { manifests } = JSON.parse(String(answer.body)) as { manifests: { digest: string }[] };
      const isLate = ({ digest }: { digest: string }) => Date.now() - (pushedAt.get(digest) ?? 0) < lateMs;
      return indexAnswer((manifests ?? []).filter((entry) => !isLate(entry)));
    };
  },
};

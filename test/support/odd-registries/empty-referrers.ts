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

/** Registries that list what was pushed some time later. */
export const lateReferrers: Vendor = {
  name: "late-referrers",
  behavior: "lists referrers half a second after they were pushed",
  source: "https://github.com/chainguard-dev/terraform-provider-cosign/pull/581",
  registry: "referrers",
  behave: () => {
    let lastPush = 0;
    return async (exchange) => {
      const { kind, method, pass } = exchange;
      if (kind === "manifests" && method !== "GET" && method !== "HEAD") lastPush = Date.now();
      return kind === "referrers" && Date.now() - lastPush < 500 ? indexAnswer([]) : pass();
    };
  },
};

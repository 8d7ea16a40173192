import type { Vendor } from "./vendor";

/**
 * A registry in which somebody has copied with a tool that puts the image itself under the tag of its
 * list of referrers, as cosign 3.1 does: once, when the first list has been put.
 */
export const overwrittenList: Vendor = {
  name: "overwritten-list",
  behavior: "has the image itself where its list of referrers was",
  source: "https://github.com/sigstore/cosign/pull/4681",
  behave: () => {
    const copied = new Set<string>();
    return async (exchange) => {
      const { kind, method, repository, reference, pass, ask } = exchange;
      const isTag = kind === "manifests" && /^sha256-[a-f0-9]{64}$/.test(reference);
      const place = `${repository}:${reference}`;
      if (isTag && method === "GET" && !copied.has(place)) {
        copied.add(place);
        const image = await ask("GET", `/v2/${repository}/manifests/${reference.replace("-", ":")}`);
        if (image.status === 200) {
          const type = { "content-type": String(image.headers["content-type"]) };
          await ask("PUT", exchange.path, Buffer.from(image.body ?? ""), type);
        }
      }
      return pass();
    };
  },
};

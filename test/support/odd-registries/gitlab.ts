import { refusal, type Behavior, type Exchange } from "./exchange";
import type { Vendor } from "./vendor";

/** The digest that a reference such as `sha256-<hex>` would be, with a colon. */
function digestOf({ kind, reference }: Exchange): string | undefined {
  return kind === "manifests" && /^sha256-[a-f0-9]{64}$/.test(reference)
    ? reference.replace("-", ":")
    : undefined;
}

function gitlabBehavior(put: Behavior): Behavior {
  return (exchange) => {
    const digest = digestOf(exchange);
    if (exchange.kind === "referrers") return refusal(404, "NOT_FOUND", "page not found");
    if (digest === undefined) return exchange.pass();
    return exchange.reads
      ? exchange.pass({ path: exchange.path.replace("sha256-", "sha256:") })
      : put(exchange);
  };
}

const source = "https://github.com/oras-project/oras-go/issues/1396";

/** GitLab's registry: a tag that reads as a digest is that digest, and can be put as such only. */
export const gitlab: Vendor = {
  name: "gitlab",
  behavior: "answers the tag sha256-<hex> with the image itself and refuses what is put there",
  source,
  holdsReferrers: false,
  behave: () =>
    gitlabBehavior(() => refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content")),
};

/** The same, where the list that is put is taken and nothing comes of it. */
export const gitlabSilent: Vendor = {
  name: "gitlab-silent",
  behavior: "answers the tag sha256-<hex> with the image itself and forgets what is put there",
  source,
  holdsReferrers: false,
  behave: () =>
    gitlabBehavior(({ repository, reference }) => ({
      status: 201,
      headers: { location: `/v2/${repository}/manifests/${reference}` },
    })),
};

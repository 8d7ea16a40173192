import type { DistributionArgs } from "./declaration";
import { embeddedRegistry } from "./embedded-registry";
import { throwAwayKey } from "./signing";

/** Whether a run publishes: a test and a pull request do not (CAP-19). */
export function publishes({
  environment,
  pullRequest,
}: Pick<DistributionArgs, "environment" | "pullRequest">): boolean {
  return environment !== "test" && pullRequest === undefined;
}

/**
 * The declaration as it is for its environment. Where nothing is to be published, everything is built and proven all the
 * same: images go, by digest, to the registry on this machine, with a throw-away key; registries, releases and whatever
 * looks at them are left out. So a test needs no account and no secret.
 */
export function forEnvironment(args: DistributionArgs): DistributionArgs {
  if (publishes(args)) return args;
  const { release: _release, afterPublication: _afterPublication, trust, ...rest } = args;
  return {
    ...rest,
    registries: [embeddedRegistry()],
    ...(trust ? { trust: trust.sign ? { ...trust, sign: throwAwayKey() } : trust } : {}),
  };
}

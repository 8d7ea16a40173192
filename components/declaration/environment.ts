import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionArgs } from "./declaration";
import type { ImageDeclaration } from "./image-declaration";
import { embeddedRegistry } from "../embedded-registry";
import { throwAwayKey } from "../signing";

/** Whether a run publishes: a test, a pull request, and the modes `build` and `load` do not (CAP-19). */
export function publishes({
  environment,
  pullRequest,
  mode = "publish",
}: Pick<DistributionArgs, "environment" | "pullRequest" | "mode">): boolean {
  return environment !== "test" && pullRequest === undefined && mode === "publish";
}

/** What is declared to publish where nothing is published. */
export function modeFindings(args: DistributionArgs): Finding[] {
  if (args.mode !== "publish" || publishes(args)) return [];
  const because = args.environment === "test" ? `environment: "test"` : "a pullRequest";
  const reason = `"publish" contradicts ${because}, which publishes nothing (a valid example: mode: "build")`;
  return [{ property: "mode", reason }];
}

/**
 * The declaration as it is for its environment. Where nothing is to be published, everything is built and proven all the
 * same: images go, by digest, to the registry on this machine, with a throw-away key; registries, releases, caches
 * that are written to a registry, and whatever looks at them are left out. So a test needs no account and no secret.
 */
export function forEnvironment(args: DistributionArgs): DistributionArgs {
  if (publishes(args)) return args;
  const { release: _release, afterPublication: _afterPublication, trust, ...rest } = args;
  return {
    ...rest,
    registries: [embeddedRegistry()],
    images: Object.fromEntries(
      Object.entries(rest.images).map(([name, image]) => [name, withoutCacheTarget(image)]),
    ),
    ...(trust ? { trust: trust.sign ? { ...trust, sign: throwAwayKey() } : trust } : {}),
  };
}

function withoutCacheTarget(image: ImageDeclaration): ImageDeclaration {
  if (image.cache?.to === undefined) return image;
  const { to: _to, ...cache } = image.cache;
  return { ...image, cache };
}

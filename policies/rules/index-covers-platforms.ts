import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { pushedReferences } from "../reading/pushed";
import { asList, asRecord, asText, asTexts } from "../reading/values";
import { formatPlatform, matchesPlatform } from "../../lib/oci/platform";
import type { Platform } from "../../lib/oci/types";

const indexType = "slipway:oci:Index";
const buildType = "docker-build:index:Image";

/** A platform that is promised is there. */
export const indexCoversPlatforms: Rule = {
  name: "index-covers-platforms",
  description: "Checks that what is published under one name covers every platform of the configured list.",
  remedy:
    "Add an image for each missing platform to the index, or take the platform from the " +
    "configuration of this rule.",
  level: "mandatory",
  severity: "medium",
  looksAt: ["index", "indexes"],
  types: [indexType, buildType],
  config: {
    platforms: {
      type: "array",
      items: { type: "string" },
      description: "Platforms that every index must have, e.g. `linux/amd64`.",
    },
  },
  needs: ["platforms"],
  check: (resource, config) => {
    const wanted = asTexts(config.platforms);
    if (resource.type === indexType) return [ofIndex(resource, wanted)];
    // One that is pushed by digest is a part of an index, which is looked at for itself.
    if (pushedReferences(resource).length === 0) return [];
    const { platforms } = resource.props;
    const what = `${resource.type} ${resource.name}`;
    if (platforms === UNKNOWN || asList(platforms).includes(UNKNOWN)) return [{ what, later: true }];
    return [compared(what, wanted, asTexts(platforms).map(platformOf))];
  },
};

function ofIndex(resource: Declared, wanted: readonly string[]): Outcome {
  const what = `index of ${asText(resource.props.repository) ?? resource.name}`;
  const platforms = asList(resource.props.manifests).map((manifest) => asRecord(manifest).platform);
  const isKnown =
    Array.isArray(resource.props.manifests) &&
    !(resource.props.manifests as unknown[]).includes(UNKNOWN) &&
    !platforms.some(
      (platform) => platform === UNKNOWN || Object.values(asRecord(platform)).includes(UNKNOWN),
    );
  if (!isKnown) return { what, later: true };
  return compared(
    what,
    wanted,
    platforms.map((platform) => asRecord(platform) as unknown as Platform),
  );
}

function compared(what: string, wanted: readonly string[], offered: readonly Platform[]): Outcome {
  const missing = wanted.filter(
    (text) => !offered.some((platform) => matchesPlatform(platformOf(text), platform)),
  );
  if (missing.length === 0) return { what };
  const there = offered.map(formatPlatform).join(", ") || "none that is declared";
  return {
    what,
    finding: `lacks ${missing.join(", ")} (it has ${there}; ${wanted.join(", ")} are asked for)`,
  };
}

/** The configuration may name platforms that Slipway does not build for. */
function platformOf(text: string): Platform {
  const [os = "", architecture = "", variant] = text.split("/");
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

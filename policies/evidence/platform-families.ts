import type { ResourceValidationArgs } from "@pulumi/policy";
import { declaredOf, isSlipways } from "../pack/from-engine";
import type { Seen } from "../pack/rule";
import { asList, asRecord, asText } from "../reading/values";

const indexType = "slipway:oci:Index";

/** It packs text files: there are no programs in it that a scan or an SBOM could be about. */
export const chartType = "slipway:helm:Chart";

/**
 * What digests are, and which images belong to which index: those of the indexes of a run, whose digest the provider
 * computes from what they list. What a trust resource names as its subjects is a claim, and counts
 * for nothing here.
 */
export class PlatformFamilies implements Seen {
  private readonly families = new Map<string, ReadonlySet<string>>();
  private readonly charts = new Set<string>();

  /**
   * Learns from a resource of the run. Whatever a resource depends on has been declared before it.
   */
  learn(args: ResourceValidationArgs): void {
    if (![indexType, chartType].includes(args.type) || !isSlipways(args)) return;
    const { props } = declaredOf(args);
    if (args.type === chartType) {
      const chart = asText(props.digest);
      if (chart !== undefined) this.charts.add(chart);
      return;
    }
    const index = asText(props.digest);
    const images = listedImages(props.manifests).map(asText);
    if (index === undefined || images.length === 0) return;
    const known = images.filter((digest) => digest !== undefined);
    if (known.length === images.length) this.families.set(index, new Set(known));
  }

  platformsOf(indexDigest: string): ReadonlySet<string> {
    return this.families.get(indexDigest) ?? new Set();
  }

  isChart(digest: string): boolean {
    return this.charts.has(digest);
  }
}

/**
 * Digests of the images that can be run, known or not; an attestation of BuildKit is for
 * `unknown/unknown`.
 */
export function listedImages(manifests: unknown): readonly unknown[] {
  return asList(manifests)
    .map(asRecord)
    .filter((manifest) => {
      const { os, architecture } = asRecord(manifest.platform);
      return !(os === "unknown" && architecture === "unknown");
    })
    .map((manifest) => manifest.digest);
}

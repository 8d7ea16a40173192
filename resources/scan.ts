// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { scanDefinition } from "./definitions/scan";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Scan}. */
export type ScanArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /**
   * Digests to be released. Manifests with a platform are scanned; an index passes if every image
   * that it lists does.
   */
  subjects: DeepInput<types.Subject[]>;
  /** Default: Trivy, as it is on PATH. */
  scanner?: DeepInput<types.Scanner | undefined>;
  /** What to look for. Default: vulnerabilities, and secrets where the scanner can find them. */
  kinds?: DeepInput<("vulnerability" | "secret" | "misconfiguration")[] | undefined>;
  /**
   * Lowest severity that fails the gate. Default: `critical`. Secrets fail it regardless of severity.
   */
  failOn?: pulumi.Input<"unknown" | "negligible" | "low" | "medium" | "high" | "critical" | undefined>;
  /** Whether only vulnerabilities that a newer version fixes fail the gate. Default: true. */
  fixableOnly?: pulumi.Input<boolean | undefined>;
  /** Findings that are accepted until a date. */
  exceptions?: DeepInput<types.ScanException[] | undefined>;
  /** Documents whose statements `not_affected` and `fixed` accept findings, as exceptions do. */
  vex?: DeepInput<types.Vex | undefined>;
  /** Maximum age of the database in hours. Default: 120. */
  databaseMaxAgeHours?: pulumi.Input<number | undefined>;
  /** Hours after which an update scans published images again. Default: never by time alone. */
  rescanAfterHours?: pulumi.Input<number | undefined>;
  /**
   * Whether failed scans, and images that could not be scanned, pass with a warning; evidence says
   * so. Default: false.
   */
  advisory?: pulumi.Input<boolean | undefined>;
  /** Timeout of the scan of one image in seconds. Default: 900. */
  timeoutSeconds?: pulumi.Input<number | undefined>;
  /**
   * Evidence of SBOMs of the subjects, as `slipway:trust:Sbom` outputs it: osv-scanner reads the
   * documents that its referrers carry. Default: syft makes one.
   */
  sboms?: DeepInput<types.Evidence[] | undefined>;
};

/**
 * A gate: the image of each platform is scanned, in the registry by digest, and what depends on the
 * resource is published only if nothing is over the threshold. A scanner or a database that is
 * missing or too old fails the gate. The reports (SARIF and the scanner's own) are attached to the
 * image. A preview does not scan. (`slipway:trust:Scan`)
 */
export class Scan extends pulumi.CustomResource implements ObservedProperties<typeof scanDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /**
   * Digests to be released. Manifests with a platform are scanned; an index passes if every image
   * that it lists does.
   */
  declare readonly subjects: pulumi.Output<types.Subject[]>;
  /** The result for each platform. */
  declare readonly verdicts: pulumi.Output<types.ScanVerdict[]>;
  /** Time of the scan. */
  declare readonly scannedAt: pulumi.Output<string>;
  /** Name and version of the scanner. */
  declare readonly scannerVersion: pulumi.Output<string | undefined>;
  /** When its database was made. */
  declare readonly databaseTime: pulumi.Output<string | undefined>;
  /** Reports in the registry. */
  declare readonly reports: pulumi.Output<types.ScanReport[]>;
  /** Reports missing from the registry, and images that were not scanned. An update scans again. */
  declare readonly missing: pulumi.Output<string[]>;
  /** The images that the indexes among the subjects list, as the registry has them. */
  declare readonly children: pulumi.Output<types.IndexChild[] | undefined>;
  /** Evidence about the subjects, for gates and policies. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: ScanArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      verdicts: undefined,
      scannedAt: undefined,
      scannerVersion: undefined,
      databaseTime: undefined,
      reports: undefined,
      missing: undefined,
      children: undefined,
      evidence: undefined,
    };
    super("slipway:trust:Scan", name, properties<typeof scanDefinition>(outputs, args), retained(options));
  }
}

// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { helmChartDefinition } from "./definitions/helm-chart";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link HelmChart}. */
export type HelmChartArgs = {
  /**
   * Repository as `host[:port]/path`, whose last part is the name of the chart. Example:
   * `"ghcr.io/acme/hello"`.
   */
  repository: pulumi.Input<string>;
  /**
   * Folder of the chart, with its `Chart.yaml`; what `.helmignore` leaves out is not packed. Example:
   * `"charts/hello"`.
   */
  directory: pulumi.Input<string>;
  /** Version of the chart, as SemVer without `v`. Example: `"1.2.3"`. */
  version: pulumi.Input<string>;
  /** Version of what it installs. Default: that in `Chart.yaml`. Example: `"v1.2.3"`. */
  appVersion?: pulumi.Input<string | undefined>;
  /**
   * Values to set in `values.yaml`, by path; each has to be there. Default: none. Example:
   * `{"service.port":8080}`.
   */
  values?: DeepInput<Record<string, string | number | boolean> | undefined>;
  /**
   * Images by path in `values.yaml`: a text, which becomes the whole reference, or fields with
   * `repository` and `digest` or `tag`, and `registry` where the host is apart. Default: none.
   */
  images?: DeepInput<Record<string, types.ChartImage> | undefined>;
};

/**
 * A Helm chart as an OCI artifact, packed reproducibly and pushed by digest, as `helm push` pushes
 * one: its version in `Chart.yaml`, and released images in `values.yaml`. A tag, which is what
 * makes it visible, is another resource. (`slipway:helm:Chart`)
 */
export class HelmChart
  extends pulumi.CustomResource
  implements ObservedProperties<typeof helmChartDefinition>
{
  /**
   * Repository as `host[:port]/path`, whose last part is the name of the chart. Example:
   * `"ghcr.io/acme/hello"`.
   */
  declare readonly repository: pulumi.Output<string>;
  /**
   * Folder of the chart, with its `Chart.yaml`; what `.helmignore` leaves out is not packed. Example:
   * `"charts/hello"`.
   */
  declare readonly directory: pulumi.Output<string>;
  /** Version of the chart, as SemVer without `v`. Example: `"1.2.3"`. */
  declare readonly version: pulumi.Output<string>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Media type of the manifest. */
  declare readonly mediaType: pulumi.Output<string>;
  /** Size of the manifest, in bytes. */
  declare readonly size: pulumi.Output<number>;
  /**
   * Digest of the archive (`.tgz`). Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly archiveDigest: pulumi.Output<string>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<string>;

  constructor(name: string, args: HelmChartArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      digest: undefined,
      mediaType: undefined,
      size: undefined,
      archiveDigest: undefined,
      reference: undefined,
    };
    super(
      "slipway:helm:Chart",
      name,
      properties<typeof helmChartDefinition>(outputs, args),
      retained(options),
    );
  }
}

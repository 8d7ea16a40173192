import type * as pulumi from "@pulumi/pulumi";
import type { Evidence, ProgramTest, ProviderArgs, ReleasedFile } from "../../resources";
import type { Finding } from "../../resources/definitions/input-findings";

/** The releases of a distribution. */
export interface ReleaseContent {
  /** Name of the distribution. */
  distribution: string;
  /** Version as it was declared. */
  version: string;
  /** Archives, their further names, the sums file, signatures and SBOMs. */
  assets: readonly pulumi.Input<ReleasedFile>[];
  /** Checks of each program for each platform, for notes that list them. */
  tests?: pulumi.Input<ProgramTest[]>;
  /** Evidence about them, for policies. */
  evidence?: pulumi.Input<Evidence[]>;
}

/** Access to a place that a program declares, for the provider. */
export type ReleaseAccess = NonNullable<ProviderArgs["github"]>;

/** Options of the resource that is a release. */
export interface ReleaseOptions {
  parent: pulumi.Resource;
  dependsOn: pulumi.Resource[];
  /** Provider with the access of this release, where it is not that of the distribution. */
  provider?: pulumi.ProviderResource;
}

/** A place for releases. */
export abstract class ReleaseTarget {
  /** Name for resource names. */
  abstract readonly name: string;
  /** Host that it is on; undefined where it is a folder of this machine. */
  readonly host?: string;
  /** Access that was declared with it. */
  readonly access?: ReleaseAccess;

  /**
   * Returns what keeps an update from releasing here; looked at before any resource is registered.
   */
  findings(): Finding[] {
    return [];
  }

  /** Declares the release as a resource. */
  abstract create(content: ReleaseContent, options: ReleaseOptions): pulumi.Resource;
}

import type * as pulumi from "@pulumi/pulumi";
import type { Evidence, ProgramTest, ProviderArgs, ReleasedFile, ReleasePlace } from "../../resources";
import type { Finding } from "../../resources/definitions/input-findings";
import { renamedClass } from "./renamed-class";

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

/**
 * A place for releases. `githubRelease` and `directoryRelease` make one; so does any program, with
 * an object that has these properties.
 */
export interface ReleaseTarget {
  /** Name for resource names; no other target of the distribution has it. */
  readonly name: string;
  /** Host that it is on; undefined where it is a folder of this machine. */
  readonly host?: string | undefined;
  /** Access that was declared with it. */
  readonly access?: ReleaseAccess | undefined;

  /**
   * Returns what keeps an update from releasing here; looked at before any resource is registered.
   * Default: nothing.
   */
  findings?(): Finding[];

  /**
   * Returns where a version is released, for what must not be made anew once it is published.
   * Default: nowhere that can be looked at.
   */
  placeOf?(released: { distribution: string; version: string }): ReleasePlace;

  /**
   * Returns where a released file is downloaded from, for channels. Default, and undefined: from
   * nowhere that is known.
   */
  downloadUrl?(released: { distribution: string; version: string }, fileName: string): string | undefined;

  /** Declares the release as a resource, with the options, which put it in its place. */
  create(content: ReleaseContent, options: ReleaseOptions): pulumi.Resource;
}

/** @deprecated `ReleaseTarget` is an interface: implement it, or write an object that has it. */
export const ReleaseTarget = renamedClass<void>("ReleaseTarget", "{ name, create } as ReleaseTarget");

/** Returns whether a value is a place for releases, whoever made it. */
export function isReleaseTarget(value: unknown): value is ReleaseTarget {
  if (typeof value !== "object" || value === null) return false;
  const { name, host, findings, create } = value as Partial<Record<keyof ReleaseTarget, unknown>>;
  return (
    typeof name === "string" &&
    name !== "" &&
    typeof create === "function" &&
    (host === undefined || typeof host === "string") &&
    (findings === undefined || typeof findings === "function")
  );
}

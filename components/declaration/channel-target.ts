import type * as pulumi from "@pulumi/pulumi";
import type { ChannelArtifact, PlannedArtifact } from "../../lib/channels/artifact";
import type { ChannelState } from "../../lib/channels/state";
import type { ArchiveArgs, Artifact, ListedCatalog } from "../../resources";
import type { Finding } from "../../resources/definitions/input-findings";
import type { CountedPackage } from "../../lib/metrics/asked";
import type { InstallWay } from "./install-way";

/** An image of the release, as far as it is declared. */
export interface ReleasedImage {
  /** Where it is pulled from, each `host/path`, its own repository first; folders are not among them. */
  readonly repositories: readonly string[];
  /** Labels that are declared; those of a Dockerfile, and of a base, are not known. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether a Dockerfile, a base or somebody else may give it labels that are not declared. */
  readonly mayHaveMore: boolean;
}

/** A package that a channel publishes in the public registry of its kind. */
export interface ShippedPackage {
  readonly registry: "npm" | "pypi";
  readonly name: string;
  /** Why it does not say that it is an MCP server of a name, and what to do; undefined where it says so. */
  readonly refusesServer: (name: string) => string | undefined;
}

/** What is released, as channels are asked whether they can carry it. */
export interface ChannelRelease {
  /** Name of the distribution. */
  readonly distribution: string;
  /** Version as it was declared. */
  readonly version: string;
  /** Files of each archive, one a platform, by the archive's name in the declaration. */
  readonly archives: Readonly<Record<string, readonly PlannedArtifact[]>>;
  /** Names of the files that each command of `extraArtifacts` makes, by its name in the declaration. */
  readonly extraArtifacts: Readonly<Record<string, readonly string[]>>;
  /** SPDX expression, where the distribution declares one. */
  readonly licenses?: string | undefined;
  /** Name of the sums file beside the archives. */
  readonly sumsFile: string;
  /**
   * Where a file of the release is downloaded from, by its name: at the first host that says so; undefined
   * where none does.
   */
  readonly downloadUrl: (fileName: string) => string | undefined;
  /** The images, by name. */
  readonly releasedImages: Readonly<Record<string, ReleasedImage>>;
  /** Platforms of each program. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** Packages that other channels publish, where it is declared what is in them: for `findings` alone. */
  readonly shippedPackages?: readonly ShippedPackage[];
}

/** What is released, as channels get it. */
export interface ChannelContent extends ChannelRelease {
  /** Address of the sources, where the distribution declares one. */
  readonly source?: string | undefined;
  /** The files of an archive, one a platform, with the addresses that the first host gives them. */
  artifactsOf(archive: string): pulumi.Output<ChannelArtifact[]>;
  /** Digest of an image, of its index where it has one. */
  imageDigest(image: string): pulumi.Output<string>;
  /** What a command of `extraArtifacts` made, as files of this machine. */
  filesOf(artifact: string): pulumi.Output<Artifact[]>;
  /** A program for a platform, as a file of this machine. */
  programOf(
    program: string,
    platform: string,
  ): { source: pulumi.Input<string>; digest: pulumi.Input<string> };
}

/** A file that a channel adds to the release, such as a package. */
export interface ChannelAssetFile {
  /** Name of the resource that makes it, which is the same for each version. */
  readonly resource: string;
  /** What is in it. */
  readonly entries: ArchiveArgs["entries"];
}

/** Options of the resource that publishes to a channel. */
export interface ChannelOptions {
  parent: pulumi.Resource;
  dependsOn: pulumi.Resource[];
}

/** A resource that publishes to a channel. */
export type ChannelResource = pulumi.Resource & {
  readonly state: pulumi.Output<ChannelState>;
  readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601. */
  readonly awaitingSince?: pulumi.Output<string | undefined>;
};

/** A copy of a channel that is a folder, on a host that serves it. */
export interface ChannelCopy {
  /** Where the host is, for messages. */
  readonly place: string;
  readonly resource: ChannelResource;
}

/** A channel that is a folder, with its copies. */
export interface CopiedChannel {
  readonly resource: ChannelResource;
  readonly copies: readonly ChannelCopy[];
}

/**
 * A way in which a release reaches those who install it, e.g. a Homebrew tap. `homebrewFormula` and
 * others make one; so does any program, with an object that has these properties.
 */
export interface ChannelTarget {
  /** What it is, in words: `Homebrew formula`. */
  readonly kind: string;
  /** Name for resource names and messages; no other channel of that kind in the distribution has it. */
  readonly name: string;
  /** For how long it may be `awaiting` or `staged`, e.g. `7d`: then that is a failure. Default: for good. */
  readonly grace?: string | undefined;
  /** Whether others fill it, so that it is looked at and no run fails for it. Default: false. */
  readonly observed?: boolean | undefined;
  /** Where others can ask it, for the list of what was published. Default: nowhere. */
  readonly catalog?: ListedCatalog | undefined;

  /** Returns what it cannot carry; looked at before any resource is registered. Default: nothing. */
  findings?(release: ChannelRelease): Finding[];

  /**
   * Returns what it lacks to publish something new, such as a token, in sentences that say what to do.
   * An update that has something new tells it before anything is published. Default: nothing.
   */
  missing?(): readonly string[];

  /**
   * Names of files that it adds to the release, such as its manifest. They are listed in the sums, so
   * they may name archives, and neither each other nor the sums. Default: none.
   */
  assetNames?(release: ChannelRelease): readonly string[];

  /** Texts of these files, by name. */
  assetTexts?(content: ChannelContent): pulumi.Output<Readonly<Record<string, string>>>;

  /** What these files are made of, by name, where they are archives or packages; names tell the format. */
  assetFiles?(content: ChannelContent): Readonly<Record<string, ChannelAssetFile>>;

  /**
   * The files of a channel that is files of a repository, by path, for a program that has another
   * resource put them there. Which there are is known before their texts are.
   */
  files?(content: ChannelContent): Readonly<Record<string, pulumi.Output<string>>>;

  /**
   * How users install from it, for documents. Default: they do not say; nor do they of a place that is no
   * address for others, such as a folder.
   */
  install?(release: ChannelRelease): InstallWay | undefined;

  /** Packages of public registries that it publishes, where it is declared what is in them. Default: none. */
  shippedPackages?(release: ChannelRelease): readonly ShippedPackage[];

  /**
   * Packages whose downloads a public service counts, for `metrics`. Default: nobody counts them.
   */
  counted?(release: ChannelRelease): readonly CountedPackage[];

  /**
   * Declares the resource that publishes, with the options, which put it in its place. A failure is
   * left to the gate (`gated`), so that other channels go on. So are those of its copies. Default: it is
   * files of the release and nothing else.
   */
  create?(content: ChannelContent, options: ChannelOptions): ChannelResource | CopiedChannel;
}

/** Returns whether a value is a channel, whoever made it. */
export function isChannelTarget(value: unknown): value is ChannelTarget {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, grace, observed, create, ...optional } = value as Partial<
    Record<keyof ChannelTarget, unknown>
  >;
  const { findings, missing, files, install, counted, assetNames, assetTexts, assetFiles } = optional;
  return (
    typeof kind === "string" &&
    kind !== "" &&
    typeof name === "string" &&
    name !== "" &&
    (grace === undefined || typeof grace === "string") &&
    (observed === undefined || typeof observed === "boolean") &&
    (create !== undefined || assetNames !== undefined) &&
    [create, findings, missing, files, install, counted, assetNames, assetTexts, assetFiles].every(
      (one) => one === undefined || typeof one === "function",
    ) &&
    (assetNames === undefined) === (assetTexts === undefined && assetFiles === undefined)
  );
}

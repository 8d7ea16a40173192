import type * as pulumi from "@pulumi/pulumi";
import type { DeclaredBuild } from "../../lib/deploy/local-build";
import type { Notice } from "../../resources/types";
import type { DeclarationFacts } from "../../lib/workflows/facts";
import type { Artifact, DocumentArgs } from "../../resources";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DocumentRepository } from "./document-repository";
import type { InstallWay } from "./install-way";
import type { InstallerRelease } from "./installer";
import type { PlannedTag } from "./tag-rules";

/** An image, as documents say where it is. */
export interface DocumentImage {
  /** `host/path` of each registry that has it, the first one first; folders have none. */
  readonly repositories: readonly string[];
  /** Tags that are published, in their order. */
  readonly tags: readonly string[];
  /** Tag of the version; undefined where there is none. */
  readonly tag?: string | undefined;
  /** Tag that is always the latest version, where one is declared. */
  readonly latest?: string | undefined;
  readonly platforms: readonly string[];
  /** How it is built, where it is from a Dockerfile. */
  readonly build?: DeclaredBuild | undefined;
}

/** What is proven of a release, as users can check it. */
export interface DocumentProofs {
  /** `key`: one that stays; `identity`: a new one each time. Absent where nothing is signed. */
  readonly signedBy?: "key" | "identity" | undefined;
  /** Types of the SBOMs that are attached to images and signed, as cosign calls them. */
  readonly sbomTypes: readonly ("spdxjson" | "cyclonedx")[];
  /** Whether images have a SLSA provenance. */
  readonly provenance: boolean;
}

/** What is declared, as documents are asked whether they can say it. All of it is known before anything is made. */
export interface DocumentRelease extends Omit<InstallerRelease, "version" | "images"> {
  /** Version as it was declared; undefined for branches, and then there are no archives either. */
  readonly version: string | undefined;
  readonly images: Readonly<Record<string, DocumentImage>>;
  readonly proofs: DocumentProofs;
  /** Tags that images get, in their order. */
  readonly plannedTags: readonly PlannedTag[];
  /** How users install from channels, charts and by installers, in the order of the declaration. */
  readonly installWays: readonly InstallWay[];
  /**
   * Names of installers and of the files that channels add to the release, such as their manifests; undefined in a run that
   * releases nothing.
   */
  readonly textFiles: readonly string[] | undefined;
  /** References of external images, by name, as they were declared. */
  readonly declaredExternalImages: Readonly<Record<string, string>>;
  /** Versions that users are told to leave, in the order of the declaration. */
  readonly deprecated: readonly Notice[];
  /** What a machine that publishes has to have, also where this run publishes nothing. */
  readonly publishing: DeclarationFacts;
}

/** The same, with what is known once it is made. A preview shows a text that needs none of it, whatever else is new. */
export interface DocumentFacts extends DocumentRelease {
  /** Digest of an image's index, by its name in the declaration. */
  digestOf(image: string): pulumi.Output<string>;
  /** Archives, installers and sums, as they are released. */
  readonly artifacts: pulumi.Output<Artifact[]>;
  /** Text of an installer, or of a file that a channel adds to the release. */
  textOfFile(name: string): pulumi.Output<string>;
  /** The key (PEM) that everything is signed with; undefined where there is none that stays. */
  publicKey(): pulumi.Output<string | undefined>;
  /** `host/path:tag@digest` of each external image, by name. */
  readonly externalImages: pulumi.Output<Record<string, string>>;
}

/** Edits of a document, with what is only known later in them. */
export type DocumentEdits = Exclude<DocumentArgs["edits"], pulumi.Output<unknown> | Promise<unknown>>;

/**
 * A file of the project, or of another repository, that follows the declaration, or the release. `fileRegions` and others make one; so
 * does any program, with an object that has these properties.
 */
export interface DocumentTarget {
  /** What it is, in words: `regions of a file`. */
  readonly kind: string;
  /** Path relative to the project's folder, in it or elsewhere in its git repository. */
  readonly path: string;
  /**
   * `release` is written when everything can be downloaded, and where nothing is released not at all;
   * `declaration` is written always, and must need nothing of a release. Default: `release`.
   */
  readonly follows?: "release" | "declaration" | undefined;
  /** Whether pre-releases are written too. Default: false, they change nothing. */
  readonly prereleases?: boolean | undefined;
  /** Permission bits as octal digits. Default: those that the file has, and 0644. */
  readonly mode?: string | undefined;
  /** Whether a whole file that somebody else has put there is replaced. Default: false, it is refused. */
  readonly takeOver?: boolean | undefined;
  /** Another git repository that the path is in. Default: that of the project. */
  readonly into?: DocumentRepository | undefined;

  /** Returns what it cannot say; looked at before any resource is registered. Default: nothing. */
  findings?(release: DocumentRelease): Finding[];
  /** What the file is to have. Which edits there are does not depend on what is only known later. */
  edits(facts: DocumentFacts): DocumentEdits;
}

/** Returns whether a value is a document, whoever made it. */
export function isDocumentTarget(value: unknown): value is DocumentTarget {
  if (typeof value !== "object" || value === null) return false;
  const { kind, path, follows, findings, edits } = value as Partial<Record<keyof DocumentTarget, unknown>>;
  return (
    typeof kind === "string" &&
    kind !== "" &&
    typeof path === "string" &&
    (follows === undefined || follows === "release" || follows === "declaration") &&
    typeof edits === "function" &&
    (findings === undefined || typeof findings === "function")
  );
}

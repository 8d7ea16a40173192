// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { sbomDefinition } from "./definitions/sbom";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Sbom}. */
export type SbomArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Subjects of the documents: the image of each platform, and the index (without a platform). */
  subjects: DeepInput<types.Subject[]>;
  /**
   * `spdx`: SPDX 2.3 in JSON; `cyclonedx`: CycloneDX 1.6 in JSON. Default: both. Example: `["spdx"]`.
   */
  formats?: DeepInput<("spdx" | "cyclonedx")[] | undefined>;
  /**
   * `builtin` (default) lists every file with its hashes, the base image, the packages of dpkg, apk,
   * Python and npm, and the modules in Go programs; it reports the package lists that it does not
   * read. `syft` runs the installed Syft, which knows more kinds of packages. The document of an
   * index is always the built-in one. Example: `"builtin"`.
   */
  generator?: pulumi.Input<"builtin" | "syft" | undefined>;
  /**
   * Name of the image in the documents and of their files. Default: the end of the repository's path.
   * Example: `"hello"`.
   */
  name?: pulumi.Input<string | undefined>;
  /**
   * External images that run beside this one, by digest; listed in the document of the index, or of
   * each image where no index is among the subjects. Example:
   * `["docker.io/library/redis:7-alpine@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"]`.
   */
  externalImages?: DeepInput<string[] | undefined>;
  /**
   * What is declared of the programs in an image that are the distribution's own: the built-in
   * generator lists them with this version and license, which the files do not tell. A digest that is
   * published without it keeps its documents.
   */
  programs?: DeepInput<types.OwnPrograms | undefined>;
  /**
   * Folder to which the documents are also written, relative to the project: `NAME.spdx.json` and
   * `NAME.cdx.json` of the index, `NAME-OS-ARCHITECTURE.spdx.json` of an image. Example:
   * `".slipway/sbom"`.
   */
  directory?: pulumi.Input<string | undefined>;
};

/**
 * SBOMs of the images of an index and of the index itself, attached to them as OCI 1.1 referrers.
 * The same image gives the same documents on every machine. For unchanged subjects nothing is made
 * again, and no layer is read. Removing the resource leaves the documents in the registry.
 * (`slipway:trust:Sbom`)
 */
export class Sbom extends pulumi.CustomResource implements ObservedProperties<typeof sbomDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Subjects of the documents: the image of each platform, and the index (without a platform). */
  declare readonly subjects: pulumi.Output<types.Subject[]>;
  /** The documents, in the order of subjects and formats. */
  declare readonly documents: pulumi.Output<types.SbomDocument[]>;
  /** Files of the documents, relative to the project; none without a directory. */
  declare readonly files: pulumi.Output<string[]>;
  /** Names of documents that are no longer there. Empty if all are. */
  declare readonly missing: pulumi.Output<string[]>;
  /** One fact for each document that exists. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: SbomArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { documents: undefined, files: undefined, missing: undefined, evidence: undefined };
    super("slipway:trust:Sbom", name, properties<typeof sbomDefinition>(outputs, args), retained(options));
  }
}

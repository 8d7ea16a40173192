import type { BinaryDeclaration } from "./declaration/binary-declaration";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { DownloadDeclaration } from "./declaration/download-declaration";
import type { ImageDeclaration } from "./declaration/image-declaration";
import type { ArchiveDeclaration } from "./declaration/release-declaration";
import type { KnownNames, KnownPrograms } from "./declaration/variants";
import type { Gates } from "./gates";

/** Fields of a distribution that name others of its fields. */
type Naming = "images" | "binaries" | "downloads" | "archives" | "gates" | "afterPublication";

/**
 * Declaration of a distribution.
 *
 * @typeParam Images names of the images
 * @typeParam Binaries names of the programs that are built
 * @typeParam Downloads names of the programs that others released
 */
export interface DistributionArgs<
  Images extends string = string,
  Binaries extends string = string,
  Downloads extends string = string,
> extends Omit<DistributionDeclaration, Naming> {
  /** Images by name, which is also the repository's name below each namespace. */
  images: Record<
    Images,
    ImageDeclaration<NoInfer<KnownNames<Images>>, NoInfer<KnownPrograms<Binaries | Downloads>>>
  >;
  /** Programs by name, built by a command once for each target. */
  binaries?: Record<Binaries, BinaryDeclaration> | undefined;
  /**
   * Verified programs that other projects released, for images and archives to use like binaries.
   */
  downloads?: Record<Downloads, DownloadDeclaration> | undefined;
  /** Archives of binaries and files, one per target. */
  archives?: Record<string, ArchiveDeclaration<NoInfer<KnownPrograms<Binaries | Downloads>>>> | undefined;
  /**
   * What must hold before anything points to the images: checks by name, or a function that makes
   * resources, given the images by digest.
   */
  gates?: Gates<NoInfer<Images>> | undefined;
  /** What is looked at after the publication, in the same words. */
  afterPublication?: Gates<NoInfer<Images>> | undefined;
}

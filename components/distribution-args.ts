import type { BinaryDeclaration } from "./declaration/binary-declaration";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { DownloadDeclaration } from "./declaration/download-declaration";
import type { ImageDeclaration } from "./declaration/image-declaration";
import type { ArchiveDeclaration } from "./declaration/release-declaration";
import type { KnownNames, KnownPrograms } from "./declaration/variants";
import type { GateRule } from "./gates";

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
   * Resources that must succeed before anything points to the images. They get the images by
   * digest.
   */
  gates?: GateRule<NoInfer<Images>> | undefined;
  /** Resources that check what was published. */
  afterPublication?: GateRule<NoInfer<Images>> | undefined;
}

import type * as pulumi from "@pulumi/pulumi";
import type { Visibility } from "../../lib/registries/metadata";
import type { MetadataKind } from "../../lib/registries/metadata-rules";

/** What a registry is to show of a repository. Fields that are not declared stay as they are. */
export interface ShownRepository {
  /** One line in lists. */
  readonly description?: string | undefined;
  /**
   * The text of its page, in Markdown: a text, or a file of the project. A file that is one of the `documents` follows the
   * release as that does. Relative links lead to where the sources are.
   */
  readonly fullDescription?: string | { readonly file: string } | undefined;
  /** Slugs of categories. */
  readonly categories?: readonly string[] | undefined;
  /** Who may see it; set before anything is pushed. */
  readonly visibility?: Visibility | undefined;
  /** Patterns of tags that never move, as the registry writes patterns; set before anything is pushed. */
  readonly immutableTags?: readonly string[] | undefined;
}

/** Who may change what is shown of repositories, where that is not who pushes. */
export interface Curator {
  readonly username?: string | undefined;
  /** Password or token; kept a secret. */
  readonly password: pulumi.Input<string>;
}

/**
 * What registries of a distribution show of its images. `dockerHubRepositories` and others make one; so does any
 * program, with an object that has these properties.
 */
export interface ShownRepositories {
  readonly kind: MetadataKind;
  /** Host of the registries that it is about, e.g. `docker.io`. */
  readonly host: string;
  /** Whether a distribution that does not publish there is an error. */
  readonly isExpected: boolean;
  /** Address of the API. Default: that of the service. */
  readonly api?: string | undefined;
  readonly curator?: Curator | undefined;
  /**
   * Folder of the project as people see it on the Web, for relative links. Default: the root of `source`, where that is on
   * GitHub or GitLab.
   */
  readonly links?: string | undefined;
  /** What holds for all images. */
  readonly all: ShownRepository;
  /** What holds for one, by name, in the place of that. */
  readonly images: Readonly<Record<string, ShownRepository>>;
}

/** Returns whether a value says what is shown of repositories, whoever made it. */
export function isShownRepositories(value: unknown): value is ShownRepositories {
  if (typeof value !== "object" || value === null) return false;
  const { kind, host, all, images } = value as Partial<Record<keyof ShownRepositories, unknown>>;
  return (
    typeof kind === "string" &&
    typeof host === "string" &&
    typeof all === "object" &&
    all !== null &&
    typeof images === "object" &&
    images !== null
  );
}

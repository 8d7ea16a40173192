/** Who may see a repository. */
export type Visibility = "public" | "private";

/** What a registry shows of a repository beside its content. A field that is undefined is not told, or not wanted. */
export interface RepositoryMetadata {
  /** One line in lists. */
  readonly description?: string | undefined;
  /** The text of its page, in Markdown. */
  readonly fullDescription?: string | undefined;
  /** Slugs of its categories, sorted. */
  readonly categories?: readonly string[] | undefined;
  readonly visibility?: Visibility | undefined;
  /** Patterns of the tags that never move, as the registry writes patterns; empty where all tags may move. */
  readonly immutableTags?: readonly string[] | undefined;
}

/** A field of it. */
export type MetadataField = keyof RepositoryMetadata;

/** The API by which one registry tells and sets what it shows of its repositories. */
export interface MetadataApi {
  /** The registry in messages, e.g. `Docker Hub`. */
  readonly place: string;
  /** Address of the page that people see. @param path of the repository, without its host */
  page(path: string): string;
  /**
   * What the registry has; undefined where there is no repository that could have it.
   *
   * @param fields that are asked for: each can cost a request, and others may be told too
   * @throws RegistryApiError
   */
  find(path: string, fields: readonly MetadataField[]): Promise<RepositoryMetadata | undefined>;
  /**
   * Makes a repository that is not there, with what is wanted of it as far as that can be said at once.
   *
   * @throws RegistryApiError also where a push alone makes one
   */
  make(path: string, wanted: RepositoryMetadata): Promise<void>;
  /** Sets the fields that are given, and no other. @throws RegistryApiError */
  change(path: string, wanted: RepositoryMetadata): Promise<void>;
  close(): Promise<void>;
}

/** A file of this machine that is to be on a host. */
export interface HostedFile {
  /** Path in the folder, with `/`. */
  readonly path: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

/** A file as it was left on a host. */
export interface LeftFile {
  readonly digest: string;
  /** What the host has called this content, where it does so, such as an ETag. */
  readonly mark?: string | undefined;
}

/** What has become of a file that was left on a host. */
export type Drift = "gone" | "changed";

/** Why a host was not given something, or could not be asked. */
export class SiteHostError extends Error {
  override readonly name = "SiteHostError";

  constructor(
    message: string,
    /** Status of the answer, where there was one. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A host that serves files. Nothing of it is touched but the files that are named. */
export interface SiteHost {
  /** Where it is, for messages. */
  readonly place: string;
  /** Whether a look compares with the files of this machine, which have to be as they were left. */
  readonly comparesFiles: boolean;

  /**
   * Which files are not as they were left.
   *
   * @throws SiteHostError where it cannot be asked
   */
  drift(left: ReadonlyMap<string, LeftFile>): Promise<Map<string, Drift>>;

  /**
   * Looks at paths of which nothing is known: which of the files are there already, with what the host
   * calls them, and at which paths there is something else.
   *
   * @throws SiteHostError
   */
  found(files: readonly HostedFile[]): Promise<{ same: Map<string, string | undefined>; other: string[] }>;

  /**
   * Puts files there; each appears whole, in no order.
   *
   * @returns what the host calls them, where it does so
   * @throws SiteHostError
   */
  put(files: readonly HostedFile[]): Promise<Map<string, string | undefined>>;

  /**
   * Removes files that are as they were left.
   *
   * @throws SiteHostError
   */
  remove(files: ReadonlyMap<string, LeftFile>): Promise<void>;

  close(): Promise<void>;
}

import type { Readable } from "node:stream";
import { readBlob } from "../attach";
import { isNotFound } from "../errors";
import type { Repository } from "../repository";
import type { Descriptor, FetchedManifest } from "../types";

/** Content that none of the sources has. */
export class NotInSourcesError extends Error {
  override readonly name = "NotInSourcesError";
}

/** A source that did not answer. */
export interface SourceFailure {
  source: Repository;
  error: unknown;
}

/** The referrers of a manifest, and the sources that did not say. */
export interface ListedReferrers {
  descriptors: Descriptor[];
  failures: SourceFailure[];
}

/** Target of a tag, if any, and the sources that did not answer. */
export interface TaggedAnswer {
  found?: FetchedManifest;
  failures: SourceFailure[];
}

/**
 * Repositories that content is read from, the nearest first: what one does not have, or not give,
 * is asked of the next.
 */
export class Sources {
  /** @throws RangeError where there is none */
  constructor(private readonly repositories: readonly Repository[]) {
    if (repositories.length === 0) throw new RangeError("no source to mirror from was given");
  }

  /** Names of all of them, for messages. */
  get names(): string {
    return this.repositories.map(({ name }) => name).join(", ");
  }

  /** The sources in the order in which they are asked. */
  [Symbol.iterator](): IterableIterator<Repository> {
    return this.repositories.values();
  }

  /**
   * A manifest by its digest.
   *
   * @throws NotInSourcesError; RegistryError, DigestMismatchError where a source that may have it
   * fails
   */
  async manifest(digest: string): Promise<FetchedManifest> {
    return this.first(`manifest ${digest}`, (source) => source.getManifest(digest));
  }

  /**
   * All of a small blob.
   *
   * @param limit in bytes
   * @throws NotInSourcesError, BlobTooLargeError; RegistryError, DigestMismatchError where a source
   * that may have it fails
   */
  async blob(descriptor: Pick<Descriptor, "digest" | "size">, limit: number): Promise<Buffer> {
    return this.first(`blob ${descriptor.digest}`, (source) => readBlob(source, descriptor, limit));
  }

  /**
   * A manifest by a tag, from the first source that has it. A source that fails is named, as long
   * as another one answers.
   *
   * @throws RegistryError, DigestMismatchError where none of them answers
   */
  async tagged(tag: string): Promise<TaggedAnswer> {
    const failures: SourceFailure[] = [];
    for (const source of this.repositories) {
      try {
        return { found: await source.getManifest(tag), failures };
      } catch (error) {
        if (!isNotFound(error)) failures.push({ source, error });
      }
    }
    this.requireAnswer(failures);
    return { failures };
  }

  /** Digest of what a tag points to in the first source that has it. @throws RegistryError */
  async headTag(tag: string): Promise<string | undefined> {
    for (const source of this.repositories) {
      const found = await source.headManifest(tag);
      if (found) return found.digest;
    }
    return undefined;
  }

  /**
   * Returns what refers to a digest in any of the sources: a signature may be in one and not in
   * another. A source that fails is named, as long as another one answers.
   *
   * @throws RegistryError where none of them answers
   */
  async referrers(digest: string): Promise<ListedReferrers> {
    const found = new Map<string, Descriptor>();
    const failures: SourceFailure[] = [];
    await Promise.all(
      this.repositories.map(async (source) => {
        try {
          for (const descriptor of await source.listReferrers(digest))
            found.set(descriptor.digest, descriptor);
        } catch (error) {
          if (!isNotFound(error)) failures.push({ source, error });
        }
      }),
    );
    this.requireAnswer(failures);
    return { descriptors: [...found.values()].sort(byDigest), failures };
  }

  private requireAnswer(failures: readonly SourceFailure[]): void {
    if (failures.length === this.repositories.length) throw asError(failures[0]?.error);
  }

  private async first<T>(what: string, ask: (source: Repository) => Promise<T>): Promise<T> {
    let failure: Error | undefined;
    for (const source of this.repositories) {
      try {
        return await ask(source);
      } catch (error) {
        if (!isNotFound(error)) failure ??= asError(error);
      }
    }
    if (failure) throw failure;
    throw new NotInSourcesError(`${what} is in none of the sources (${this.names}): push it to one of them`);
  }
}

/** One source of one blob; remembers what went wrong in it, as opposed to the target. */
export class SourceBlob {
  /** Error of the source; undefined as long as it gave what was asked. */
  failure?: unknown;

  constructor(
    private readonly source: Repository,
    private readonly descriptor: Pick<Descriptor, "digest" | "size">,
    private readonly signal?: AbortSignal,
  ) {}

  /** Opens the blob at an offset. */
  readonly open = async (offset: number): Promise<Readable> => {
    try {
      const stream = await this.source.getBlob(this.descriptor, { offset, signal: this.signal });
      stream.once("error", (error) => (this.failure ??= error));
      return stream;
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  };
}

/** Returns what was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function byDigest(one: Descriptor, other: Descriptor): number {
  return one.digest < other.digest ? -1 : one.digest > other.digest ? 1 : 0;
}

import { AsyncLocalStorage } from "node:async_hooks";
import type { Readable } from "node:stream";
import { parseAddress } from "../../lib/oci/address";
import { formatRepository } from "../../lib/oci/reference";
import type { BlobSource, GetBlobOptions, Repository } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";
import type { Severity } from "../base/engine-log";
import type { SilentRegistries } from "./silent-registries";

type Blob = Pick<Descriptor, "digest" | "size">;

/** What {@link LostBlobs} needs of the run. */
export interface LostBlobsOptions {
  /** Opens a repository, layout or archive by its address. */
  open: (address: string) => Promise<Repository>;
  silent: SilentRegistries;
  say: (severity: Severity, text: string) => void;
}

/** A place that has a blob, and how its content is opened. */
interface OtherPlace {
  /** In words, e.g. `the mirror ghcr.io/acme/hello`. */
  name: string;
  open: BlobSource;
}

/**
 * Blobs that a registry has lost, or has not whole, of repositories that this program publishes to:
 * who reads one gets it from what this machine makes of the declared files, or from a declared
 * mirror. A run that may write puts it back.
 */
export class LostBlobs {
  private readonly made = new Map<string, BlobSource>();
  private readonly mirrors = new Map<string, Set<string>>();
  private readonly published = new Set<string>();
  private readonly writing = new AsyncLocalStorage<true>();
  private readonly searching = new AsyncLocalStorage<ReadonlySet<string>>();

  constructor(private readonly options: LostBlobsOptions) {}

  /** Notes that this program publishes to a repository, and blobs that it makes for that. */
  publishes(repository: string, blobs: readonly { descriptor: Blob; source: BlobSource }[] = []): void {
    const name = nameOf(repository);
    if (name === undefined) return;
    this.published.add(name);
    for (const { descriptor, source } of blobs) this.made.set(`${name}@${descriptor.digest}`, source);
  }

  /** Notes that a repository is mirrored. */
  isMirrored(repository: string, mirror: string): void {
    const name = nameOf(repository);
    if (name !== undefined) this.mirrors.set(name, (this.mirrors.get(name) ?? new Set()).add(mirror));
  }

  /** Does work in which lost blobs may be put back. */
  whileWriting<T>(work: () => T): T {
    return this.writing.run(true, work);
  }

  /**
   * Opens a blob that a repository did not give.
   *
   * @param failure why
   * @throws that failure where no other place has it, with what to do
   */
  async open(repository: Repository, blob: Blob, options: GetBlobOptions, failure: Error): Promise<Readable> {
    const { name } = repository;
    const key = `${name}@${blob.digest}`;
    const searched = this.searching.getStore() ?? new Set<string>();
    if (searched.has(key) || !(this.published.has(name) || this.mirrors.has(name))) throw failure;
    return this.searching.run(new Set([...searched, key]), async () => {
      const place = await this.find(name, blob);
      if (!place) throw this.nowhere(name, failure);
      const what = `blob ${blob.digest} (${blob.size} bytes) of ${name} is lost there`;
      if (!this.writing.getStore() || !this.published.has(name)) {
        this.options.say("warning", `${what}: it is read from ${place.name}`);
        return place.open(options.offset ?? 0);
      }
      try {
        await repository.putBlob(blob, place.open, { signal: options.signal });
        this.options.say("warning", `${what}: it is put back from ${place.name}`);
        return await repository.getBlob(blob, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        this.options.say("warning", `${what}, and cannot be put back from ${place.name}: ${reason}`);
        return place.open(options.offset ?? 0);
      }
    });
  }

  private async find(name: string, blob: Blob): Promise<OtherPlace | undefined> {
    const made = this.made.get(`${name}@${blob.digest}`);
    // What is made of a base that is the image itself is not there either.
    if (made && (await opens(made))) return { name: "this machine", open: made };
    for (const address of this.mirrors.get(name) ?? []) {
      const mirror = await this.options.open(address);
      if (mirror.name === name || this.options.silent.reason(mirror)) continue;
      const size = await this.options.silent
        .askMirror(mirror, () => mirror.blobSize(blob.digest, blob.size))
        .catch(() => undefined);
      if (size !== blob.size) continue;
      return { name: `the mirror ${address}`, open: (offset) => mirror.getBlob(blob, { offset }) };
    }
    return undefined;
  }

  private nowhere(name: string, failure: Error): Error {
    const mirrors = [...(this.mirrors.get(name) ?? [])];
    const others = mirrors.length === 0 ? "no mirror is declared" : `nor does ${mirrors.join(", ")}`;
    failure.message +=
      `\nThis machine does not have it, and ${others}. Delete the manifests of the image from ${name}, and run up, which ` +
      "builds and pushes it again; or release a new version.";
    return failure;
  }
}

/** The repository of an address in a registry, as messages and connections name it. */
function nameOf(address: string): string | undefined {
  const parsed = parseAddress(address);
  return parsed.kind === "registry" ? formatRepository(parsed.repository) : undefined;
}

async function opens(source: BlobSource): Promise<boolean> {
  try {
    (await source(0)).destroy();
    return true;
  } catch {
    return false;
  }
}

import { DigestMismatchError, RegistryError } from "../errors";
import type { BlobSource, PutBlobOptions } from "../repository";
import type { Descriptor } from "../types";
import { commitTimeoutMs, type HttpRequest, type HttpResponse } from "../transport/http";
import { pause } from "../transport/retry";
import { pullScope, pushScope } from "../transport/scope";
import type { WaitBudget } from "../transport/wait-budget";
import { shortDigest } from "../digest";
import { blobSize } from "./blob-size";
import type { RegistryConnection, RegistryRequest } from "./connection";
import { ContentCheck } from "./content-check";
import { SourceCursor } from "./source-cursor";
import { definedValues } from "../../objects/defined";

/** Smallest piece that a too large one is cut down to, in bytes. */
const smallestChunkBytes = 1024 * 1024;
/** Answers that say that a session is unknown, or stands elsewhere than we thought. */
const lostSessionStatuses: ReadonlySet<number> = new Set([400, 404, 416]);
/** Answers of who may not know the one POST; all others, such as "read-only", would meet the next one too. */
const unknownWayStatuses: ReadonlySet<number> = new Set([400, 404, 411, 413, 414, 415, 416, 501]);
/** Time that giving up an upload may take, in milliseconds. */
const abandonTimeoutMs = 10_000;

/** An upload session: the registry names a new URL with every answer. */
export interface UploadSession {
  url: URL;
  /**
   * Smallest piece that the registry takes, except for the last, in bytes (`OCI-Chunk-Min-Length`).
   */
  minimumChunk: number;
}

/**
 * The upload session that an answer names.
 *
 * @param method of the request that was answered
 * @param base where the session is if the answer does not say so
 * @throws RegistryError where neither says so, and where the registry sends the upload out of TLS
 * or elsewhere
 */
export function sessionOf(
  connection: RegistryConnection,
  response: HttpResponse,
  method: HttpRequest["method"],
  base?: URL,
): UploadSession {
  const location = response.header("location");
  if (location === undefined && base === undefined) {
    throw new RegistryError({
      operation: `uploading to ${connection.registry}`,
      host: response.url.host,
      method,
      path: response.url.pathname,
      status: response.status,
      hint: "The registry opened an upload without saying where (no Location header).",
    });
  }
  const minimum = Number(response.header("oci-chunk-min-length"));
  return {
    url: location === undefined ? (base as URL) : connection.uploadTarget(location, response, method),
    minimumChunk: Number.isSafeInteger(minimum) && minimum > 0 ? minimum : 0,
  };
}

/**
 * The upload of one blob (distribution-spec 1.1, "Pushing blobs"). A small blob is one POST where the
 * registry takes it so, else one POST and one PUT. A larger one is streamed in one PATCH; if that breaks, the registry is asked how much it
 * has, and the rest follows. Where it has nothing, or refuses so large a request, the blob goes up
 * in pieces, so that the next break costs one piece.
 */
export class BlobUpload {
  private readonly what: string;
  private readonly cursor: SourceCursor;
  private session?: UploadSession;
  /** Bytes that the registry has acknowledged. */
  private offset = 0;
  private inPieces = false;
  private chunkBytes: number;
  private readonly waits: WaitBudget;

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
    private readonly descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    private readonly options: PutBlobOptions = {},
  ) {
    this.what = `uploading blob ${shortDigest(descriptor.digest)} to ${connection.registry}/${path}`;
    const artifact = `blob ${descriptor.digest} for ${connection.registry}/${path}`;
    this.cursor = new SourceCursor(source, descriptor.size, new ContentCheck(artifact, descriptor));
    this.waits = connection.waits();
    this.chunkBytes = connection.uploadSizes.chunkBytes;
  }

  /**
   * Uploads the blob, in the given session or a new one.
   *
   * @throws DigestMismatchError where the source is not what the descriptor says; nothing is stored
   * then.
   * @throws RegistryError, whatever the source throws, and the reason of the signal
   */
  async run(session?: UploadSession): Promise<void> {
    this.session = session;
    try {
      await this.uploadWithRecovery();
    } catch (error) {
      await this.abandonSession();
      throw error;
    } finally {
      this.cursor.close();
    }
  }

  private async uploadWithRecovery(): Promise<void> {
    let failures = 0;
    let furthest = 0;
    for (;;) {
      try {
        await this.attempt();
        return;
      } catch (error) {
        this.options.signal?.throwIfAborted();
        if (this.cursor.failure) throw this.cursor.failure;
        this.cursor.close();
        if (!(error instanceof RegistryError)) throw error;
        failures = this.offset > furthest ? 1 : failures + 1;
        furthest = Math.max(furthest, this.offset);
        if (failures >= this.triesFor(error) || !this.canGoOn(error)) throw error;
        const { host, status, retryAfterMs: askedMs } = error;
        const waitMs = this.waits.take({ host, failures, status, askedMs });
        if (waitMs === undefined) throw error;
        await pause(waitMs, this.options.signal);
        if (await this.isStored()) return;
        await this.locate(error);
      }
    }
  }

  /** Sends the blob with the POST that opens an upload. Returns whether the registry has taken it. */
  private async isPosted(): Promise<boolean> {
    const { singlePost } = this.connection;
    const attempt = singlePost.for(this.descriptor.size);
    if (attempt === undefined) return false;
    let isTaken = false;
    try {
      // That a registry answers 201 to whatever it gets is found out once, not with every blob.
      isTaken = (await this.post()) && (attempt === "known" || (await this.isShown()));
      singlePost.note(isTaken);
    } catch (error) {
      if (!(error instanceof RegistryError) || this.cursor.failure) throw error;
      const { status, temporary } = error;
      const isUnknownWay =
        attempt === "trial" ? !temporary && unknownWayStatuses.has(status ?? 0) : status === 413;
      if (attempt === "trial" || isUnknownWay) singlePost.note(false);
      if (!isUnknownWay) throw error;
    }
    if (!isTaken) this.cursor.close();
    return isTaken;
  }

  /** Returns whether it was taken; where it was not, its upload is open as after any POST. */
  private async post(): Promise<boolean> {
    const { digest, size } = this.descriptor;
    const response = await this.connection.perform({
      ...this.request("POST", `/v2/${this.path}/blobs/uploads/?digest=${encodeURIComponent(digest)}`),
      content: { path: this.path, references: [digest] },
      expect: [201, 202],
      headers: { "content-type": "application/octet-stream" },
      body: this.body(0, size),
    });
    if (response.status === 201) {
      this.checkStored(response.header("docker-content-digest"));
      return true;
    }
    // Where the bytes were taken for the first piece of an upload, another one is opened.
    if (keptBytes(response) === 0) this.session = sessionOf(this.connection, response, "POST");
    return false;
  }

  /** Returns whether the registry shows the blob at once. */
  private async isShown(): Promise<boolean> {
    const { digest, size } = this.descriptor;
    const response = await this.connection.perform({
      ...this.request("HEAD", `/v2/${this.path}/blobs/${digest}`),
      scopes: [pullScope(this.path)],
      expect: [200, 404],
    });
    return response.status === 200 && response.header("content-length") === String(size);
  }

  /** Goes from the acknowledged offset to the end. */
  private async attempt(): Promise<void> {
    const { size } = this.descriptor;
    if (!this.session && (await this.isPosted())) return;
    this.session ??= await this.open();
    const whole = this.offset === 0 && !this.inPieces && size <= this.connection.uploadSizes.monolithicBytes;
    if (!whole) {
      while (this.offset < size) await this.patch(this.session);
    }
    await this.commit(this.session);
  }

  private async open(): Promise<UploadSession> {
    const response = await this.connection.perform({
      ...this.request("POST", `/v2/${this.path}/blobs/uploads/`),
      expect: [202],
      body: "",
      retry: true,
    });
    return sessionOf(this.connection, response, "POST");
  }

  private async patch(session: UploadSession): Promise<void> {
    const start = this.offset;
    const left = this.descriptor.size - start;
    const length = this.inPieces ? Math.min(left, Math.max(this.chunkBytes, session.minimumChunk)) : left;
    const partial = length < this.descriptor.size;
    const response = await this.connection.perform({
      ...this.request("PATCH", session.url),
      expect: [202, 204, 201],
      headers: definedValues({
        "content-type": "application/octet-stream",
        "content-range": partial ? `${start}-${start + length - 1}` : undefined,
      }),
      body: this.body(start, length),
    });
    const { minimumChunk } = session;
    this.session = { ...sessionOf(this.connection, response, "PATCH", session.url), minimumChunk };
    const kept = keptBytes(response);
    this.offset = kept > start && kept < start + length ? kept : start + length;
    if (this.offset !== start + length) this.cursor.close();
  }

  private async commit(session: UploadSession): Promise<void> {
    const { digest, size } = this.descriptor;
    const url = withDigest(session.url, digest);
    const left = size - this.offset;
    const response = await this.connection.perform({
      ...this.request("PUT", url),
      content: { path: this.path, references: [digest] },
      expect: [201, 204],
      headers: { "content-type": "application/octet-stream" },
      body: left > 0 ? this.body(this.offset, left) : await this.emptyBody(),
    });
    this.session = undefined;
    this.checkStored(response.header("docker-content-digest"));
  }

  /** @param stored digest that the registry says it has stored */
  private checkStored(stored: string | undefined): void {
    const { digest } = this.descriptor;
    if (stored === undefined || stored === digest) return;
    throw new DigestMismatchError(
      `blob ${digest} as stored by ${this.connection.registry}/${this.path}`,
      digest,
      stored,
    );
  }

  private body(start: number, length: number): HttpRequest["body"] {
    return {
      open: () => this.cursor.piece(start, length, this.options.onProgress),
      length,
    };
  }

  /** An empty blob has no byte that could be held back until it is checked. */
  private async emptyBody(): Promise<string> {
    if (this.descriptor.size === 0) {
      for await (const chunk of this.cursor.piece(0, 0)) void chunk;
    }
    return "";
  }

  /**
   * Returns the tries for an error: what a registry calls wrong is tried once more, as the
   * connection may have garbled it.
   */
  private triesFor(error: RegistryError): number {
    const { attempts } = this.connection.retry;
    return error.status === 400 ? Math.min(2, attempts) : attempts;
  }

  /**
   * Returns whether an upload that failed so can go on or start again, with smaller pieces where
   * those are the trouble.
   */
  private canGoOn(error: RegistryError): boolean {
    if (error.temporary) return true;
    if (error.status === 413) return this.cutSmaller();
    return lostSessionStatuses.has(error.status ?? 0) && this.session !== undefined;
  }

  private cutSmaller(): boolean {
    const minimum = Math.max(smallestChunkBytes, this.session?.minimumChunk ?? 0);
    const smaller = this.inPieces ? Math.floor(this.chunkBytes / 2) : this.chunkBytes;
    if (smaller < Math.min(minimum, this.connection.uploadSizes.chunkBytes)) return false;
    this.inPieces = true;
    this.chunkBytes = smaller;
    return true;
  }

  /** An interrupted commit may have succeeded. */
  private async isStored(): Promise<boolean> {
    const whole = this.descriptor.size <= this.connection.uploadSizes.monolithicBytes;
    if (!whole && this.offset < this.descriptor.size) return false;
    const { size, digest } = this.descriptor;
    if ((await blobSize(this.connection, this.path, digest, size, this.options.signal)) !== size)
      return false;
    this.session = undefined;
    return true;
  }

  /**
   * Finds out where the registry stands: at an offset of this session, or nowhere, and then a new
   * one is due.
   */
  private async locate(error: RegistryError): Promise<void> {
    if (error.status === 404) this.session = undefined;
    const kept = this.session ? await this.status(this.session) : 0;
    if (kept > 0 && kept <= this.descriptor.size) {
      this.offset = kept;
      return;
    }
    await this.abandonSession();
    this.offset = 0;
    // A registry that kept nothing of a long stream would keep nothing of the next one either.
    if (this.descriptor.size > this.chunkBytes) this.inPieces = true;
  }

  private async status(session: UploadSession): Promise<number> {
    try {
      const response = await this.connection.perform({
        ...this.request("GET", session.url),
        expect: [204, 200, 202],
        retry: true,
      });
      this.session = { ...session, url: sessionOf(this.connection, response, "GET", session.url).url };
      return keptBytes(response);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.status === undefined || error.temporary) throw error;
      return 0;
    }
  }

  private async abandonSession(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    if (!session) return;
    try {
      await this.connection.perform({
        ...this.request("DELETE", session.url),
        expect: [202, 204, 200],
        timeoutMs: abandonTimeoutMs,
        signal: undefined,
      });
    } catch {
      // The registry clears abandoned uploads itself; what went wrong before is what matters.
    }
  }

  private request(
    method: HttpRequest["method"],
    target: string | URL,
  ): Pick<
    RegistryRequest,
    "operation" | "method" | "target" | "scopes" | "retry" | "timeoutMs" | "waits" | "signal"
  > {
    return {
      operation: this.what,
      method,
      target,
      scopes: [pushScope(this.path)],
      retry: false,
      timeoutMs: commitTimeoutMs,
      waits: this.waits,
      signal: this.options.signal,
    };
  }
}

/**
 * The URL of a session with the digest of what is committed. What the registry has put into its
 * query stays as it is, byte for byte: it may be signed.
 */
function withDigest(session: URL, digest: string): URL {
  const url = new URL(session);
  url.search = `${url.search}${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  return url;
}

/** Bytes that a registry says it has. `0-0` is what many answer for none. */
function keptBytes(response: HttpResponse): number {
  const end = /^(?:bytes=)?0-(\d+)$/.exec(response.header("range")?.trim() ?? "")?.[1];
  return end === undefined || end === "0" ? 0 : Number(end) + 1;
}

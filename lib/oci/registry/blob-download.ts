import { Readable } from "node:stream";
import { DigestMismatchError, RegistryError } from "../errors";
import { shortDigest } from "../digest";
import type { GetBlobOptions } from "../repository";
import type { Descriptor } from "../types";
import type { HttpResponse } from "../transport/http";
import { isConnectionError, pause } from "../transport/retry";
import { pullScope } from "../transport/scope";
import type { RegistryConnection, RegistryRequest } from "./connection";
import { ContentCheck } from "./content-check";
import { refuseWebPage } from "./web-page";

/**
 * Bytes that have to come between two interruptions that are not counted as failures one after the
 * other. A registry that gives a byte and breaks off would be asked as often as the blob has bytes.
 */
const progressBytes = 64 * 1024;

/**
 * The download of one blob (distribution-spec 1.1, "Pulling blobs"). A body that breaks off goes on
 * with a `Range` request from the byte where it broke; a registry that answers with the whole blob
 * instead is read again up to there.
 */
export class BlobDownload {
  private readonly artifact: string;
  private readonly request: RegistryRequest;
  private position: number;
  private response?: HttpResponse;
  /** Bytes of the answer that were read before the interruption. */
  private skip = 0;

  constructor(
    private readonly connection: RegistryConnection,
    path: string,
    private readonly descriptor: Pick<Descriptor, "digest" | "size">,
    private readonly options: GetBlobOptions = {},
  ) {
    const where = `${connection.registry}/${path}`;
    this.artifact = `blob ${descriptor.digest} of ${where}`;
    this.position = options.offset ?? 0;
    this.request = {
      operation: `downloading blob ${shortDigest(descriptor.digest)} from ${where}`,
      method: "GET",
      target: `/v2/${path}/blobs/${descriptor.digest}`,
      scopes: [pullScope(path)],
      content: { path, references: [descriptor.digest] },
      expect: [200, 206],
      download: true,
      waits: connection.waits(),
      signal: options.signal,
    };
  }

  /**
   * Opens the blob. The stream fails where the content is not what digest and size say: it never
   * ends well before its last byte has been checked. A stream that is not read to its end has to be
   * destroyed.
   *
   * @throws RegistryError where the registry does not give it, e.g. 404
   */
  async open(): Promise<Readable> {
    const { size } = this.descriptor;
    if (this.position > size)
      throw new RangeError(`${this.artifact}: offset ${this.position} is beyond ${size}`);
    if (this.position < size || size === 0) this.response = await this.ask();
    const stream = Readable.from(this.read(), { objectMode: false });
    stream.once("close", () => this.response?.body.destroy());
    return stream;
  }

  private async *read(): AsyncGenerator<Buffer> {
    const { size } = this.descriptor;
    const check = this.position === 0 ? new ContentCheck(this.artifact, this.descriptor) : undefined;
    let failures = 0;
    while (this.response) {
      const start = this.position;
      try {
        for await (const received of this.response.content()) {
          const chunk = received.subarray(this.skip);
          this.skip -= received.length - chunk.length;
          if (chunk.length === 0) continue;
          if (this.position + chunk.length > size) throw this.tooLong(this.position + chunk.length);
          check?.take(this.position, chunk);
          this.position += chunk.length;
          yield chunk;
        }
        break;
      } catch (error) {
        this.options.signal?.throwIfAborted();
        if (!isConnectionError(error)) throw error;
        failures = this.position - start >= progressBytes ? 1 : failures + 1;
        if (failures >= this.connection.retry.attempts) {
          throw await this.connection.failure(this.request, this.response.url, { cause: error });
        }
        if (this.position === size) break;
        const waitMs = this.request.waits?.take({ host: this.response.url.host, failures });
        if (waitMs === undefined) {
          throw await this.connection.failure(this.request, this.response.url, { cause: error });
        }
        await pause(waitMs, this.options.signal);
        this.response = await this.ask();
      }
    }
    if (check) check.finish();
    else if (this.position !== size) throw this.tooShort();
  }

  /** Asks for the rest of the blob and brings the answer to the position. */
  private async ask(): Promise<HttpResponse> {
    const { size } = this.descriptor;
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (this.position > 0) headers.range = `bytes=${this.position}-${size - 1}`;
    const response = await this.connection.exchange({ ...this.request, headers });
    try {
      refuseWebPage(this.request, response, this.connection.origin);
      return await this.align(response);
    } catch (error) {
      response.body.destroy();
      throw error;
    }
  }

  private async align(response: HttpResponse): Promise<HttpResponse> {
    this.skip = 0;
    if (response.status === 206) {
      const start = /^bytes (\d+)-/.exec(response.header("content-range") ?? "")?.[1];
      if (Number(start) === this.position) return response;
      throw new RegistryError({
        operation: this.request.operation,
        host: response.url.host,
        method: "GET",
        path: response.url.pathname,
        status: 206,
        hint: `The answer does not start at byte ${this.position}, which was asked for.`,
      });
    }
    const length = Number(response.header("content-length"));
    if (Number.isSafeInteger(length) && length !== this.descriptor.size) {
      throw new DigestMismatchError(
        this.artifact,
        `${this.descriptor.size} bytes of ${this.descriptor.digest}`,
        `${length} bytes`,
      );
    }
    if (this.position === 0) return response;
    this.skip = this.position;
    return response;
  }

  private tooLong(actual: number): DigestMismatchError {
    const { digest, size } = this.descriptor;
    return new DigestMismatchError(this.artifact, `${size} bytes of ${digest}`, `at least ${actual} bytes`);
  }

  private tooShort(): DigestMismatchError {
    const { digest, size } = this.descriptor;
    return new DigestMismatchError(this.artifact, `${size} bytes of ${digest}`, `${this.position} bytes`);
  }
}

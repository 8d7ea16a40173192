import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as path from "node:path";
import { Semaphore } from "../../machine/semaphore";
import { digestHex } from "../../oci/digest";
import {
  HttpTransport,
  commitTimeoutMs,
  type HttpRequest,
  type HttpResponse,
} from "../../oci/transport/http";
import { sendWithRetry } from "../../oci/transport/retry";
import { defaultRetryPolicy, type RetryPolicy } from "../../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../../oci/transport/wait-budget";
import { cleanLine } from "../../text/terminal";
import { urlBelow } from "../../text/url-below";
import { servedAs } from "./served-as";
import { SiteHostError, type Drift, type HostedFile, type LeftFile, type SiteHost } from "./site-host";

/** Where a bucket is, and who gets in. */
export interface S3Bucket {
  /** Address of the service; buckets are paths below it. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What stands before the paths, without `/` at its ends; nothing for the whole bucket. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** How requests are made. */
export interface S3Options {
  /** Absolute folder of the files. */
  readonly folder: string;
  readonly retry?: RetryPolicy;
  readonly onWait?: OnWait;
  readonly signal?: AbortSignal;
  /** Told of each file that is sent. */
  readonly onFile?: (file: HostedFile) => void;
}

/** Largest object that one PUT takes (S3's limit), in bytes. */
const largestObject = 5 * 2 ** 30;
/** Requests at once. */
const parallel = 6;
/** Bytes of an error that are read. */
const errorLimitBytes = 64 * 1024;
/** Longest page of a list: 1000 keys of 1024 bytes, each byte escaped, and what stands around them. */
const pageLimitBytes = 8 * 1024 * 1024;
/** Header in which an object says the SHA-256 of its content. */
const digestHeader = "x-amz-meta-sha256";
/** Characters of an answer that are repeated. */
const longestWords = 300;

/** What an object is, by its headers. */
interface FoundObject {
  readonly etag: string | undefined;
  readonly size: number;
  readonly sha256: string | undefined;
}

/**
 * A bucket of S3, or of another service that speaks its protocol. Requests are signed (AWS Signature
 * Version 4), with the digest of what is sent: other bytes are refused by the service.
 *
 * Source: Amazon S3 API reference; PutObject, HeadObject, ListObjectsV2, DeleteObject.
 */
export class S3Host implements SiteHost {
  readonly place: string;
  readonly comparesFiles = false;
  private readonly transport = new HttpTransport();
  private readonly slots = new Semaphore(parallel);

  constructor(
    private readonly at: S3Bucket,
    private readonly options: S3Options,
  ) {
    this.place = `s3://${[at.bucket, at.prefix].filter((part) => part !== "").join("/")}`;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async drift(left: ReadonlyMap<string, LeftFile>): Promise<Map<string, Drift>> {
    const drifted = new Map<string, Drift>();
    if (left.size === 0) return drifted;
    const listed = await this.listed();
    const unlisted = [...left].filter(([file, { mark }]) => {
      const etag = listed.get(file);
      return etag === undefined || etag !== mark;
    });
    // What a list does not show, or shows otherwise, may still be there: it is asked for by its name.
    await this.each(unlisted, async ([file, { digest, mark }]) => {
      const object = await this.head(file);
      if (!object) drifted.set(file, "gone");
      else if (!isSame(object, digest, mark)) drifted.set(file, "changed");
    });
    return drifted;
  }

  async found(
    files: readonly HostedFile[],
  ): Promise<{ same: Map<string, string | undefined>; other: string[] }> {
    const same = new Map<string, string | undefined>();
    const other: string[] = [];
    await this.each(files, async (file) => {
      const object = await this.head(file.path);
      if (!object) return;
      const equal =
        object.size === file.size &&
        (object.sha256 === digestHex(file.digest) || object.etag === `"${await this.md5(file.path)}"`);
      if (equal) same.set(file.path, object.etag);
      else other.push(file.path);
    });
    return { same, other: other.sort() };
  }

  async put(files: readonly HostedFile[]): Promise<Map<string, string | undefined>> {
    const marks = new Map<string, string | undefined>();
    await this.each(files, async (file) => {
      this.options.onFile?.(file);
      marks.set(file.path, await this.putOne(file));
    });
    return marks;
  }

  async remove(files: ReadonlyMap<string, LeftFile>): Promise<void> {
    await this.each([...files], async ([file, { digest, mark }]) => {
      const object = await this.head(file);
      if (!object || !isSame(object, digest, mark)) return;
      const operation = `removing ${this.placeOf(file)}`;
      const response = await this.ask({ method: "DELETE", url: this.address(file) }, operation);
      if (![200, 204, 404].includes(response.status)) throw await this.failure(operation, response);
      await response.discard();
    });
  }

  /**
   * Begins an upload in parts and aborts it before a byte is sent: who may begin one may put objects.
   *
   * Source: Amazon S3 API reference; CreateMultipartUpload, AbortMultipartUpload.
   *
   * @returns how the service answered where it did not abort it
   * @throws SiteHostError where it may not be begun
   */
  async tryUpload(): Promise<string | undefined> {
    const file = "slipway-trial";
    const begin = this.address(file);
    begin.search = "?uploads=";
    const operation = `starting an upload of ${this.placeOf(file)}`;
    const begun = await this.ask({ method: "POST", url: begin }, operation);
    if (begun.status !== 200) throw await this.failure(operation, begun);
    const id = element((await begun.bytes(errorLimitBytes)).toString("utf8"), "UploadId");
    if (id === undefined) return "no UploadId";
    const abort = this.address(file);
    abort.search = new URLSearchParams({ uploadId: id }).toString();
    const response = await this.ask(
      { method: "DELETE", url: abort },
      `aborting an upload of ${this.placeOf(file)}`,
    );
    await response.discard();
    return [200, 204].includes(response.status) ? undefined : `HTTP ${response.status}`;
  }

  private async putOne({ path: file, digest, size }: HostedFile): Promise<string | undefined> {
    const operation = `putting ${this.placeOf(file)}`;
    if (size > largestObject) {
      throw new SiteHostError(
        `${operation}: it has ${size} bytes, and one request takes ${largestObject} at most`,
      );
    }
    const { contentType, cacheControl } = servedAs(file);
    const absolute = path.join(this.options.folder, file);
    const response = await this.ask(
      {
        method: "PUT",
        url: this.address(file),
        headers: {
          "content-type": contentType,
          "cache-control": cacheControl,
          [digestHeader]: digestHex(digest),
          "x-amz-content-sha256": digestHex(digest),
        },
        body: { open: () => createReadStream(absolute), length: size },
        timeoutMs: commitTimeoutMs,
      },
      operation,
    );
    if (response.status !== 200) throw await this.failure(operation, response);
    await response.discard();
    return response.header("etag");
  }

  private async head(file: string): Promise<FoundObject | undefined> {
    const operation = `looking at ${this.placeOf(file)}`;
    const response = await this.ask({ method: "HEAD", url: this.address(file) }, operation);
    await response.discard();
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw await this.failure(operation, response);
    return {
      etag: response.header("etag"),
      size: Number(response.header("content-length") ?? Number.NaN),
      sha256: response.header(digestHeader),
    };
  }

  /** ETags by path, as far as the list shows them; none where it may not be asked for. */
  private async listed(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const { bucket, prefix } = this.at;
    const before = prefix === "" ? "" : `${prefix}/`;
    for (let token: string | undefined; ;) {
      const url = new URL(urlBelow(this.at.endpoint, [bucket]));
      url.search = new URLSearchParams({
        "encoding-type": "url",
        "list-type": "2",
        prefix: before,
        ...(token !== undefined && { "continuation-token": token }),
      }).toString();
      const operation = `listing ${this.place}`;
      const response = await this.ask({ method: "GET", url, withinOrigin: true }, operation);
      if (response.status === 403) {
        await response.discard();
        return found;
      }
      if (response.status !== 200) throw await this.failure(operation, response);
      const page = (await response.bytes(pageLimitBytes)).toString("utf8");
      for (const [, content = ""] of page.matchAll(/<Contents>([^]*?)<\/Contents>/g)) {
        const key = decoded(element(content, "Key") ?? "");
        const etag = element(content, "ETag");
        if (etag !== undefined && key.startsWith(before)) found.set(key.slice(before.length), etag);
      }
      const next = element(page, "NextContinuationToken");
      // A service that gave the same page for ever would keep a run from its end.
      if (next === undefined || next === token) return found;
      token = next;
    }
  }

  private async md5(file: string): Promise<string> {
    const hash = createHash("md5");
    for await (const chunk of createReadStream(path.join(this.options.folder, file))) {
      hash.update(chunk as Buffer);
    }
    return hash.digest("hex");
  }

  private address(file: string): URL {
    const { endpoint, bucket, prefix } = this.at;
    return new URL(urlBelow(endpoint, [bucket, ...(prefix === "" ? [] : [prefix]), file]));
  }

  private placeOf(file: string): string {
    return `${this.place}/${file}`;
  }

  /** Does the same for each; those that are under way end before an error is thrown. */
  private async each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    let failed = false;
    const results = await Promise.allSettled(
      items.map((item) =>
        this.slots.use(async () => {
          if (failed) return;
          try {
            await work(item);
          } catch (error) {
            failed = true;
            throw error;
          }
        }, this.options.signal),
      ),
    );
    const wrong = results.find((result) => result.status === "rejected");
    if (wrong) throw wrong.reason;
  }

  private async ask(request: HttpRequest, operation: string): Promise<HttpResponse> {
    const { retry = defaultRetryPolicy, onWait, signal } = this.options;
    const waits = new WaitBudget(retry, onWait);
    // Each try is signed anew: a signature is good for a quarter of an hour.
    const sender = { send: async (one: HttpRequest) => this.transport.send(await this.signed(one)) };
    try {
      return await sendWithRetry(sender, { ...request, ...(signal && { signal }) }, retry, waits);
    } catch (error) {
      signal?.throwIfAborted();
      const { message, code } = error as NodeJS.ErrnoException;
      const reason = [message, code].find(Boolean) ?? "no answer";
      throw new SiteHostError(
        `${operation} at ${this.at.endpoint}: ${reason}. Check the address and the network, and run again: what is ` +
          "there is found again",
        undefined,
        { cause: error },
      );
    }
  }

  private async signed(request: HttpRequest): Promise<HttpRequest> {
    const { AwsV4Signer } = await import("aws4fetch");
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.at;
    const { headers } = await new AwsV4Signer({
      method: request.method,
      url: request.url.href,
      headers: { "x-amz-content-sha256": emptyDigest, ...request.headers },
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: "s3",
      region,
    }).sign();
    return { ...request, headers: { "user-agent": "slipway", ...Object.fromEntries(headers) } };
  }

  private async failure(operation: string, response: HttpResponse): Promise<SiteHostError> {
    const { status } = response;
    const text = (await response.head(errorLimitBytes)).toString("utf8");
    const said = [element(text, "Code"), element(text, "Message")].filter((part) => part !== undefined);
    const words = cleanLine(said.join(": ").replace(/\s+/g, " ")).slice(0, longestWords);
    const region = response.header("x-amz-bucket-region");
    const other =
      region !== undefined && region !== this.at.region ? `. The bucket is in ${cleanLine(region)}` : "";
    return new SiteHostError(
      `${operation} at ${this.at.endpoint}: HTTP ${status}${words === "" ? "" : ` (${words})`}${other}${advice(status)}`,
      status,
    );
  }
}

const emptyDigest = createHash("sha256").digest("hex");

/** Whether an object is what was left, by what the service has called it or by the digest that it says itself. */
function isSame({ etag, sha256 }: FoundObject, digest: string, mark: string | undefined): boolean {
  return mark === undefined ? sha256 === digestHex(digest) : etag === mark;
}

function advice(status: number): string {
  if (status === 403) {
    return (
      ". Look at the credentials, the region and the clock of this machine, and at what they may do: s3:GetObject, " +
      "s3:PutObject and s3:DeleteObject of these objects, and s3:ListBucket, without which S3 says 403 of what is not there"
    );
  }
  if (status === 404) return ". Make the bucket first, or correct its name, region or endpoint";
  return "";
}

/** Text of an element; what stands escaped in it is not looked at but for quotes, which ETags have. */
function element(text: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return found?.replaceAll(/&quot;|&#34;/g, '"').replaceAll("&amp;", "&");
}

/** A key of a list that was asked for with `encoding-type=url`. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key;
  }
}

import { parseBoundedJson } from "../bounded-json";
import { digestOf, isDigest, shortDigest } from "../digest";
import { DigestMismatchError, isUnknownContent, RegistryError } from "../errors";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, isManifestMediaType, manifestAccept, MediaType } from "../media-types";
import type { Descriptor, FetchedManifest } from "../types";
import { pause } from "../transport/retry";
import { deleteScope, pullScope, pushScope } from "../transport/scope";
import type { RegistryConnection, RegistryRequest } from "./connection";
import type { HttpResponse } from "../transport/http";
import { definedValues } from "../../objects/defined";
import { webPageHint } from "./web-page";

/**
 * Largest manifest that is read, in bytes: what every registry has to accept (distribution-spec
 * 1.1).
 */
export const manifestLimitBytes = 4 * 1024 * 1024;

/** A manifest as stored, with what is needed to replace it only if it is still the same. */
export interface TaggedManifest extends FetchedManifest {
  etag?: string;
}

/**
 * The manifests of one repository on the wire (distribution-spec 1.1, "Pulling manifests", "Pushing
 * Manifests").
 */
export class ManifestStore {
  private readonly name: string;

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
  ) {
    this.name = `${connection.registry}/${path}`;
  }

  /**
   * Descriptor by tag or digest; undefined where there is none.
   * @throws RegistryError, DigestMismatchError
   */
  async head(reference: string): Promise<Descriptor | undefined> {
    return this.asMoved(
      reference,
      () => this.headNow(reference),
      (descriptor) => descriptor,
    );
  }

  /**
   * A manifest by tag or digest.
   * @throws RegistryError, also where there is none; DigestMismatchError
   */
  async get(reference: string): Promise<TaggedManifest> {
    return this.fetch(reference, [200]) as Promise<TaggedManifest>;
  }

  /**
   * A manifest by tag or digest; undefined where there is none.
   * @throws RegistryError, DigestMismatchError
   */
  async find(reference: string): Promise<TaggedManifest | undefined> {
    return this.fetch(reference, [200, 404]);
  }

  /**
   * Stores a manifest under a tag or its digest, again where the registry does not see what it is
   * made of and that was put a moment ago.
   *
   * @param etag replaces only what has this entity tag; the error has status 412 where it is
   * something else
   * @param absent stores only where the reference does not exist, as far as the registry heeds
   * that; else status 412
   * @throws RegistryError; DigestMismatchError where the registry computed another digest
   */
  async put(
    reference: string,
    bytes: Uint8Array,
    mediaType: string,
    options: { etag?: string; absent?: boolean } = {},
  ): Promise<Descriptor> {
    const digest = digestOf(bytes);
    const request = this.request(
      "PUT",
      reference,
      `pushing manifest ${shortDigest(digest)} to ${this.nameOf(reference)}`,
    );
    const response = await this.afterItsContent(bytes, {
      ...request,
      scopes: [pushScope(this.path)],
      content: { path: this.path, references: [...new Set([reference, digest])] },
      expect: [201, 200, 202],
      headers: definedValues({
        "content-type": mediaType,
        "if-match": options.etag,
        "if-none-match": options.absent ? "*" : undefined,
      }),
      body: bytes,
    });
    const stored = response.header("docker-content-digest");
    if (stored !== undefined && stored !== digest) {
      throw new DigestMismatchError(
        `manifest ${this.nameOf(reference)} as stored by the registry`,
        digest,
        stored,
      );
    }
    return { mediaType, digest, size: bytes.length };
  }

  /** Deletes a manifest by digest or a tag. What is not there is no error. @throws RegistryError */
  async delete(reference: string): Promise<void> {
    const what = isDigest(reference) ? "manifest" : "tag";
    await this.connection.perform({
      ...this.request("DELETE", reference, `deleting ${what} ${this.nameOf(reference)}`),
      scopes: [deleteScope(this.path)],
      expect: [202, 200, 204, 404],
    });
  }

  private async afterItsContent(bytes: Uint8Array, request: RegistryRequest): Promise<HttpResponse> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.connection.perform(request);
      } catch (error) {
        const waitMs = isUnknownContent(error) ? await this.arrivalWaitMs(bytes, tries) : undefined;
        if (waitMs === undefined) throw error;
        await pause(waitMs, request.signal);
      }
    }
  }

  /** The wait for what a manifest names, was put a moment ago and is not shown; undefined for none. */
  private async arrivalWaitMs(bytes: Uint8Array, tries: number): Promise<number | undefined> {
    for (const [kind, digest] of namedContent(bytes)) {
      const content = { path: this.path, references: [digest] };
      if (!this.connection.wasJustPut(content)) continue;
      const { status } = await this.connection.perform({
        ...this.request("HEAD", digest, `looking for ${shortDigest(digest)} in ${this.name}`),
        target: `/v2/${this.path}/${kind}/${digest}`,
        content: undefined,
        expect: [200, 404],
      });
      if (status === 404) return this.connection.arrivalWaitMs(content, tries);
    }
    return undefined;
  }

  private async fetch(reference: string, expect: readonly number[]): Promise<TaggedManifest | undefined> {
    return this.asMoved(
      reference,
      () => this.fetchNow(reference, expect),
      ({ descriptor }) => descriptor,
    );
  }

  private async headNow(reference: string): Promise<Descriptor | undefined> {
    const request = this.request("HEAD", reference, `looking for manifest ${this.nameOf(reference)}`);
    const response = await this.connection.perform({ ...request, expect: [200, 404] });
    if (response.status === 404) return undefined;
    // Whatever it says is asked for next: what is not a digest there could be the tag of something
    // else.
    const digest = [response.header("docker-content-digest"), reference].find((text) => isDigest(text ?? ""));
    const size = Number(response.header("content-length") ?? NaN);
    const mediaType = contentType(response);
    // Some registries, and proxies in front of them, leave out what a HEAD is for, or say that there
    // are 0 bytes: then the manifest itself has to say it.
    if (digest === undefined || !Number.isSafeInteger(size) || size <= 0 || !isKnownMediaType(mediaType)) {
      return (await this.find(reference))?.descriptor;
    }
    this.checkDigest(reference, reference, digest);
    return { mediaType, digest, size };
  }

  /** Looks at a tag again that this run has moved, where the registry does not show that yet. */
  private async asMoved<T>(
    reference: string,
    look: () => Promise<T | undefined>,
    descriptorOf: (found: T) => Descriptor,
  ): Promise<T | undefined> {
    for (let looks = 1; ; looks++) {
      const found = await look();
      if (found === undefined || isDigest(reference)) return found;
      const { digest } = descriptorOf(found);
      const waitMs = this.connection.formerWaitMs(this.path, reference, digest, looks);
      if (waitMs === undefined) return found;
      await pause(waitMs);
    }
  }

  private async fetchNow(reference: string, expect: readonly number[]): Promise<TaggedManifest | undefined> {
    const request = this.request("GET", reference, `reading manifest ${this.nameOf(reference)}`);
    const { response, bytes } = await this.connection.read({ ...request, expect }, manifestLimitBytes);
    if (response.status === 404) return undefined;
    const digest = digestOf(bytes);
    this.checkDigest(reference, reference, digest);
    if (!isDigest(reference)) this.checkDigest(reference, response.header("docker-content-digest"), digest);
    const descriptor = { mediaType: this.mediaTypeOf(request, response, bytes), digest, size: bytes.length };
    const etag = response.header("etag");
    return { descriptor, bytes, etag };
  }

  private checkDigest(reference: string, expected: string | undefined, actual: string): void {
    if (expected === undefined || !isDigest(expected) || expected === actual) return;
    throw new DigestMismatchError(`manifest ${this.nameOf(reference)}`, expected, actual);
  }

  private mediaTypeOf(request: RegistryRequest, response: HttpResponse, bytes: Buffer): string {
    const announced = contentType(response);
    if (isKnownMediaType(announced)) return announced;
    const stated = statedMediaType(bytes);
    if (stated !== undefined) return stated;
    throw new RegistryError({
      operation: request.operation,
      host: response.url.host,
      method: request.method,
      path: response.url.pathname,
      status: response.status,
      hint: [
        `The answer is neither a manifest nor an index (Content-Type ${JSON.stringify(announced)}).`,
        webPageHint(response, this.connection.origin),
      ]
        .filter(Boolean)
        .join("\n"),
    });
  }

  private nameOf(reference: string): string {
    return `${this.name}${isDigest(reference) ? "@" : ":"}${reference}`;
  }

  private request(method: RegistryRequest["method"], reference: string, operation: string): RegistryRequest {
    return {
      operation,
      method,
      target: `/v2/${this.path}/manifests/${reference}`,
      scopes: [pullScope(this.path)],
      expect: [200],
      headers: { accept: manifestAccept },
      content: { path: this.path, references: [reference] },
    };
  }
}

function contentType(response: HttpResponse): string {
  return (response.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function isKnownMediaType(mediaType: string): boolean {
  return isManifestMediaType(mediaType) || isIndexMediaType(mediaType);
}

/**
 * The media type that a manifest states, or else that of what it is made of: OCI's may leave the
 * field out (image-spec/manifest.md, "mediaType"), and storage that a registry redirects to knows
 * nothing but bytes.
 */
function statedMediaType(bytes: Buffer): string | undefined {
  try {
    const { mediaType, schemaVersion, manifests, config, layers } = parseBoundedJson(bytes) as Record<
      string,
      unknown
    >;
    if (typeof mediaType === "string") return isKnownMediaType(mediaType) ? mediaType : undefined;
    if (schemaVersion !== 2) return undefined;
    if (Array.isArray(manifests)) return MediaType.ociIndex;
    return Array.isArray(layers) && typeof config === "object" ? MediaType.ociManifest : undefined;
  } catch {
    return undefined;
  }
}

/** The blobs and manifests that a manifest names, by kind and digest. */
function namedContent(bytes: Uint8Array): ["blobs" | "manifests", string][] {
  const { config, layers, manifests } = manifestContent(bytes) ?? {};
  const blobs = [config ?? [], layers ?? []].flat();
  return [
    ...blobs.map(({ digest }): ["blobs", string] => ["blobs", digest]),
    ...(manifests ?? []).map(({ digest }): ["manifests", string] => ["manifests", digest]),
  ];
}

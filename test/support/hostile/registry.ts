import { digestOf } from "../../../lib/oci/digest";
import type { ServerCertificate } from "../certificates";
import { answer, json } from "./behaviors";
import { smallImage, type Content, type SmallImage } from "./image";
import { startHostileServer, type HostileServer } from "./server";
import { type Behavior, type Exchange } from "./exchange";

/**
 * The parts of the API in which a hostile registry can misbehave; everything else it does as it
 * should.
 */
export type RegistryFault =
  /** GET and HEAD of any manifest. */
  | "manifest"
  | "config"
  | "layer"
  /** The list of tags. */
  | "tags"
  /** The referrers API, which answers with an empty index otherwise. */
  | "referrers"
  /** The POST that opens an upload or mounts. */
  | "upload"
  /** The PATCH of an upload. */
  | "chunk"
  /** The PUT that ends an upload. */
  | "commit"
  /** The PUT of a manifest. */
  | "publish";

/** How a hostile registry is set up. */
export interface HostileRegistryOptions {
  tls?: ServerCertificate;
  /** What it does instead, by part of the API. */
  faults?: Partial<Record<RegistryFault, Behavior>>;
  /** The image it has; a small one with one file unless given. */
  image?: SmallImage;
}

/** A registry with one image, `acme/app:1.0.0`, that takes pushes into any repository. */
export interface HostileRegistry extends HostileServer {
  image: SmallImage;
  /** `127.0.0.1:PORT/acme/app`. */
  repository: string;
  /** Makes one more part of the API misbehave. */
  fail(part: RegistryFault, behavior: Behavior): void;
  /**
   * Makes more content readable, in any repository; a manifest under its digest and, where given,
   * under a tag.
   */
  hold(content: Content, tag?: string): void;
}

const uploads = /^\/v2\/.+\/blobs\/uploads\//;

/** Starts a hostile registry. */
export async function startHostileRegistry(options: HostileRegistryOptions = {}): Promise<HostileRegistry> {
  const server = await startHostileServer({ tls: options.tls });
  const image = options.image ?? (await smallImage());
  const { manifest, config, layer } = image;
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { mediaType: string; bytes: Buffer }>();
  const pending = new Map<string, Buffer[]>();

  const hold = ({ descriptor, bytes }: Content, tag?: string) => {
    blobs.set(descriptor.digest, bytes);
    for (const name of [descriptor.digest, ...(tag === undefined ? [] : [tag])]) {
      manifests.set(name, { mediaType: descriptor.mediaType, bytes });
    }
  };
  for (const part of [config, layer]) hold(part);
  hold(manifest, "1.0.0");

  const getBlob: Behavior = (exchange) => {
    const bytes = blobs.get(lastPart(exchange));
    return (bytes ? answer(200, bytes) : answer(404))(exchange);
  };
  const getManifest: Behavior = (exchange) => {
    const found = manifests.get(lastPart(exchange));
    if (!found) return answer(404)(exchange);
    const headers = { "content-type": found.mediaType, "docker-content-digest": digestOf(found.bytes) };
    return answer(200, found.bytes, headers)(exchange);
  };
  const openUpload: Behavior = (exchange) => {
    const path = (exchange.request.url ?? "").split("?")[0] ?? "";
    const session = `${path}${pending.size + 1}`;
    pending.set(session, []);
    return answer(202, "", { location: session })(exchange);
  };
  const takeChunk: Behavior = async (exchange) => {
    const session = (exchange.request.url ?? "").split("?")[0] ?? "";
    pending.get(session)?.push(await bodyOf(exchange));
    return answer(202, "", { location: session })(exchange);
  };
  const endUpload: Behavior = async (exchange) => {
    const { pathname, searchParams } = new URL(exchange.request.url ?? "/", server.url);
    const bytes = Buffer.concat([...(pending.get(pathname) ?? []), await bodyOf(exchange)]);
    const digest = digestOf(bytes);
    if (digest !== searchParams.get("digest")) return answer(400)(exchange);
    blobs.set(digest, bytes);
    return answer(201, "", { "docker-content-digest": digest })(exchange);
  };
  const putManifest: Behavior = async (exchange) => {
    const bytes = await bodyOf(exchange);
    const digest = digestOf(bytes);
    // Registries that heed the condition are few; this one stands for them.
    if (exchange.request.headers["if-none-match"] === "*" && manifests.has(lastPart(exchange))) {
      return answer(412)(exchange);
    }
    const stored = { mediaType: exchange.request.headers["content-type"] ?? "", bytes };
    for (const name of [digest, lastPart(exchange)]) manifests.set(name, stored);
    return answer(201, "", { "docker-content-digest": digest })(exchange);
  };

  server.on("GET", "/v2/", json({}));
  for (const method of ["GET", "HEAD"]) {
    server.on(method, /^\/v2\/.+\/blobs\/sha256:/, getBlob);
    server.on(method, /^\/v2\/.+\/manifests\//, getManifest);
  }
  server.on("GET", /^\/v2\/.+\/tags\/list/, json({ name: "acme/app", tags: ["1.0.0"] }));
  server.on(
    "GET",
    /^\/v2\/.+\/referrers\//,
    json({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [] }),
  );
  server.on("POST", uploads, openUpload);
  server.on("PATCH", uploads, takeChunk);
  server.on("PUT", uploads, endUpload);
  server.on("PUT", /^\/v2\/.+\/manifests\//, putManifest);

  const fail = (part: RegistryFault, behavior: Behavior) => {
    for (const [method, path] of placesOf(part, image)) server.on(method, path, behavior);
  };
  for (const [part, behavior] of Object.entries(options.faults ?? {})) {
    fail(part as RegistryFault, behavior);
  }
  return { ...server, image, repository: `${server.host}/acme/app`, fail, hold };
}

function placesOf(part: RegistryFault, { config, layer }: SmallImage): [method: string, path: RegExp][] {
  const blob = (content: Content) => new RegExp(`/blobs/${content.descriptor.digest}`);
  const places: Record<RegistryFault, [string, RegExp][]> = {
    manifest: [
      ["GET", /\/manifests\//],
      ["HEAD", /\/manifests\//],
    ],
    config: [["GET", blob(config)]],
    layer: [["GET", blob(layer)]],
    tags: [["GET", /\/tags\/list/]],
    referrers: [["GET", /\/referrers\//]],
    upload: [["POST", uploads]],
    chunk: [["PATCH", uploads]],
    commit: [["PUT", uploads]],
    publish: [["PUT", /\/manifests\//]],
  };
  return places[part];
}

function lastPart({ request }: Exchange): string {
  return (request.url ?? "").split("?")[0]?.split("/").pop() ?? "";
}

async function bodyOf({ request }: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

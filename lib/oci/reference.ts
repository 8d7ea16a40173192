import { defined } from "../objects/defined";
import { isDigest } from "./digest";

/**
 * Names of registries, repositories, tags and digests, parsed once; strings do not travel further
 * in.
 *
 * Source: distribution-spec 1.1, "Pulling manifests" (grammar of `<name>` and `<reference>`), and
 * the rules of Docker's reference package for short names.
 */

/** `host[:port]`, lower-case repository path below it. */
export interface RepositoryName {
  /** Registry as the user writes it, e.g. `ghcr.io`, `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path of the repository, e.g. `acme/hello`. */
  readonly path: string;
}

/** A repository with a tag, a digest, or both. */
export interface Reference {
  readonly repository: RepositoryName;
  readonly tag?: string;
  readonly digest?: string;
}

/** A name that breaks the grammar. The message has the value, the reason and a valid example. */
export class ReferenceError extends Error {
  override readonly name = "ReferenceError";
}

const pathComponent = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const hostPattern =
  /^(([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(\.([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$/;

/** Docker Hub's name in references; its API lives on another host. */
export const dockerHub = "docker.io";

/**
 * Checks `host[:port]`.
 *
 * @throws ReferenceError for a scheme, a path, or anything else that no host name has.
 */
export function checkRegistryHost(host: string): string {
  const example = `a valid example: "ghcr.io" or "localhost:5000"`;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(host);
  if (scheme) {
    throw new ReferenceError(
      `registry ${JSON.stringify(host)} has the scheme "${scheme[0]}": give the host only (${example})`,
    );
  }
  if (host.includes("/")) {
    throw new ReferenceError(
      `registry ${JSON.stringify(host)} has a path: give the host here and the path as namespace (${example})`,
    );
  }
  const port = /:([0-9]+)$/.exec(host)?.[1];
  if (!hostPattern.test(host) || (port !== undefined && Number(port) > 65535)) {
    throw new ReferenceError(`registry ${JSON.stringify(host)} is not a host name (${example})`);
  }
  return host;
}

/**
 * Checks the path of a repository: lower-case components of letters, digits and separators, at most
 * 255 characters.
 *
 * @throws ReferenceError, with the lower-case form where only the case is wrong.
 */
export function checkRepositoryPath(path: string): string {
  const valid =
    path.length > 0 && path.length <= 255 && path.split("/").every((part) => pathComponent.test(part));
  if (valid) return path;
  const lower = path.toLowerCase();
  if (lower !== path && lower.split("/").every((part) => pathComponent.test(part))) {
    throw new ReferenceError(
      `repository ${JSON.stringify(path)} has upper-case letters, which no registry accepts: use "${lower}"`,
    );
  }
  throw new ReferenceError(
    `repository ${JSON.stringify(path)} is not valid: lower-case letters and digits, separated by ".", "_", "-" ` +
      `or "/" (a valid example: "acme/hello")`,
  );
}

/**
 * Checks a tag: up to 128 of letters, digits, `_`, `.` and `-`, not starting with `.` or `-`.
 *
 * @throws ReferenceError
 */
export function checkTag(tag: string): string {
  if (tagPattern.test(tag)) return tag;
  throw new ReferenceError(
    `tag ${JSON.stringify(tag)} is not valid: up to 128 letters, digits, "_", "." and "-", the first a letter, ` +
      `digit or "_" (a valid example: "v1.2.3")`,
  );
}

/**
 * Checks a SHA-256 digest.
 *
 * @throws ReferenceError
 */
export function checkDigest(digest: string): string {
  if (isDigest(digest)) return digest;
  throw new ReferenceError(
    `digest ${JSON.stringify(digest)} is not valid: "sha256:" and 64 lower-case hexadecimal digits`,
  );
}

/** Returns whether the first component of a name is a host rather than a Docker Hub namespace. */
function looksLikeHost(component: string): boolean {
  return component.includes(".") || component.includes(":") || component === "localhost";
}

/**
 * Reads the name of a repository, e.g. `ghcr.io/acme/hello`. A name without a host is Docker Hub's,
 * as everywhere: `alpine` is `docker.io/library/alpine`.
 *
 * @throws ReferenceError
 */
export function parseRepository(text: string): RepositoryName {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  if (slash > 0 && looksLikeHost(first)) {
    const registry = checkRegistryHost(first === "index.docker.io" ? dockerHub : first);
    return { registry, path: hubPath(registry, checkRepositoryPath(text.slice(slash + 1))) };
  }
  return { registry: dockerHub, path: hubPath(dockerHub, checkRepositoryPath(text)) };
}

function hubPath(registry: string, path: string): string {
  return registry === dockerHub && !path.includes("/") ? `library/${path}` : path;
}

/**
 * Reads `repository[:tag][@digest]`. A reference with neither gets no tag: the caller decides
 * whether `latest` is meant.
 *
 * @throws ReferenceError
 */
export function parseReference(text: string): Reference {
  let rest = text;
  let digest: string | undefined;
  let tag: string | undefined;
  const at = rest.indexOf("@");
  if (at >= 0) {
    digest = checkDigest(rest.slice(at + 1));
    rest = rest.slice(0, at);
  }
  const colon = rest.lastIndexOf(":");
  if (colon > rest.lastIndexOf("/")) {
    tag = checkTag(rest.slice(colon + 1));
    rest = rest.slice(0, colon);
  }
  const repository = parseRepository(rest);
  return defined({ repository, tag, digest });
}

/** Writes a repository as `host/path`. */
export function formatRepository(repository: RepositoryName): string {
  return `${repository.registry}/${repository.path}`;
}

/** Writes a reference as `host/path[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${formatRepository(reference.repository)}${tag}${digest}`;
}

/** The host that serves the distribution API of a registry: Docker Hub's differs from its name. */
export function apiHost(registry: string): string {
  return registry === dockerHub || registry === "index.docker.io" ? "registry-1.docker.io" : registry;
}

/**
 * Returns whether a place for images is on this machine: a layout or archive, or a registry, by
 * `host/path`.
 */
export function isOnThisMachine(place: string): boolean {
  return /^oci-(layout|archive):/.test(place) || isLocalRegistry(place.split("/")[0] ?? "");
}

/** Returns whether a registry is on this machine, where plain HTTP is the custom. */
export function isLocalRegistry(registry: string): boolean {
  const host = registry.replace(/:[0-9]+$/, "");
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d+){3}$/.test(host)
  );
}

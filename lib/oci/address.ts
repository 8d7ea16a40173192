import { resolve } from "node:path";
import { defined } from "../objects/defined";
import { OciArchive, type OciArchiveOptions } from "./archive/archive";
import { OciLayout } from "./layout";
import {
  checkDigest,
  checkTag,
  formatReference,
  parseReference,
  type Reference,
  type RepositoryName,
} from "./reference";
import type { Repository } from "./repository";

/** Scheme of an OCI image layout in a directory. */
export const layoutScheme = "oci-layout:";

/** Scheme of an OCI image layout in a tar file. */
export const archiveScheme = "oci-archive:";

/** Where content is, with what is meant there: a tag, a digest, both, or neither. */
export type Address =
  | ({ readonly kind: "registry" } & Reference)
  | {
      readonly kind: "layout" | "archive";
      /** As written; relative to a base directory that the address does not know. */
      readonly path: string;
      readonly tag?: string;
      readonly digest?: string;
    };

/** An address that cannot be. The message has the value, the reason and valid examples. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/**
 * A repository that an address names; `seal` and `close` are there where it is an archive (see
 * `OciArchive`).
 */
export type OpenedRepository = Repository & Partial<Pick<OciArchive, "seal" | "close">>;

/** Options of {@link openRepository}. */
export interface OpenRepositoryOptions {
  /** For addresses of registries; a `RegistryClient` is one. */
  registryClient: { repository(name: RepositoryName): Repository | Promise<Repository> };
  /** Absolute directory that paths are relative to. */
  baseDirectory: string;
  /** For archives as targets. */
  archive?: OciArchiveOptions;
}

const examples =
  `valid examples: "ghcr.io/acme/hello:v1", "${layoutScheme}./image:v1", "${archiveScheme}./image.tar:v1", ` +
  `each with or without a tag or "@sha256:…"`;

/** What other programs call the same, and things that are refused on purpose. */
const foreignSchemes: Readonly<Record<string, string>> = {
  "oci:": `an image layout is written "${layoutScheme}PATH"`,
  "docker:": "write the reference without docker://",
  "docker-archive:": `an archive of docker save is written "${archiveScheme}PATH.tar"; it has to be of Docker 25 or newer`,
  "dir:": `only image layouts are read ("${layoutScheme}PATH")`,
  "http:": "write the host without http://",
  "https:": "write the host without https://",
};

/**
 * Reads an address: `host/path`, `oci-layout:PATH` or `oci-archive:PATH`, each with
 * `[:tag][@digest]`. A path ends at the last colon that no slash follows.
 *
 * @throws AddressError
 */
export function parseAddress(text: string): Address {
  try {
    if (text.startsWith(layoutScheme)) return fileAddress("layout", text.slice(layoutScheme.length));
    if (text.startsWith(archiveScheme)) return archiveAddress(text.slice(archiveScheme.length));
    return { kind: "registry", ...parseReference(text) };
  } catch (error) {
    const scheme = /^[a-z-]+:/.exec(text)?.[0] ?? "";
    const hint = Object.hasOwn(foreignSchemes, scheme) ? foreignSchemes[scheme] : undefined;
    throw new AddressError(
      `address ${JSON.stringify(text)}: ${hint ?? (error as Error).message} (${examples})`,
      { cause: error },
    );
  }
}

/** Writes an address as {@link parseAddress} reads it. */
export function formatAddress(address: Address): string {
  if (address.kind === "registry") return formatReference(address);
  const scheme = address.kind === "layout" ? layoutScheme : archiveScheme;
  const tag = address.tag === undefined ? "" : `:${address.tag}`;
  const digest = address.digest === undefined ? "" : `@${address.digest}`;
  return `${scheme}${address.path}${tag}${digest}`;
}

/**
 * Opens what an address names, as source or target. Tag and digest of the address have no say: they
 * are for the methods of the repository. Whoever writes to an archive keeps the one that was
 * opened, and seals it.
 *
 * @throws AddressError for a text that is not an address
 */
export async function openRepository(
  address: string | Address,
  options: OpenRepositoryOptions,
): Promise<OpenedRepository> {
  const parsed = typeof address === "string" ? parseAddress(address) : address;
  switch (parsed.kind) {
    case "registry":
      return options.registryClient.repository(parsed.repository);
    case "layout":
      return new OciLayout(resolve(options.baseDirectory, parsed.path));
    case "archive":
      return new OciArchive(resolve(options.baseDirectory, parsed.path), options.archive);
  }
}

function archiveAddress(text: string): Address {
  const address = fileAddress("archive", text);
  const compressed = /\.(tgz|tar\.[a-z0-9]+|gz|zst|bz2|xz)$/.exec(address.path)?.[0];
  if (compressed === undefined) return address;
  throw new Error(
    `the name of an archive ends in ".tar", not in "${compressed}": it is not compressed, its layers are`,
  );
}

function fileAddress(kind: "layout" | "archive", text: string): Extract<Address, { path: string }> {
  let rest = text;
  const at = rest.lastIndexOf("@");
  const digest = at >= 0 && /^sha\d[^/]*$/s.test(rest.slice(at + 1)) ? rest.slice(at + 1) : undefined;
  if (digest !== undefined) rest = rest.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const tag = colon > rest.lastIndexOf("/") ? rest.slice(colon + 1) : undefined;
  if (tag !== undefined) rest = rest.slice(0, colon);
  if (rest === "" || rest.includes("\0")) throw new Error("it has no path");
  return defined({
    kind,
    path: rest,
    tag: tag === undefined ? undefined : checkTag(tag),
    digest: digest === undefined ? undefined : checkDigest(digest),
  });
}

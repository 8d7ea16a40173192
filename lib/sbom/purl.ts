import { PackageURL } from "packageurl-js";
import { digestHex } from "../oci/digest";
import { formatRepository, type Reference } from "../oci/reference";
import type { DeclaredPackage, OperatingSystem } from "./packages/declared-package";
import { definedValues } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";

/** Package URLs. Source: package-url/purl-spec, "purl-types". */

/** The package URL of a declared package; those of an operating system carry which one. */
export function packagePurl(declared: DeclaredPackage, system: OperatingSystem | undefined): string {
  const { type, name, version, architecture, upstream } = declared;
  const ofSystem = type === "deb" || type === "apk";
  const slash = name.lastIndexOf("/");
  const qualifiers: Record<string, string> = {};
  if (ofSystem) {
    if (architecture) qualifiers.arch = architecture;
    if (system) qualifiers.distro = system.version ? `${system.id}-${system.version}` : system.id;
    if (upstream) qualifiers.upstream = upstream;
  }
  const namespace = ofSystem
    ? (system?.id ?? (type === "deb" ? "debian" : "alpine"))
    : slash > 0
      ? name.slice(0, slash)
      : undefined;
  return purl(type, namespace, ofSystem ? name : name.slice(slash + 1), version, qualifiers);
}

/**
 * The package URL of an image. It names no registry, for the image is the same in each, and so is
 * what is written about it.
 */
export function imagePurl(name: string, digest: string, architecture?: string): string {
  return purl("oci", undefined, name, digest, architecture ? { arch: architecture } : {});
}

/**
 * The package URL of an image that somebody else publishes: with where it is and under which tag.
 */
export function externalImagePurl({ repository, tag, digest }: Reference): string {
  const where = formatRepository(repository);
  const name = where.slice(where.lastIndexOf("/") + 1);
  return purl("oci", undefined, name, digest, definedValues({ repository_url: where, tag: nonEmpty(tag) }));
}

/** A digest as document fields want it: without its algorithm. */
export function sha256Hex(digest: string): string {
  return digestHex(digest);
}

function purl(
  type: string,
  namespace: string | undefined,
  name: string,
  version: string | undefined,
  qualifiers: Record<string, string>,
): string {
  const some = Object.keys(qualifiers).length > 0 ? qualifiers : undefined;
  const text = new PackageURL(type, namespace, name, version, some, undefined).toString();
  // The library leaves it as it is in versions; some readers take it for a blank.
  return text.replaceAll("+", "%2B");
}
